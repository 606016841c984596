"""The command line as users meet it: output, exit codes, and one clear line for everything that is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from analyzer.model.folder import default_folder
from analyzer.report import json_schema
from tests.conftest import EXAMPLES, RunCommand

EXAMPLE = EXAMPLES / "technology-analysis.md"


def one_line(stderr: bytes, *words: str) -> None:
    """The message is one line that names the program and holds every word."""
    lines = stderr.decode().strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("analyzer: ")
    for word in words:
        assert word in lines[0]


def test_a_report_of_the_example_is_plain_text_when_piped(run: RunCommand) -> None:
    done = run("report", EXAMPLE)
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert "dependence" in text.lower()
    assert "regulatory capture" in text
    assert done.stderr == b""


def test_json_of_one_document_is_an_object_and_of_several_a_list(run: RunCommand) -> None:
    one = json.loads(run("report", "--format", "json", EXAMPLE).stdout)
    jsonschema.validate(one, json_schema())
    several = json.loads(run("report", "-f", "json", EXAMPLE, EXAMPLES / "news-report.md").stdout)
    assert [r["document"]["id"] for r in several] == ["technology-analysis", "news-report"]
    assert several[0] == one


def test_the_published_schema_is_printed(run: RunCommand) -> None:
    assert json.loads(run("schema").stdout) == json_schema()


def test_output_goes_to_a_file(run: RunCommand, tmp_path: Path) -> None:
    done = run("report", EXAMPLE, "--format", "json", "-o", "out.json")
    assert done.returncode == 0
    assert done.stdout == b""
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["schema_version"] == "1"


def test_an_output_file_that_cannot_be_written_is_an_error(run: RunCommand) -> None:
    done = run("report", EXAMPLE, "-o", "no/such/folder/out.txt")
    assert done.returncode == 2
    one_line(done.stderr, "no/such/folder/out.txt")


def test_standard_input_is_read(run: RunCommand) -> None:
    done = run("report", "-", "--format", "json", stdin=EXAMPLE.read_bytes())
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["sentences"]) > 60


def test_quiet_is_one_line_a_document(run: RunCommand) -> None:
    done = run("report", "--quiet", EXAMPLE, EXAMPLES / "news-report.md")
    assert len(done.stdout.decode().strip().splitlines()) == 2


def test_fail_over_sets_exit_code_one_and_says_why(run: RunCommand) -> None:
    over = run("report", "-f", "concise", EXAMPLE, EXAMPLES / "news-report.md", "--fail-over", "0")
    assert over.returncode == 1
    one_line(over.stderr, EXAMPLE.name, "is above 0")
    under = run("report", "-q", EXAMPLE, "--fail-over", "1")
    assert (under.returncode, under.stderr) == (0, b"")


def test_no_document_is_lost_to_its_own_report(run: RunCommand, tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("Prices rose. Critics say that they fell.", encoding="utf-8")
    for arguments in (("a.md",), ("--diff", EXAMPLE, "a.md")):
        done = run("report", *arguments, "-o", tmp_path / "." / "a.md")
        assert done.returncode == 2
        one_line(done.stderr, "a.md", "choose another file")
    assert article.read_text(encoding="utf-8").startswith("Prices rose.")


def test_a_program_learns_that_a_document_failed(run: RunCommand) -> None:
    listed = run("report", "-f", "json", EXAMPLE, "nowhere.md")
    assert [report["document"]["id"] for report in json.loads(listed.stdout)] == ["technology-analysis"]
    log = run("report", "-f", "sarif", EXAMPLE, "nowhere.md")
    [invocation] = json.loads(log.stdout)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nowhere.md" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert (listed.returncode, log.returncode) == (2, 2)


def test_a_conclusion_by_name(run: RunCommand) -> None:
    done = run("report", "-f", "json", "--conclusion", "regulatory capture", EXAMPLE)
    stated = [
        s for s in json.loads(done.stdout)["sentences"] if s["notes"] == ["states 'regulatory capture', as asked for"]
    ]
    assert stated
    assert all(s["role"] == "conclusion" for s in stated)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "yaml"], ["'yaml'", "json"]),
        (["--conclusion", "is it"], ["'is it'"]),
        (["--model", "nowhere"], ["nowhere"]),
    ],
)
def test_wrong_options_are_named(run: RunCommand, arguments: list[str], words: list[str]) -> None:
    done = run("report", EXAMPLE, *arguments)
    assert done.returncode == 2
    one_line(done.stderr, *words)


def test_an_option_out_of_range_is_exit_code_two(run: RunCommand) -> None:
    done = run("report", EXAMPLE, "--fail-over", "7")
    assert done.returncode == 2
    one_line(done.stderr, "--fail-over", "7")


BAD_FILES = {
    "missing.txt": None,
    "empty.txt": b"",
    "blank.txt": b" \n\t \r\n",
    "junk.txt": bytes(range(256)) * 40,
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(500),
    "broken.docx": b"PK\x03\x04" + b"not a zip at all" * 20,
    "broken.pdf": b"%PDF-1.7\nnothing that follows is a PDF",
    "nothing.html": b"<html><head><script>alert(1)</script></head><body></body></html>",
    "huge.txt": b"The river rose. " * 1_300_000,
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_line_and_the_others_are_still_reported(run: RunCommand, tmp_path: Path, name: str) -> None:
    content = BAD_FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run("report", "--quiet", name, EXAMPLE)
    assert done.returncode == 2
    one_line(done.stderr, name)
    assert "technology-analysis" in done.stdout.decode()


def test_a_folder_is_not_a_document(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = run("report", "folder")
    assert done.returncode == 2
    one_line(done.stderr, "folder")


TEXT = "The council raised “water rates” by 9 percent, said Zoë Müller. It was a mistake — and everybody knows it."


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.replace(" ", " \0").encode(),
    ],
    ids=["utf-16", "utf-16-le", "utf-8-sig", "cp1252", "nul"],
)
def test_odd_encodings_are_read(run: RunCommand, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.txt").write_bytes(data)
    done = run("report", "-f", "json", "odd.txt")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["document"]["text"] == TEXT


def test_latin_1_is_read(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("The café raised prices, said Zoë Müller. It was a mistake.".encode("latin-1"))
    assert "Zoë Müller" in json.loads(run("report", "-f", "json", "latin.txt").stdout)["document"]["text"]


def test_another_language_is_analysed_with_a_visible_warning(run: RunCommand, tmp_path: Path) -> None:
    german = (
        "Die Regierung hat am Mittwoch beschlossen, dass die Steuern nicht steigen. Der Minister sagte, es sei gut so. "
    )
    (tmp_path / "german.txt").write_text(german * 3, encoding="utf-8")
    done = run("report", "german.txt")
    assert done.returncode == 0
    assert "English" in done.stdout.decode()
    assert "warning" in done.stderr.decode()
    compared = run("report", "--diff", "german.txt", EXAMPLE)
    assert "Note on german.txt: " in compared.stdout.decode() and "English" in compared.stdout.decode()
    one_line(compared.stderr, "warning", "german.txt")


def test_a_note_that_only_has_the_word_english_is_no_warning(run: RunCommand) -> None:
    done = run("report", "--quiet", EXAMPLE, "--conclusion", "English must be banned from the streets")
    assert done.returncode == 0 and done.stderr == b""


def test_markup_in_a_document_stays_inert(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text(
        "It was [bold red]cheap[/]. \x1b[2J\x1b]0;owned\x07 Nobody paid [link=http://x]it[/link]."
    )
    done = run("report", "evil.txt")
    assert done.returncode == 0, done.stderr.decode()
    assert b"\x1b" not in done.stdout
    assert b"[bold red]cheap[/]" in done.stdout


def copy_of_model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "model"))


@pytest.mark.parametrize(
    "name",
    ["config.json", "tokenizer.json", "schema.json", "heads.safetensors", "model.int8.onnx", "model.int8.onnx.data"],
)
def test_an_incomplete_model_folder_says_what_is_missing(run: RunCommand, tmp_path: Path, name: str) -> None:
    (copy_of_model(tmp_path) / name).unlink()
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2
    one_line(done.stderr, name)


@pytest.mark.parametrize(
    "name",
    ["config.json", "tokenizer.json", "schema.json", "heads.safetensors", "model.int8.onnx", "model.int8.onnx.data"],
)
def test_a_damaged_model_file_is_named(run: RunCommand, tmp_path: Path, name: str) -> None:
    (copy_of_model(tmp_path) / name).write_bytes(b"{}")
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2
    one_line(done.stderr, name)


@pytest.mark.parametrize("name", ["config.json", "schema.json"])
def test_a_model_file_that_is_not_utf_8_is_named(run: RunCommand, tmp_path: Path, name: str) -> None:
    (copy_of_model(tmp_path) / name).write_bytes(b"\xff\xfe{}")
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2 and b"internal error" not in done.stderr
    one_line(done.stderr, name)


@pytest.mark.parametrize("name", ["config.json", "schema.json"])
def test_a_model_of_another_format_is_refused(run: RunCommand, tmp_path: Path, name: str) -> None:
    path = copy_of_model(tmp_path) / name
    data = json.loads(path.read_text(encoding="utf-8"))
    (data["analyzer"] if name == "config.json" else data)["format"] = 99
    path.write_text(json.dumps(data), encoding="utf-8")
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2
    one_line(done.stderr, "99")


@pytest.mark.parametrize(("kind", "name"), [("temperatures", "type"), ("thresholds", "spans.cue")])
def test_a_model_that_was_not_calibrated_is_refused(run: RunCommand, tmp_path: Path, kind: str, name: str) -> None:
    path = copy_of_model(tmp_path) / "config.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["analyzer"][kind][name]
    path.write_text(json.dumps(data), encoding="utf-8")
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2
    one_line(done.stderr, "config.json", kind, name)


def test_a_model_that_gives_a_standard_head_other_labels_is_refused(run: RunCommand, tmp_path: Path) -> None:
    path = copy_of_model(tmp_path) / "schema.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["heads"][3]["labels"] = ["named", "unnamed"]
    path.write_text(json.dumps(data), encoding="utf-8")
    done = run("report", EXAMPLE, "--model", "model")
    assert done.returncode == 2
    one_line(done.stderr, "sourcing", "other labels")


def test_debug_shows_the_traceback(run: RunCommand) -> None:
    done = run("report", "missing.txt", "--debug")
    assert done.returncode != 0
    assert b"Traceback" in done.stderr


@pytest.mark.parametrize("command", [[], ["report"], ["serve"], ["schema"], ["train"], ["evaluate"]])
def test_help_has_examples(run: RunCommand, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert not command or "Example" in done.stdout.decode()


def test_a_report_imports_nothing_that_it_does_not_need() -> None:
    """Neither the heavy libraries of training, nor other commands, formats and readers."""
    unneeded = {"torch", "transformers", "sklearn", "scipy", "datasets", "lxml", "jinja2", "asyncio"}
    unneeded |= {f"analyzer.{name}" for name in ("cli.train", "cli.score", "render.html", "render.aif", "comparison")}
    code = (
        "import sys; sys.argv = ['analyzer', 'report', '-q', sys.argv[1]]\n"
        "from analyzer.cli import main\n"
        "try: main()\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        f"print(sorted({unneeded} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(EXAMPLE)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "analyzer", "--version"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stdout.strip()


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"'{sys.executable}' -c 'from analyzer.cli import main; main()' report '{EXAMPLE}' | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(("device", "named"), [("tpu", "'tpu'"), ("cuda", "--device cuda")])
def test_a_device_that_is_not_there_is_named(run: RunCommand, device: str, named: str) -> None:
    if device == "cuda":
        torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
        if torch.cuda.is_available():
            pytest.skip("there is a GPU here")
    done = run("report", EXAMPLE, "--device", device)
    assert done.returncode == 2
    one_line(done.stderr, named)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name files in Unicode")
def test_a_file_whose_name_is_no_text_is_reported(tmp_path: Path, run: RunCommand) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.md"
    shutil.copyfile(EXAMPLES / "news-report.md", path)
    for form in ("json", "sarif"):
        done = run("report", "-f", form, "-o", tmp_path / "out", os.fsdecode(path))
        assert done.returncode == 0, done.stderr.decode()
        text = (tmp_path / "out").read_text(encoding="utf-8")
        assert "caf?.md" in text or "caf%3F.md" in text


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_can_do_nothing_to_the_terminal(tmp_path: Path, run: RunCommand) -> None:
    name = "a\x1b[31mb.md"
    missing = run("report", name)
    assert missing.returncode == 2
    one_line(missing.stderr, "ab.md", "no such file")
    shutil.copyfile(EXAMPLE, tmp_path / name)
    over = run("report", "-q", "--fail-over", "0", name)
    assert over.returncode == 1
    one_line(over.stderr, "ab.md", "above 0")
    assert b"\x1b" not in missing.stderr + over.stderr


def test_an_edit_is_compared_with_its_old_file_alone(run: RunCommand) -> None:
    done = run("report", "--diff", EXAMPLE, EXAMPLE, "--baseline", EXAMPLE)
    assert done.returncode == 2
    one_line(done.stderr, "--diff", "--baseline")
