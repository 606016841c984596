"""A baseline excuses what was known, once each, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.baseline import Baseline
from analyzer.errors import AnalyzerError
from analyzer.findings import Policy, Thresholds, find
from analyzer.report import Report
from tests.render.specs import make_report, sentence

EVERY = Policy(thresholds=Thresholds(matters=0))


def reported(*texts: str, silenced: tuple[int, ...] = (), **document: object) -> Report:
    report = make_report([sentence(text) for text in texts], **document)
    found = find(report, EVERY, {index: ["unsourced"] for index in silenced})
    return report.model_copy(update={"findings": found})


def statuses(report: Report) -> list[str]:
    return [finding.status for finding in report.findings]


def test_only_what_is_new_stays_open() -> None:
    baseline = Baseline([reported("Prices rose.", "Rents fell.")])
    assert statuses(baseline.mark(reported("Wages stood.", "Rents   fell!"))) == ["open", "known"]
    assert baseline.left() == 1


def test_each_known_finding_excuses_one_in_whichever_document() -> None:
    baseline = Baseline([reported("Prices rose.", path="old.md")])
    assert statuses(baseline.mark(reported("Prices rose.", "Prices rose.", path="new.md"))) == ["known", "open"]
    assert statuses(baseline.mark(reported("Prices rose."))) == ["open"]


def test_what_was_silenced_was_not_accepted() -> None:
    baseline = Baseline([reported("Prices rose.", silenced=(0,))])
    assert statuses(baseline.mark(reported("Prices rose."))) == ["open"]
    assert statuses(Baseline([reported("Prices rose.")]).mark(reported("Prices rose.", silenced=(0,)))) == ["silenced"]


def test_a_dependence_that_was_as_high_is_nothing_new() -> None:
    now = make_report([sentence("So it failed.")], conclusions={0: 0.7}, path="a.md")
    before = make_report([sentence("So it failed.")], conclusions={0: 0.7}, path="a.md")
    lower = make_report([sentence("So it failed.")], conclusions={0: 0.6}, path="a.md")
    other = make_report([sentence("So it failed.")], conclusions={0: 0.9}, path="b.md")
    assert Baseline([before]).was_over(now)
    spelled = make_report([sentence("So it failed.")], conclusions={0: 0.7}, path="./news/../a.md")
    assert Baseline([before]).was_over(spelled)
    assert not Baseline([lower, other]).was_over(now)


def test_a_document_on_another_drive_is_known_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr("os.path.relpath", refuse)
    report = make_report([sentence("So it failed.")], conclusions={0: 0.7}, path="D:/a.md")
    assert Baseline([report]).was_over(report)


@pytest.mark.parametrize("several", ["object", "list", "lines"])
def test_json_reports_are_read_in_every_form_they_are_written_in(tmp_path: Path, several: str) -> None:
    one, two = reported("Prices rose."), reported("Rents fell.")
    text = {
        "object": one.to_json(),
        "list": f"[{one.to_json()}, {two.to_json()}]",
        "lines": f"{one.to_json(indent=None)}\n{two.to_json(indent=None)}\n",
    }[several]
    path = tmp_path / "before.json"
    path.write_text(text, encoding="utf-8")
    marked = Baseline.read(path).mark(reported("Prices rose.", "Rents fell."))
    assert statuses(marked) == (["known", "open"] if several == "object" else ["known", "known"])


@pytest.mark.parametrize("content", ["", "{}", "not JSON", '[{"schema_version": "1"}]', "[3]", "\xff", "[" * 200_000])
def test_what_is_no_report_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "before.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(AnalyzerError, match=r"baseline .*before\.json: ") as error:
        Baseline.read(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match=r"nowhere\.json: cannot be read"):
        Baseline.read(tmp_path / "nowhere.json")
