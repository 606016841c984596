"""What `analyzer labels check` finds: each rule by a document that breaks it, and nothing in one that breaks none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from analyzer.errors import AnalyzerError
from analyzer.labelling.checking import check_files
from analyzer.labelling.documents import AnnotatedDocument, read_documents, row_of
from analyzer.labelling.form import problems_of_form
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import load_labelled
from tests.conftest import ROOT, RunCommand
from tests.labelling.specs import FEARS, PATIENT, column, documents, write

Change = Callable[[list[dict[str, Any]]], object]


def problems(path: Path, *rows: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in check_files([write(path, *rows)], STANDARD_SCHEMA).problems]


def test_a_document_that_follows_the_guidelines_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path / "l.jsonl", column()) == []


BROKEN: dict[str, tuple[Change, int, list[str]]] = {
    "premise without support": (lambda s: s[2].update(supports=[]), 2, ["premise", "nothing"]),
    "background with support": (lambda s: s[0].update(supports=[3]), 0, ["background", "3"]),
    "support of background": (lambda s: s[1].update(supports=[0]), 1, ["supports 0", "background"]),
    "mutual support": (
        lambda s: (s[2].update(supports=[3]), s[3].update(supports=[2])),
        2,
        ["it and 3 support each other"],
    ),
    "self support": (lambda s: s[1].update(supports=[1]), 1, ["itself"]),
    "support out of the document": (lambda s: s[1].update(supports=[4]), 1, ["supports 4", "0 to 3"]),
    "support named twice": (lambda s: s[1].update(supports=[3, 3]), 1, ["twice"]),
    "source of nothing": (lambda s: s[0].update(sourcing="vague"), 0, ["non_assertive", "vague", "none"]),
    "content without a source": (lambda s: s[2].update(content="inference"), 2, ["content", "inference"]),
    "content of an inference": (
        lambda s: s[3].update(content="speculation", sourcing="named"),
        3,
        ["content", "speculation"],
    ),
    "loaded without words": (lambda s: s[3].update(spans=[]), 3, ["loaded", "marked"]),
    "loaded words without loaded": (lambda s: s[3].update(loaded=False), 3, ["loaded", "quoted_loaded"]),
    "a source but no sourcing": (lambda s: s[1].update(sourcing="own", content="factual_claim"), 1, ["source", "own"]),
    "unknown label": (lambda s: s[1].update(type="rumour"), 1, ["'rumour'", "speculation"]),
    "no label": (lambda s: s[1].pop("role"), 1, ["no role", "premise"]),
    "loaded is a word": (lambda s: s[1].update(loaded="yes"), 1, ["loaded", "'yes'", "true or false"]),
    "span outside": (lambda s: s[3]["spans"][0].update(end=99), 3, ["99", "33 characters"]),
    "span backwards": (lambda s: s[3]["spans"][0].update(start=23), 3, ["23 to 23"]),
    "unknown kind": (lambda s: s[3]["spans"][0].update(kind="angry"), 3, ["'angry'", "quoted_loaded"]),
    "wrong index": (lambda s: s[1].update(index=7), 1, ["index", "7", "write 1"]),
    "wrong paragraph": (lambda s: s[1].update(paragraph=-1), 1, ["paragraph", "-1"]),
    "empty text": (lambda s: s[2].update(text=" "), 2, ["text is empty"]),
    "half a character": (lambda s: s[2].update(text="a\ud83d"), 2, ["half a character"]),
    "no sentence": (lambda s: s.__setitem__(2, "text"), 2, ["a string"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_is_an_error_with_file_line_sentence_and_fix(tmp_path: Path, name: str) -> None:
    change, sentence, words = BROKEN[name]
    bad = column() | {"id": "w-2"}
    change(bad["sentences"])
    path = tmp_path / "l.jsonl"
    lines = [json.dumps(column()), "", json.dumps(bad)]
    path.write_text("\n".join(lines), encoding="utf-8")
    checked = check_files([path], STANDARD_SCHEMA)
    found = [str(p) for p in checked.problems if p.problem.is_error]
    assert len(found) == checked.errors == 1, found
    assert found[0].startswith(f"{path}:3: sentence {sentence}: ")
    assert "; " in found[0]
    for word in words:
        assert word in found[0]


def test_more_than_three_supports_are_an_error(tmp_path: Path) -> None:
    row = column()
    for number in range(3):
        row["sentences"].append({**row["sentences"][3], "text": f"End it {number}.", "spans": [], "loaded": False})
    row["sentences"][1]["supports"] = [3, 4, 5, 6]
    assert ["4 sentences" in problem for problem in problems(tmp_path / "l.jsonl", row)] == [True]


def test_what_the_guidelines_leave_open_is_a_warning(tmp_path: Path) -> None:
    row = column()
    first, second, third, fourth = row["sentences"]
    first.update(role="premise", supports=[3])  # argues, but asserts nothing
    second.update(supports=[2], spans=[*second["spans"], {"kind": "source", "start": 4, "end": 12}])  # spans overlap
    third.update(supports=[3])
    fourth.update(supports=[1], surprise=True)  # closes a circle of three; a key that nobody knows
    checked = check_files([write(tmp_path / "l.jsonl", row)], STANDARD_SCHEMA)
    assert checked.errors == 0
    text = "\n".join(map(str, checked.problems))
    for words in ("asserts nothing", "1 → 2 → 3 → 1", "source 0–23 and source 4–12", "'surprise'"):
        assert words in text
    assert text.count("warning: ") == 4


def test_every_span_inside_a_longer_one_is_told(tmp_path: Path) -> None:
    row = column()
    inside = [{"kind": "source", "start": start, "end": start + 1} for start in (2, 5)]
    row["sentences"][1]["spans"] = [{"kind": "source", "start": 0, "end": 10}, *inside]
    found = problems(tmp_path / "l.jsonl", row)
    assert all(
        f"source 0–10 and source {start}–{start + 1} overlap" in p for start, p in zip((2, 5), found, strict=True)
    )


def test_an_id_may_stand_once_in_all_files_together(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, column()) for name in ("a.jsonl", "b.jsonl")]
    found = [str(problem) for problem in check_files(paths, STANDARD_SCHEMA).problems]
    assert len(found) == 1
    assert found[0].startswith(f"{paths[1]}:1: the id 'w-1' is that of {paths[0]}:1; ")


def with_texts(id: str, split: str, *texts: str) -> dict[str, Any]:
    row = column() | {"id": id, "split": split}
    row["sentences"] = [{**column()["sentences"][0], "text": text} for text in texts]
    return row


def long_text(word: str) -> str:
    return f"The {word} council of the town heard on Tuesday evening that its old bridge must close."


def test_text_in_both_splits_is_a_leak_unless_it_is_a_little_or_furniture(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    leak = [with_texts("a", "train", long_text("one")), with_texts("b", "dev", long_text("one"), long_text("two"))]
    (found,) = problems(path, *leak)
    assert "warning" not in found
    assert found.startswith(f"{path}:2: 1 of its sentences stand in {path}:1 too")
    leak[1]["sentences"][0]["text"] = long_text("ONE").replace(".", "!")
    assert problems(path, *leak) == [found]
    short = [with_texts("a", "train", "It must close."), with_texts("b", "dev", "It must close.")]
    assert ["1 of its sentences" in problem for problem in problems(path, *short)] == [True]
    many = [long_text(f"number {n}") for n in range(9)]
    a_little = [with_texts("a", "train", *many), with_texts("b", "dev", many[0], *(t + " Again." for t in many))]
    (found,) = problems(path, *a_little)
    assert "warning: 1 of its sentences" in found
    furniture = [with_texts(f"f{n}", "train" if n % 2 else "dev", long_text("same"), many[n % 9]) for n in range(9)]
    furniture.append(with_texts("f9", "dev", long_text("same"), long_text("other")))
    assert problems(path, *furniture) == []
    twice = [with_texts("a", "train", *many), with_texts("b", "train", *many)]
    (found,) = problems(path, *twice)
    assert "warning: 9 of its sentences" in found


@pytest.mark.parametrize("copies", [2, 9, 10, 30])
def test_an_article_is_a_leak_however_many_copies_of_it_there_are(tmp_path: Path, copies: int) -> None:
    texts = [long_text(f"number {n}") for n in range(5)]
    exact = [with_texts(f"a{n}", "train" if n else "dev", *texts[:2]) for n in range(copies)]
    changed = [with_texts(row["id"], row["split"], *texts, long_text(row["id"])) for row in exact]
    for rows in (exact, changed):
        checked = check_files([write(tmp_path / "l.jsonl", *rows)], STANDARD_SCHEMA)
        assert checked.errors == copies - 1
        assert copies < 10 or len(checked.problems) == copies - 1
    page = with_texts("page", "train", texts[0], *(long_text(word) for word in ("first", "second", "third")))
    found = problems(tmp_path / "l.jsonl", *exact, page)
    assert any(f":{copies + 1}: " in problem for problem in found) == (copies < 9)


def test_words_marked_of_a_kind_that_nobody_looked_for_are_kept_and_warned_of(tmp_path: Path) -> None:
    row = column() | {"span_labels": ["loaded"]}
    path = write(tmp_path / "l.jsonl", row)
    found = [str(placed) for placed in check_files([path], STANDARD_SCHEMA).problems]
    assert len(found) == 2
    for kind, problem in zip(("source", "cue"), found, strict=True):
        assert f"warning: a {kind} span, but span_labels does not list {kind}; training does not see it" in problem
    (document,) = read_documents(path, STANDARD_SCHEMA)
    assert row_of(document)["sentences"][1]["spans"] == row["sentences"][1]["spans"]
    assert row_of(replace(document, span_labels=()))["sentences"][1]["spans"] == row["sentences"][1]["spans"]
    (trained_on,) = load_labelled(path, STANDARD_SCHEMA)
    assert set(trained_on.spans) == {"loaded"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "a line holds empty"),
        ('"x"', "a line holds a string"),
        ('{"id": "a"}', "sentences is missing"),
        ('{"id": "a", "sentences": []}', "sentences is empty"),
        ('{"id": 3, "sentences": [{}]}', "id is a number"),
        ('{"id": "a", "split": "held", "sentences": [{}]}', "split is 'held'"),
        ('{"id": "a", "span_labels": ["x"], "sentences": [{}]}', "span_labels is ['x']"),
        ('{"id": "a", "title": "\\ud800", "sentences": [{}]}', "'title' holds half a character"),
        ('{"id": "\\u001b[31m", "split": "\\u001b[31m", "sentences": [{}]}', "split is '\\x1b[31m'"),
    ],
)
def test_lines_that_are_no_document_are_errors(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    found = [str(problem) for problem in check_files([path], STANDARD_SCHEMA).problems]
    assert any(p.startswith(f"{path}:1: ") and words in p for p in found), found


def test_files_that_cannot_be_read_or_are_empty_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe")
    for name in ("none.jsonl", "empty.jsonl", "binary.jsonl"):
        with pytest.raises(AnalyzerError, match=name):
            check_files([tmp_path / name], STANDARD_SCHEMA)


def test_labels_of_another_schema_are_checked_against_it(tmp_path: Path) -> None:
    good = {"text": "Let us begin.", "stance": "for", "fears": ["loss"], "ironic": True}
    bad = {"text": "Let us end.", "stance": "maybe", "fears": ["cats"], "ironic": 2}
    path = write(tmp_path / "l.jsonl", {"id": "a", "sentences": [good, bad]})
    found = [str(problem) for problem in check_files([path], FEARS).problems]
    assert [p.split(": ")[1] for p in found] == ["sentence 1"] * 3
    for words in ("'maybe'", "['cats']", "ironic is 2"):
        assert any(words in problem for problem in found)


@PATIENT
@given(document=documents(STANDARD_SCHEMA))
def test_what_has_the_right_form_can_be_trained_on(tmp_path: Path, document: AnnotatedDocument) -> None:
    row = row_of(document)
    assert not [problem for problem in problems_of_form(row, STANDARD_SCHEMA) if problem.is_error]
    (read,) = load_labelled(write(tmp_path / "l.jsonl", row), STANDARD_SCHEMA)
    assert read.texts == tuple(sentence.text for sentence in document.sentences)


def test_the_documents_written_for_the_project_have_no_problems() -> None:
    checked = check_files([ROOT / "labeled" / "documents.jsonl"], STANDARD_SCHEMA)
    assert checked.documents >= 80
    assert checked.problems == ()


def test_the_edited_articles_come_in_pairs_and_share_sentences_with_their_twin_alone() -> None:
    path = ROOT / "labeled" / "edits.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 600
    for one, other in zip(rows[::2], rows[1::2], strict=True):
        assert (one["id"][:-1], one["id"][-1] + other["id"][-1]) == (other["id"][:-1], "ab")
        texts = [{sentence["text"] for sentence in row["sentences"]} for row in (one, other)]
        assert len(texts[0] & texts[1]) >= 0.5 * min(map(len, texts))
    checked = check_files([path, ROOT / "labeled" / "documents.jsonl"], STANDARD_SCHEMA)
    assert checked.errors == 0
    for placed in checked.problems:
        assert f"{path}:{placed.line - 1} too" in placed.problem.what


def test_the_command_prints_problems_counts_them_and_exits_with_one(run: RunCommand, tmp_path: Path) -> None:
    write(tmp_path / "good.jsonl", column())
    done = run("labels", "check", "good.jsonl")
    assert (done.returncode, done.stdout) == (0, b"")
    assert "1 documents, 4 sentences: 0 errors, 0 warnings" in done.stderr.decode()
    bad = column()
    bad["sentences"][2]["supports"] = []
    bad["sentences"][3]["extra\x1b[31m"] = 1
    write(tmp_path / "bad.jsonl", bad)
    done = run("labels", "check", "bad.jsonl")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("bad.jsonl:1: sentence 2: a premise that supports nothing; ")
    assert lines[1].startswith("bad.jsonl:1: sentence 3: warning: unknown key ")
    assert "\x1b" not in lines[1]
    bad["sentences"][2]["supports"] = [3]
    write(tmp_path / "bad.jsonl", bad)
    assert run("labels", "check", "bad.jsonl").returncode == 0
    assert run("labels", "check", "--strict", "bad.jsonl").returncode == 1
    assert run("labels", "check", "none.jsonl").returncode == 2
