"""Formats and where they go: JSON as data, text as a file, and what a stream's encoding allows."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from analyzer.errors import AnalyzerError
from analyzer.render import FORMATS, output
from analyzer.render.files import relative_path, shown_path
from analyzer.report import Report, json_schema
from tests.render.specs import make_report, sentence

REPORT = make_report(
    [sentence("Le “café” costs 東京 🎈."), sentence("Why.", role="premise")], links={(1, 0): 0.9}, conclusions={0: 0.6}
)


def as_json(reports: list[Report], *, quiet: bool = False) -> str:
    stream = io.StringIO()
    FORMATS["json"](reports, stream, quiet=quiet)
    return stream.getvalue()


def test_one_report_is_an_object_that_fits_the_schema_and_reads_back() -> None:
    text = as_json([REPORT])
    jsonschema.validate(json.loads(text), json_schema())
    assert Report.model_validate_json(text) == REPORT


def test_several_reports_are_an_array_and_quietly_one_line_each() -> None:
    assert [Report.model_validate(r) for r in json.loads(as_json([REPORT, REPORT]))] == [REPORT, REPORT]
    lines = as_json([REPORT, REPORT], quiet=True).splitlines()
    assert [Report.model_validate_json(line) for line in lines] == [REPORT, REPORT]


def test_quietly_no_report_is_no_line() -> None:
    assert as_json([], quiet=True) == ""


def test_json_for_a_stream_without_unicode_is_the_same_data() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    FORMATS["json"]([REPORT], stream, quiet=False)
    stream.flush()
    assert Report.model_validate_json(stream.buffer.getvalue()) == REPORT  # type: ignore[attr-defined]


def test_a_file_gets_plain_utf_8_without_trailing_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = tmp_path / "report.txt"
    output([REPORT], format="terminal", path=path)
    text = path.read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert "s0 Le “café” costs 東京 🎈." in text
    assert all(line == line.rstrip() for line in text.splitlines())
    output([REPORT], format="terminal", path=path, quiet=True)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_without_a_file_the_report_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output([REPORT], format="json")
    assert Report.model_validate_json(capsys.readouterr().out) == REPORT
    output([REPORT], format="terminal")
    assert "The Title" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerError, match="missing/out"):
        output([REPORT], format="json", path=tmp_path / "missing" / "out.json")


def test_of_documents_that_all_failed_only_formats_for_programs_tell(tmp_path: Path) -> None:
    told = {}
    for format in FORMATS:
        path = tmp_path / format
        path.write_text("of before", encoding="utf-8")
        output([], format=format, path=path, failures=["a.md: no such file"])
        told[format] = path.read_text(encoding="utf-8")
    assert json.loads(told.pop("json")) == []
    [invocation] = json.loads(told.pop("sarif"))["runs"][0]["invocations"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a.md: no such file"
    assert set(told.values()) == {"of before"}


def test_a_file_on_another_drive_has_no_path_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr("os.path.relpath", refuse)
    report = make_report([sentence("Why.")], path="D:/news/a.md")
    assert relative_path("D:/news/a.md") is None and shown_path(report) == "D:/news/a.md"


def test_json_does_not_import_rich() -> None:
    code = "import sys, analyzer.render as r; r.output([], format='json', quiet=True); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_a_closed_pipe_is_left_to_the_caller() -> None:
    """rich would exit with 1, which for the command line means that a threshold was crossed."""
    from analyzer.render.terminal import console_for

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        console_for(Closed()).print("text")
