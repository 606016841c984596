"""`analyzer score` as users meet it: tables that agree with the reports, failures as rows, one line for what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer import Analyzer
from analyzer.corpus.sources import open_corpus
from analyzer.model.folder import default_folder
from analyzer.readers import read_text
from tests.conftest import EXAMPLES, RunCommand
from tests.corpus.conftest import (
    ScoredCorpus,
    articles,
    contents,
    events,
    pa,
    pq,
    rows,
    run_record,
    table,
    tables,
    write_jsonl,
)
from tests.test_cli import one_line


def test_every_row_says_what_the_report_of_the_document_says(scored: ScoredCorpus, analyzer: Analyzer) -> None:
    article = articles(30)[7]
    report = analyzer.analyze(
        read_text(article["body"], id="a007", title=article["headline"]), conclusions=["regulatory capture"]
    )
    document = next(row for row in rows(scored.out, "documents") if row["id"] == "a007")
    assert (document["number"], document["group_name"], document["title"]) == (7, "Herald", "Article 7")
    assert str(document["date"]) == article["published"]
    assert (document["meta_section"], document["meta_published"]) == ("news", article["published"])
    assert document["dependence"] == report.document.dependence
    assert document["loaded_share"] == report.document.loaded_share
    assert document["type_inference"] == report.document.type_counts["inference"]
    assert sum(document[f"sourcing_{s}"] for s in ("named", "vague", "own", "none")) == len(report.sentences)
    assert document["claims_none"] == sum(s.type == "factual_claim" and s.sourcing == "none" for s in report.sentences)

    def of_document(name: str) -> list[dict[str, object]]:
        return [row for row in rows(scored.out, name) if row["document"] == "a007"]

    for row, sentence in zip(of_document("sentences"), report.sentences, strict=True):
        assert (row["text"], row["type"], row["loaded"]) == (sentence.text, sentence.type, sentence.loaded)
        assert (row["role"], row["dependence"]) == (sentence.role, sentence.dependence)
        assert row["type_probabilities"] == pytest.approx(sentence.probabilities["type"], abs=1e-6)
        assert row["supports"] == [s.model_dump() for s in sentence.supports]
        assert [s["text"] for s in row["spans"]] == [s.text for s in sentence.spans]  # type: ignore[attr-defined]
    for row, conclusion in zip(of_document("conclusions"), report.conclusions, strict=True):
        assert (row["text"], row["dependence"]) == (conclusion.text, conclusion.dependence)
        assert row["grounds_unsourced_fact"] == pytest.approx(conclusion.grounds.unsourced_fact, abs=1e-6)
        assert row["fixes"] == [fix.model_dump() for fix in conclusion.fixes]
    assert [r["contribution"] for r in of_document("paragraphs")] == [p.contribution for p in report.paragraphs]


def test_documents_come_in_the_order_of_the_corpus_and_a_failure_keeps_its_place(scored: ScoredCorpus) -> None:
    assert table(scored.out, "documents")["number"].to_pylist() == [*range(24), *range(25, 31)]
    [failure] = rows(scored.out, "failures")
    assert (failure["number"], failure["document"], failure["stage"]) == (24, "empty", "text")
    assert failure["source"] == f"{scored.path}:25"
    assert "body" in failure["reason"]


def test_the_record_of_the_run_says_what_made_the_tables(scored: ScoredCorpus) -> None:
    record = run_record(scored.out)
    assert record["status"] == "finished"
    assert len(record["model"]["sha256"]) == 64
    assert record["model_folder"] == str(default_folder().absolute())
    assert record["options"]["columns"] == [
        {"text": "body", "id": "id", "title": "headline", "group": "outlet", "date": "published"}
    ]
    assert record["counts"]["documents"] == 30
    assert record["counts"]["failures"] == 1
    assert record["counts"]["parts"] == 8
    assert record["versions"]["pyarrow"] == pa.__version__
    assert record["times"]["runs"] == 1


def test_whoever_states_a_conclusion_is_listed_with_its_dependence_there(scored: ScoredCorpus) -> None:
    statements = rows(scored.out, "statements")
    assert statements
    conclusions = {(row["document"], row["sentence"]): row for row in rows(scored.out, "conclusions")}
    for statement in statements:
        assert statement["conclusion"] == "regulatory capture"
        of_sentences = [conclusions[statement["document"], s["sentence"]] for s in statement["statements"]]
        assert all(row["states"] == ["regulatory capture"] for row in of_sentences)
        mean = sum(row["dependence"] for row in of_sentences) / len(of_sentences)
        assert statement["dependence"] == pytest.approx(mean, abs=1e-4)
        assert all("captur" in s["text"].lower() for s in statement["statements"])
    stating = {row["id"] for row, a in zip(rows(scored.out, "documents"), articles(30), strict=True)
               if "regulatory capture" in a["body"]}  # fmt: skip
    assert stating <= {statement["document"] for statement in statements}


def test_the_same_command_once_more_finds_everything_done(
    scored: ScoredCorpus, run: RunCommand, tmp_path: Path
) -> None:
    out = shutil.copytree(scored.out, tmp_path / "out")
    done = run(*scored.arguments, "-o", out, "--log", "log.jsonl")
    assert done.returncode == 1
    summary, reason = done.stderr.splitlines(keepends=True)
    one_line(summary, "1 document could not be scored", "failures")
    one_line(reason, "1 × ", rows(out, "failures")[0]["reason"])
    assert done.stdout == b""
    assert not events(tmp_path / "log.jsonl", "part finished")
    assert tables(out) == tables(scored.out)


def test_a_corpus_that_grew_is_scored_from_where_it_grew(scored: ScoredCorpus, run: RunCommand, tmp_path: Path) -> None:
    corpus = write_jsonl(tmp_path / "grows.jsonl", articles(3))
    arguments = ["score", corpus, "-o", "out", "--documents-a-part", 4, "--workers", 1, "--log", "log.jsonl"]
    assert run(*arguments).returncode == 0
    write_jsonl(corpus, articles(5))
    assert run(*arguments).returncode == 0
    assert table(tmp_path / "out", "documents")["id"].to_pylist() == ["a000", "a001", "a002", "a003", "a004"]
    assert [e["rows"]["documents"] for e in events(tmp_path / "log.jsonl", "part finished")] == [3, 2]
    assert run_record(tmp_path / "out")["times"]["runs"] == 2


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--vague-credit", "0.5"], ["vague_credit", "0.25", "0.5"]),
        (["--conclusion", "the plan has failed"], ["conclusions", "regulatory capture", "the plan has failed"]),
        (["--no-sentences"], ["sentences", "true", "false"]),
        (["--title", "section"], ["columns", "headline", "section"]),
    ],
)
def test_other_options_than_the_run_began_with_are_refused(
    option: list[str], words: list[str], scored: ScoredCorpus, run: RunCommand, tmp_path: Path
) -> None:
    out = shutil.copytree(scored.out, tmp_path / "out")
    done = run(*scored.arguments, "-o", out, *option)
    assert done.returncode == 2
    one_line(done.stderr, *words, "--restart")
    assert tables(out) == tables(scored.out)


def test_another_model_is_refused_but_not_another_card(scored: ScoredCorpus, run: RunCommand, tmp_path: Path) -> None:
    out = shutil.copytree(scored.out, tmp_path / "out")
    model = shutil.copytree(default_folder(), tmp_path / "model")
    with (model / "README.md").open("a") as card:
        card.write("\nAnother one.\n")
    assert run(*scored.arguments, "-o", out, "--model", model).returncode == 1  # its empty document
    with (model / "schema.json").open("a") as schema:
        schema.write("\n")
    done = run(*scored.arguments, "-o", out, "--model", model)
    assert done.returncode == 2
    one_line(done.stderr, "sha256", "--restart")


def test_a_corpus_that_changed_where_it_was_scored_is_refused_and_restart_scores_it(
    run: RunCommand, tmp_path: Path
) -> None:
    corpus = write_jsonl(tmp_path / "c.jsonl", articles(2))
    arguments = ["score", corpus, "-o", "out", "--workers", 1]
    assert run(*arguments).returncode == 0
    before = contents(tmp_path / "out")
    write_jsonl(corpus, articles(2)[::-1])
    refused = run(*arguments)
    assert refused.returncode == 2
    one_line(refused.stderr, "changed", "c.jsonl:1 (id a001)", "--restart")
    assert contents(tmp_path / "out") == before
    assert run(*arguments, "--restart", "--no-sentences").returncode == 0
    assert table(tmp_path / "out", "documents")["id"].to_pylist() == ["a001", "a000"]
    assert not (tmp_path / "out" / "sentences").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["c.jsonl", "--log", "void/no/log"], "void/no/log"),
        (["empty.jsonl"], "no document"),
        (["c.jsonl", "--text", "words"], "'words'"),
    ],
)
def test_a_restart_that_cannot_start_leaves_what_is_there(
    arguments: list[str], words: str, scored: ScoredCorpus, run: RunCommand, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    (tmp_path / "empty.jsonl").touch()
    out = shutil.copytree(scored.out, tmp_path / "out")
    before = contents(out)
    done = run("score", *arguments, "-o", out, "--restart")
    assert done.returncode == 2
    one_line(done.stderr, words)
    assert contents(out) == before


def test_what_is_wrong_with_a_document_is_a_row_and_costs_no_other(run: RunCommand, tmp_path: Path) -> None:
    good = articles(3)
    lines = [
        json.dumps(good[0]),
        '{"id": "a", "body": ',
        json.dumps({"id": "", "body": "Prices rose."}),
        json.dumps({"id": "none", "outlet": "Post"}),
        json.dumps({"id": "a000", "body": "Prices rose again."}),
        json.dumps(["a", "list"]),
        json.dumps(good[1]),
        json.dumps({"id": "bare", "body": "***\n\n\u200b---"}),
    ]
    packed = gzip.compress(("\n".join(lines) + "\n").encode() + json.dumps(good[2]).encode() * 3000)
    (tmp_path / "c.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "z.txt").write_text("The council raised rates by 9 percent, the utility said.")
    done = run("score", "c.jsonl.gz", "z.txt", "-o", "out", "--workers", 1, "--log", "log.jsonl")
    assert done.returncode == 1
    summary, *reasons = done.stderr.splitlines(keepends=True)
    one_line(summary, "could not be scored")
    assert len(reasons) == 3 and all(b" \xc3\x97 " in reason for reason in reasons)
    ids = table(tmp_path / "out", "documents")["id"].to_pylist()
    assert ids[:2] == ["a000", "a001"]
    assert ids[-1] == "z.txt"
    failures = {row["source"]: (row["stage"], row["reason"]) for row in rows(tmp_path / "out", "failures")}
    wanted = {2: ("read", "not JSON"), 3: ("id", "id"), 4: ("text", "no column 'body' in this row, but id, outlet; name tables"),
              5: ("id", "given before, at c.jsonl.gz:1"), 6: ("read", "not an object"), 8: ("text", "no text in it"), 9: ("read", "cut short")}  # fmt: skip
    for line, (stage, words) in wanted.items():
        assert failures[f"c.jsonl.gz:{line}"][0] == stage
        assert words in failures[f"c.jsonl.gz:{line}"][1]
    logged = [event["source"] for event in events(tmp_path / "log.jsonl", "failure")]
    assert logged == [row["source"] for row in rows(tmp_path / "out", "failures")]


def test_a_folder_of_documents_in_any_format_is_a_corpus(run: RunCommand, tmp_path: Path) -> None:
    news = tmp_path / "news"
    (news / "courier").mkdir(parents=True)
    shutil.copy(EXAMPLES / "news-report.md", news / "courier" / "report.md")
    (news / "page.html").write_text("<html><body><p>It was a mistake. The minister said so.</p></body></html>")
    (news / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    (news / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    done = run("score", "news", "-o", "news/out", "--workers", 1)
    assert done.returncode == 1
    found = rows(tmp_path / "news" / "out", "documents")
    assert [(row["id"], row["group_name"]) for row in found] == [
        ("news/courier/report.md", "courier"),
        ("news/page.html", None),
    ]
    assert [row["source"] for row in rows(tmp_path / "news" / "out", "failures")] == ["news/broken.pdf"]
    [note] = run_record(tmp_path / "news" / "out")["notes"]
    assert "1 file or folder passed over (.jpg 1)" in note
    # The tables lie in the folder that is the corpus, and are no part of it.
    assert run("score", "news", "-o", "news/out", "--workers", 1).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.jsonl"], ["nowhere.jsonl", "no such file", "hf:"]),
        (["*.nothing"], ["*.nothing", "no file matches"]),
        (["empty.jsonl"], ["empty.jsonl", "no document"]),
        (["void"], ["void", "no document"]),
        (["c.jsonl", "--text", "words"], ["'words'", "--text", "body"]),
        (["notext.jsonl"], ["notext.jsonl", "--text", "alpha, beta"]),
        (["c.jsonl", "--vague-credit", "2"], ["2", "0 to 1"]),
        (["c.jsonl", "--conclusion", "the of"], ["the of"]),
        (["c.jsonl", "--engine", "abacus"], ["abacus", "local", "ray"]),
        (["c.jsonl", "--model", "void"], ["void", "model"]),
        (["c.jsonl", "-o", "c.jsonl"], ["c.jsonl", "cannot be written"]),
        (["c.jsonl", "-o", "full"], ["full", "other files"]),
        (["c.jsonl", "-o", "full", "--restart"], ["full", "other files"]),
        (["list.json"], ["list.json:1", "jq -c"]),
        (["cut.parquet", "list.json"], ["cut.parquet", "cannot be read"]),
        (["c.jsonl", "--log", "void/no/log"], ["void/no/log", "cannot be written"]),
    ],
)
def test_a_run_that_cannot_work_is_one_line_and_2(
    arguments: list[str], words: list[str], run: RunCommand, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    write_jsonl(tmp_path / "notext.jsonl", [{"alpha": "a", "beta": "b"}])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "void").mkdir()
    # A folder that is called as one of the tables is, and is not ours.
    (tmp_path / "full" / "documents").mkdir(parents=True)
    (tmp_path / "full" / "documents" / "part-00000.parquet").write_text("mine")
    (tmp_path / "list.json").write_text('[{"text": "One."}]')
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    done = run("score", "-o", "out", *arguments)
    assert done.returncode == 2
    one_line(done.stderr, *words)
    assert (tmp_path / "full" / "documents" / "part-00000.parquet").read_text() == "mine"


def test_what_nobody_may_read_is_a_failure_or_an_error(run: RunCommand, tmp_path: Path) -> None:
    news = tmp_path / "news"
    (news / "closed").mkdir(parents=True)
    (news / "a.txt").write_text("The council raised rates by 9 percent, the utility said.")
    (news / "gone.txt").symlink_to("nowhere")
    (news / "b.txt").write_text("Nobody may read this.")
    (news / "b.txt").chmod(0)
    (news / "closed").chmod(0)
    done = run("score", "news", "-o", "out", "--workers", 1, "--log", "log.jsonl")
    (news / "closed").chmod(0o755)
    assert done.returncode == 1
    assert table(tmp_path / "out", "documents")["id"].to_pylist()[0] == "news/a.txt"
    failed = {row["source"]: row["reason"] for row in rows(tmp_path / "out", "failures")}
    assert "no such file" in failed["news/gone.txt"]
    if os.geteuid():  # root may read everything
        assert "permission" in failed["news/b.txt"]
        assert "Permission denied" in failed["news/closed"]


def test_who_watches_sees_rate_and_time_left_and_who_does_not_sees_nothing(
    scored: ScoredCorpus, tmp_path: Path
) -> None:
    terminal, theirs = os.openpty()
    command = [sys.executable, "-c", "from analyzer.cli import main; main()", *scored.arguments]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "140"}
    process = subprocess.Popen(
        [*command, "-o", "out"], stderr=theirs, stdout=subprocess.PIPE, cwd=tmp_path, env=environment
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(terminal, 65536):
            seen += part
    except OSError:  # how the end of a terminal is told
        pass
    assert process.communicate()[0] == b""
    assert process.returncode == 1
    for words in (
        b"columns text=body, id=id",
        b"documents/s",
        b"sentences/s",
        b"0:0",
        b"1 failed",
        b"30 documents scored",
    ):
        assert words in seen, seen[-2000:]


def test_two_runs_never_write_to_the_same_folder(run: RunCommand, tmp_path: Path) -> None:
    from filelock import FileLock

    write_jsonl(tmp_path / "c.jsonl", articles(1))
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".lock"):
        done = run("score", "c.jsonl", "-o", "out", "--restart")
    assert done.returncode == 2
    one_line(done.stderr, "out", "another run")


def test_a_parquet_file_of_the_tables_keeps_the_documented_columns(scored: ScoredCorpus) -> None:
    from analyzer.corpus.tables import table_schemas

    schemas = table_schemas(metadata=["published", "section"], with_statements=True)
    assert set(tables(scored.out)) == set(schemas)
    for name, schema in schemas.items():
        for path in (scored.out / name).glob("*.parquet"):
            written = pq.read_schema(path)
            assert written.remove_metadata() == schema.remove_metadata()
            for found, documented in zip(written, schema, strict=True):
                assert found.nullable == documented.nullable
                assert found.metadata.items() >= documented.metadata.items()


def test_a_device_that_is_not_there_is_named_before_anything_is_written(run: RunCommand, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    done = run("score", "c.jsonl", "-o", "out", "--device", "cuda")
    assert done.returncode == 2
    one_line(done.stderr, "--device cuda")
    assert not (tmp_path / "out").exists()


def test_a_damaged_model_is_named_before_anything_is_written(run: RunCommand, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    model = shutil.copytree(default_folder(), tmp_path / "model")
    content = (model / "model.int8.onnx").read_bytes()
    (model / "model.int8.onnx").write_bytes(content[: len(content) // 2])
    done = run("score", "c.jsonl", "-o", "out", "--model", "model", "--workers", "1")
    assert done.returncode == 2
    one_line(done.stderr, "model.int8.onnx", "restore")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_somebody_else_is_left_as_it_was(run: RunCommand, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = run("score", "c.jsonl", "-o", "out", "--workers", "1")
    assert done.returncode == 2
    one_line(done.stderr, "holds other files")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_damaged_list_of_parts_is_named(run: RunCommand, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    assert run("score", "c.jsonl", "-o", "out", "--workers", "1").returncode == 0
    (tmp_path / "out" / "parts.jsonl").write_text("{}\n", encoding="utf-8")
    done = run("score", "c.jsonl", "-o", "out", "--workers", "1")
    assert done.returncode == 2
    one_line(done.stderr, "parts.jsonl", "--restart")


def test_what_is_wrong_elsewhere_is_not_told_of_the_folder_of_results(run: RunCommand, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    write_jsonl(tmp_path / "c.jsonl", articles(1))
    done = run("score", "c.jsonl", "-o", "out", "--workers", "1", "--log", "/dev/full")
    assert done.returncode == 2
    one_line(done.stderr, "/dev/full: cannot be written", "--log")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name files in Unicode")
def test_files_whose_names_are_no_text_are_told_apart(run: RunCommand, tmp_path: Path) -> None:
    coll = os.fsdecode(os.fsencode(tmp_path) + b"/coll\xff")
    Path(coll, "sub\udcfe").mkdir(parents=True)
    for name in ("\udce8.txt", "\udce9.txt", "sub\udcfe/a.txt", "photo.jpg"):
        Path(coll, name).write_text("The council raised rates by 9 percent, the utility said.")
    command = "score", os.fsdecode(b"coll\xff"), "-o", "out", "--workers", "1", "--log", "log.jsonl"
    done = run(*command)
    assert done.returncode == 0, done.stderr.decode()
    found = [(row["id"], row["source"], row["group_name"]) for row in rows(tmp_path / "out", "documents")]
    names = "coll\\xff/sub\\xfe/a.txt", "coll\\xff/\\xe8.txt", "coll\\xff/\\xe9.txt"
    assert found == [(name, name, "sub\\xfe" if "sub" in name else None) for name in names]
    assert run_record(tmp_path / "out")["notes"][0].startswith("coll\\xff: 1 file or folder passed over")
    assert run(*command).returncode == 0
    assert [e["finished_parts"] for e in events(tmp_path / "log.jsonl", "started")] == [0, 1]


def test_no_name_in_a_corpus_moves_the_cursor(run: RunCommand, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "c.jsonl", [{"a\x1b]0;owned\x07": "Prices rose."}])
    done = run("score", "c.jsonl", "-o", "out")
    assert done.returncode == 2
    one_line(done.stderr, "c.jsonl", "--text")
    assert b"\x1b" not in done.stderr and b"\x07" not in done.stderr


def test_a_corpus_that_grew_by_a_column_goes_on(run: RunCommand, tmp_path: Path) -> None:
    corpus = write_jsonl(tmp_path / "c.jsonl", articles(2))
    assert run("score", corpus, "-o", "out", "--workers", "1").returncode == 0
    write_jsonl(corpus, [*articles(2), {**articles(3)[2], "desk": "city"}])
    done = run("score", corpus, "-o", "out", "--workers", "1")
    assert done.returncode == 0, done.stderr.decode()
    assert [json.loads(row["other_metadata"] or "{}") for row in rows(tmp_path / "out", "documents")] == [
        {}, {}, {"desk": "city"}
    ]  # fmt: skip


def test_the_first_rows_settle_the_order_of_day_and_month_for_all(run: RunCommand, tmp_path: Path) -> None:
    days = ["1/3/2021", "1/14/2021", "2/5/2021"]
    corpus = write_jsonl(
        tmp_path / "c.jsonl", [{**a, "published": day} for a, day in zip(articles(3), days, strict=True)]
    )
    command = "score", corpus, "-o", "out", "--workers", "1", "--no-sentences"
    assert run(*command).returncode == 0
    found = table(tmp_path / "out", "documents")["date"].to_pylist()
    assert [day.isoformat() for day in found] == ["2021-01-03", "2021-01-14", "2021-02-05"]
    record = run_record(tmp_path / "out")
    assert record["options"]["date_orders"] == ["month first"]
    assert record["notes"][0].endswith("date=published; dates have the month first")
    (tmp_path / "a.txt").write_text("Prices rose.")
    assert "results 1" in open_corpus(str(tmp_path), out=tmp_path / "other").notes[0]
    assert run(*command).returncode == 0
