"""Manners of the command line: configuration, silenced findings, thresholds, baselines, the difference of an edit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.report import Report
from tests.conftest import EXAMPLES, RunCommand
from tests.test_cli import EXAMPLE, copy_of_model, one_line

COLUMN = EXAMPLES / "opinion-column.md"
# Every conclusion of an example is a finding, whatever a model is sure of.
EVERY = "[thresholds]\nlabel = 0\ndependence = 0\nmatters = 0\nloaded = 0\n"


@pytest.fixture
def column(tmp_path: Path) -> Path:
    """An example beside a configuration that makes many findings."""
    (tmp_path / "analyzer.toml").write_text(EVERY, encoding="utf-8")
    path = tmp_path / "column.md"
    path.write_bytes(COLUMN.read_bytes())
    return path


def read(path: Path) -> Report:
    return Report.model_validate_json(path.read_text(encoding="utf-8"))


def test_fail_on_fails_on_the_findings_of_its_rules_and_exit_zero_does_not(run: RunCommand, column: Path) -> None:
    failed = run("report", "-f", "concise", "column.md", "--fail-on", "dependent-conclusion,circular")
    assert failed.returncode == 1
    assert b"column.md:" in failed.stdout and b"note dependent-conclusion: " in failed.stdout
    assert run("report", "-q", "column.md", "--fail-on", "dependent-conclusion", "--exit-zero").returncode == 0
    assert run("report", "-q", "missing.md", "column.md", "--exit-zero").returncode == 2


def test_the_terminal_report_shows_findings(run: RunCommand, column: Path) -> None:
    text = run("report", "column.md").stdout.decode()
    assert "Findings ─" in text and "note dependent-conclusion" in text


def test_the_configuration_holds_and_the_command_line_wins(run: RunCommand, column: Path) -> None:
    config = column.parent / "analyzer.toml"
    config.write_text('fail_on = ["dependent-conclusion"]\n' + EVERY, encoding="utf-8")
    assert run("report", "-q", "column.md").returncode == 1
    assert run("report", "-q", "column.md", "--fail-on", "").returncode == 0
    config.write_text("fail_over = 0\nvague_credit = 0\n", encoding="utf-8")
    assert run("report", "-q", "column.md").returncode == 1
    assert run("report", "-q", "column.md", "--fail-over", "1").returncode == 0
    strict, lenient = (
        json.loads(run("report", "-f", "json", "column.md", *extra).stdout)["document"]["dependence"]
        for extra in ((), ("--vague-credit", "1"))
    )
    assert strict > lenient


def test_the_model_of_the_configuration_is_relative_to_it(run: RunCommand, column: Path) -> None:
    (column.parent / "analyzer.toml").write_text('model = "models/none"', encoding="utf-8")
    done = run("report", "-q", "column.md")
    assert done.returncode == 2
    one_line(done.stderr, str(Path("models") / "none"))
    (column.parent / "analyzer.toml").write_text('model = "model"', encoding="utf-8")
    copy_of_model(column.parent)
    assert run("report", "-q", "column.md").returncode == 0


def test_a_wrong_configuration_is_one_line(run: RunCommand, column: Path) -> None:
    (column.parent / "analyzer.toml").write_text("[findings]\nlodaed = 'off'", encoding="utf-8")
    done = run("report", "-q", "column.md")
    assert done.returncode == 2
    one_line(done.stderr, "analyzer.toml", "findings.lodaed", "findings.loaded")


def test_ignored_documents_are_passed_over_aloud(run: RunCommand, column: Path) -> None:
    (column.parent / "analyzer.toml").write_text('ignore = ["col*"]', encoding="utf-8")
    done = run("report", "-f", "sarif", "column.md")
    assert done.returncode == 0
    one_line(done.stderr, "column.md", "passed over", "analyzer.toml")
    assert json.loads(done.stdout)["runs"][0]["results"] == []


def test_silenced_findings_are_counted_and_do_not_fail(run: RunCommand, column: Path) -> None:
    text = column.read_text(encoding="utf-8")
    column.write_text(f"<!-- analyzer: begin ignore -->\n{text}\n<!-- analyzer: end ignore -->\n", encoding="utf-8")
    done = run("report", "-f", "concise", "column.md", "--fail-on", "dependent-conclusion")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("1 document: no finding, ")
    assert done.stdout.decode().endswith(" silenced in the text\n")
    column.write_text(f"<!-- analyzer: ignore lodaed -->\n{text}", encoding="utf-8")
    one_line(run("report", "-q", "column.md").stderr, "column.md", "line 1", "'lodaed'", "'loaded'")


def test_with_a_baseline_only_what_is_new_counts(run: RunCommand, column: Path) -> None:
    run("report", "-f", "json", "-o", "before.json", "column.md")
    before = read(column.parent / "before.json")
    assert before.findings
    again = ("report", "column.md", "--baseline", "before.json", "--fail-on", "dependent-conclusion,unsourced")
    same = run(*again, "-f", "concise")
    assert same.returncode == 0
    assert same.stdout.decode() == f"1 document: no finding, {len(before.findings)} known from the baseline\n"
    assert run(*again, "-q", "--fail-over", "0").returncode == 0
    column.write_text(column.read_text(encoding="utf-8") + "\n\nThe vote was on Tuesday.\n", encoding="utf-8")
    new = run(*again, "-f", "json")
    opened = [f for f in json.loads(new.stdout)["findings"] if f["status"] == "open"]
    assert new.returncode == (1 if {f["rule"] for f in opened} & {"dependent-conclusion", "unsourced"} else 0)
    assert {f["fingerprint"] for f in opened}.isdisjoint(f.fingerprint for f in before.findings)


def test_a_wrong_baseline_or_rule_is_one_line(run: RunCommand, column: Path) -> None:
    done = run("report", "column.md", "--baseline", "column.md")
    assert done.returncode == 2
    one_line(done.stderr, "column.md", "--format json")
    done = run("report", "column.md", "--fail-on", "unsorced")
    assert done.returncode == 2
    one_line(done.stderr, "'unsorced'", "'unsourced'")


def test_diff_as_text_and_as_html(run: RunCommand, column: Path) -> None:
    text = column.read_text(encoding="utf-8")
    (column.parent / "new.md").write_text(text + "\n\nSo the plan has plainly failed.\n", encoding="utf-8")
    done = run("report", "--diff", "column.md", "new.md")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().startswith("column.md → new.md\n")
    assert "+ s35 So the plan has plainly failed." in done.stdout.decode()
    assert run("report", "--diff", "column.md", "new.md", "-f", "html", "-o", "diff.html").returncode == 0
    assert "So the plan has plainly failed." in (column.parent / "diff.html").read_text(encoding="utf-8")
    assert run("report", "--diff", "column.md", "column.md", "-q", "--fail-on", "dependent-conclusion").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["give documents, or --diff OLD NEW"]),
        ([EXAMPLE, "--diff", EXAMPLE, EXAMPLE], ["give documents, or --diff OLD NEW"]),
        (["--diff", EXAMPLE, EXAMPLE, "-f", "sarif"], ["'sarif'", "html"]),
        (["--diff", EXAMPLE, "missing.md"], ["missing.md"]),
    ],
)
def test_wrong_arguments_are_named(run: RunCommand, arguments: list[str], words: list[str]) -> None:
    done = run("report", *arguments)
    assert done.returncode == 2
    one_line(done.stderr, *words)


@pytest.mark.parametrize("format", ["markdown", "sarif", "github", "aif", "concise"])
def test_every_form_is_written_for_the_examples(run: RunCommand, format: str) -> None:
    done = run("report", "-f", format, *sorted(EXAMPLES.glob("*.md")))
    assert (done.returncode, done.stderr) == (0, b"")
    if format in ("sarif", "aif"):
        json.loads(done.stdout)
