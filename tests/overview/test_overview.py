"""`analyzer overview` from the command line: on corpora that were really scored, and on tables written for the purpose."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from analyzer import Analyzer
from analyzer.corpus.plan import hash_of
from analyzer.language import language_warning
from analyzer.model.folder import default_folder
from analyzer.overview import overview
from analyzer.overview.reports import file_name
from analyzer.readers import read_text
from tests.conftest import EXAMPLES, RunCommand
from tests.overview.scored import Doc, write_scored

TEXT = "It fails. So the plan must go."
ARTICLES = ("news-report.md", "opinion-column.md", "technology-analysis.md")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our example articles as rows of a table, with outlets and dates."""
    path = tmp_path_factory.mktemp("corpus") / "news.jsonl"
    rows = [
        {
            "id": f"{name}/{month}",
            "text": (EXAMPLES / name).read_text(encoding="utf-8"),
            "title": f"{name}, {month}",
            "outlet": ["Herald", "Gazette"][month % 2],
            "date": f"2024-{month:02}-01",
        }
        for month in (1, 2)
        for name in ARTICLES
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def analyzer_hash() -> str:
    return hash_of(default_folder())


def scored_as(analyzer: Analyzer, text: str, id: str) -> Doc:
    """A document that the page names, with the figures that its report has."""
    report = analyzer.analyze(read_text(text))
    assert report.document.dependence is not None
    return Doc(
        id,
        conclusions=[("It fails.", report.document.dependence)] * 3,
        n_characters=len(report.document.text),
        n_sentences=len(report.sentences),
    )


def page_of(path: Path) -> html.HtmlElement:
    return html.fromstring(path.read_bytes())


def page_on(folder: Path) -> html.HtmlElement:
    return html.fromstring(overview(folder, beside=folder.parent))


def text_of(page: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", page.text_content())


def test_a_scored_corpus_becomes_one_page_with_reports(run: RunCommand, corpus: Path, tmp_path: Path) -> None:
    assert run("score", corpus, "-o", "scored", "--workers", 1, "--conclusion", "bill").returncode == 0
    done = run("overview", "scored", "-o", "overview.html", "--reports", "deep/reports")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b""
    page = page_of(tmp_path / "overview.html")
    text = text_of(page)
    assert page.cssselect("h1")[0].text == "6 documents"
    assert "news.jsonl" in text and "Herald" in text and "Gazette" in text and "Feb 2024" in text
    linked = [a.get("href") for a in page.cssselect("a[href]") if a.get("href", "").startswith("./")]
    assert linked and all(href.startswith("./deep/reports/") for href in linked)
    for href in linked:
        name, _, sentence = href.partition("#")
        report = page_of(tmp_path / name)
        assert not sentence or report.cssselect(f"#{sentence}")
    # The same article twice: each of its conclusions is drawn in two documents.
    record = json.loads((tmp_path / "scored" / "run.json").read_text(encoding="utf-8"))
    repeated = page.cssselect(".conclusions:not(.asked) .conclusion")
    assert len(repeated) == min(12, record["counts"]["conclusions"] // 2)


def test_reports_need_the_model_of_the_run_and_the_corpus(run: RunCommand, tmp_path: Path) -> None:
    three = [("It fails.", 0.9)] * 3
    write_scored(tmp_path / "other", [Doc("a", conclusions=three)])
    done = run("overview", "other", "-o", "page.html", "--reports", "reports")
    assert done.returncode == 2
    assert b"not the model that the corpus was scored with (default 9.9)" in done.stderr and b"--model" in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_reports_of_a_corpus_that_is_gone_are_refused_and_the_page_alone_is_not(
    run: RunCommand, tmp_path: Path, analyzer_hash: str
) -> None:
    model = {"name": "default", "version": "1", "sha256": analyzer_hash}
    write_scored(tmp_path / "scored", [Doc("a", conclusions=[("It fails.", 0.9)] * 3)], run={"model": model})
    done = run("overview", "scored", "-o", "page.html", "--reports", "reports")
    assert done.returncode == 2 and b"news.jsonl: no such file or folder" in done.stderr
    assert run("overview", "scored", "-o", "page.html").returncode == 0


def test_a_document_that_is_no_longer_in_the_corpus_or_another_by_now_has_no_link(
    tmp_path: Path, analyzer: Analyzer, analyzer_hash: str
) -> None:
    told: list[str] = []
    corpus = tmp_path / "news.jsonl"
    rows = [{"id": id, "text": TEXT} for id in ("kept", "longer", "parted", "resting")]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = {
        "corpus": [str(corpus)],
        "columns": [{"text": "text", "id": "id"}],
        "conclusions": [],
        "vague_credit": 0.25,
    }
    kept = scored_as(analyzer, TEXT, "kept")
    dependence = kept.conclusions[0][1]
    other = dependence - 0.3 if dependence > 0.5 else dependence + 0.3
    write_scored(
        tmp_path / "scored",
        [
            kept,
            replace(kept, id="longer", n_characters=kept.n_characters - 1),
            replace(kept, id="parted", n_sentences=9),
            replace(kept, id="resting", conclusions=[("It fails.", other)] * 3),
            replace(kept, id="gone", claims=(0, 0, 0, 9)),
        ],
        run={"options": options, "model": {"name": "default", "version": "1", "sha256": analyzer_hash}},
    )
    page = overview(tmp_path / "scored", beside=tmp_path, reports=tmp_path / "reports", tell=told.append)
    links = {a.text: a.get("href") for a in html.fromstring(page).cssselect(".list a")}
    assert set(links) == {"kept"}
    assert (tmp_path / links["kept"]).exists()
    because = "its text is not the one that was scored"
    assert sorted(told) == [
        "no report of gone: it is no longer in the corpus, or cannot be read",
        f"no report of longer: {because} ({len(TEXT)} characters, not {len(TEXT) - 1}); score it again",
        f"no report of parted: {because} (2 sentences, not 9); score it again",
        f"no report of resting: {because} (dependence {dependence:.2f}, not {other:.2f}); score it again",
    ]
    assert len(list((tmp_path / "reports").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "columns", "id"),
    [
        ("news.jsonl", {"text": "text", "id": "id"}, "a"),
        ("./news.jsonl", {"text": "text"}, "./news.jsonl:1"),
        ("./articles", {}, str(Path("articles", "x", "a1.txt"))),
        ("articles/*/a?.txt", {}, str(Path("articles", "x", "a1.txt"))),
        ("{started}/articles", {}, "{started}" + os.sep + str(Path("articles", "x", "a1.txt"))),
    ],
)
def test_a_corpus_named_from_another_folder_is_found(
    tmp_path: Path, analyzer: Analyzer, analyzer_hash: str, name: str, columns: dict[str, str], id: str
) -> None:
    started = tmp_path / "runs [1]"
    (started / "articles" / "x").mkdir(parents=True)
    (started / "articles" / "x" / "a1.txt").write_text(TEXT, encoding="utf-8")
    (started / "news.jsonl").write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    name, id = (words.replace("{started}", str(started)) for words in (name, id))
    options = {"corpus": [name], "columns": [columns], "conclusions": [], "vague_credit": 0.25}
    model = {"name": "default", "version": "1", "sha256": analyzer_hash}
    run = {"options": options, "model": model, "started_in": str(started)}
    write_scored(tmp_path / "scored", [scored_as(analyzer, TEXT, id)], run=run)
    overview(tmp_path / "scored", beside=tmp_path, reports=tmp_path / "reports")
    assert [path.name for path in (tmp_path / "reports").iterdir()] == [file_name(id)]


def test_reports_on_another_drive_are_linked_by_their_whole_address(
    tmp_path: Path, analyzer: Analyzer, analyzer_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    corpus = tmp_path / "news.jsonl"
    corpus.write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    columns = [{"text": "text", "id": "id"}]
    options = {"corpus": [str(corpus)], "columns": columns, "conclusions": [], "vague_credit": 0.25}
    model = {"name": "default", "version": "1", "sha256": analyzer_hash}
    write_scored(tmp_path / "scored", [scored_as(analyzer, TEXT, "a")], run={"options": options, "model": model})
    monkeypatch.setattr(os.path, "relpath", refuse)
    page = html.fromstring(overview(tmp_path / "scored", beside=tmp_path, reports=tmp_path / "reports"))
    assert page.cssselect(".list a")[0].get("href") == (tmp_path / "reports" / file_name("a")).as_uri()


def test_reports_are_made_with_the_model_that_the_run_noted(tmp_path: Path, analyzer: Analyzer) -> None:
    model = shutil.copytree(default_folder(), tmp_path / "model")
    with (model / "README.md").open("a") as card:
        card.write("\nAnother one.\n")
    corpus = tmp_path / "news.jsonl"
    corpus.write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    options = {
        "corpus": [str(corpus)],
        "columns": [{"text": "text", "id": "id"}],
        "conclusions": [],
        "vague_credit": 0.25,
    }
    noted = {"model": {"name": "mine", "version": "1", "sha256": hash_of(model)}, "model_folder": str(model)}
    write_scored(tmp_path / "scored", [scored_as(analyzer, TEXT, "a")], run={"options": options, **noted})
    overview(tmp_path / "scored", beside=tmp_path, reports=tmp_path / "reports")
    assert len(list((tmp_path / "reports").iterdir())) == 1


@pytest.mark.parametrize(
    "id", ["../../etc/passwd", "https://x.example/a?b=c", "", "Ä\ud800", "a" * 900, "CON", "x/y\x00"]
)
def test_names_of_reports_are_safe_and_differ(id: str) -> None:
    name = file_name(id)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-[0-9a-f]{10}\.html", name) and len(name) < 64
    assert name != file_name(id + "x")


def test_without_out_the_page_goes_to_standard_output(run: RunCommand, tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc("a", "Zürich", conclusions=[("Ça échoue.", 0.9)]), Doc("b", "Łódź")])
    done = run("overview", "scored")
    assert done.returncode == 0 and done.stdout.startswith(b"<!DOCTYPE html>") and "Łódź".encode() in done.stdout
    done = run("overview", "scored", env={"PYTHONIOENCODING": "latin-1"})
    # The page says that it is in UTF-8, whatever the terminal is in.
    assert done.returncode == 0 and b"Z&#252;rich" in done.stdout and done.stdout.isascii()


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda folder: None, b"no scored corpus"),
        (
            lambda folder: write_scored(folder, [], failures=[("read", "not UTF-8")]),
            b"no document was scored; the table failures in it says why",
        ),
        (
            lambda folder: write_scored(folder, [], run={"status": "running"}),
            b"no document is scored yet (the run is running",
        ),
        (lambda folder: (folder.mkdir(), (folder / "run.json").write_text("{")), b"run.json: not JSON"),
        (
            lambda folder: write_scored(folder, [Doc("a")]).joinpath("run.json").write_text("[]"),
            b"not the record of a run",
        ),
        (
            lambda folder: (write_scored(folder, [Doc("a")]) / "documents" / "part-00000.parquet").write_bytes(b"PAR1"),
            b"documents: cannot read this table",
        ),
    ],
)
def test_what_is_no_scored_corpus_is_refused_in_one_line(run: RunCommand, tmp_path: Path, prepare, says: bytes) -> None:  # type: ignore[no-untyped-def]
    prepare(tmp_path / "scored")
    done = run("overview", "scored", "-o", "page.html")
    assert done.returncode == 2
    assert says in done.stderr and done.stderr.count(b"\n") == 1 and b"internal error" not in done.stderr


def test_a_page_that_cannot_be_written_is_named(run: RunCommand, tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc("a")])
    done = run("overview", "scored", "-o", "missing/page.html", "--reports", "reports")
    assert done.returncode == 2 and b"cannot write missing/page.html" in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_full_disk_is_told_in_one_line(run: RunCommand, tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc("a")])
    labelled = EXAMPLES.parent / "documents.jsonl"
    for command in ("overview scored", f"report -f html {EXAMPLES / 'news-report.md'}", f"labels stats {labelled}"):
        code = f"import os, sys; os.dup2(os.open('/dev/full', os.O_WRONLY), 1); sys.argv[1:] = {command.split()}"
        done = subprocess.run(
            [sys.executable, "-c", f"{code}; from analyzer.cli import main; main()"], capture_output=True, cwd=tmp_path
        )
        assert done.returncode == 2
        assert done.stderr.startswith(b"analyzer: cannot write") and done.stderr.count(b"\n") == 1


def test_without_groups_dates_and_conclusions_the_page_says_so(tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc("a"), Doc("b")], failures=[("read", "x"), ("text", "x"), ("text", "x")])
    page = page_on(tmp_path / "scored")
    text = text_of(page)
    assert "The documents have no groups" in text
    assert "The documents have no dates" in text
    assert "No document draws a conclusion" in text
    assert "No conclusion is drawn in nearly the same words" in text
    assert "3 more documents could not be scored (read 1, text 2)" in text
    assert not page.cssselect(".chart")


def test_dates_that_cannot_be_read_are_not_said_to_be_missing(tmp_path: Path) -> None:
    options = {"corpus": ["news.jsonl"], "columns": [{"text": "text", "date": "printed"}], "conclusions": []}
    write_scored(tmp_path / "none", [Doc("a"), Doc("b")], run={"options": options})
    assert "No date in the column printed could be read: nothing over time." in text_of(page_on(tmp_path / "none"))
    days = [datetime.date(2024, 1 + k % 2, 5) if k < 40 else None for k in range(55)]
    write_scored(tmp_path / "some", [Doc(f"d{k}", date=day) for k, day in enumerate(days)], run={"options": options})
    assert "15 documents without a readable date left out." in text_of(page_on(tmp_path / "some"))


def test_one_group_or_month_is_nothing_to_compare(tmp_path: Path) -> None:
    day = datetime.date(2024, 3, 1)
    write_scored(tmp_path / "scored", [Doc(f"d{k}", "Herald", day) for k in range(3)], run={"status": "interrupted"})
    text = text_of(page_on(tmp_path / "scored"))
    assert "All documents are of one group, Herald: there is nothing to compare." in text
    assert "All dated documents, or all but a few, are of one month" in text
    assert "The run has not finished" in text


@pytest.mark.parametrize(("n", "words"), [(1, "1 document is"), (2, "2 documents are")])
def test_one_group_of_some_documents_is_not_said_to_be_that_of_all(tmp_path: Path, n: int, words: str) -> None:
    write_scored(tmp_path / "scored", [Doc(f"d{k}", "Gazette" if k < n else None) for k in range(5)])
    text = text_of(page_on(tmp_path / "scored"))
    assert f"{words} of one group, Gazette, the others of none: there is nothing to compare." in text


def test_documents_that_the_chart_of_groups_leaves_out_are_counted(tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc(f"d{k}", ["Herald", "Gazette", None][k % 3]) for k in range(9)])
    assert "3 documents without a group left out." in text_of(page_on(tmp_path / "scored"))


def test_what_is_only_possibly_loaded_is_not_told_as_loaded(tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc(f"d{k}", ["Herald", "Gazette"][k % 2]) for k in range(4)])
    page = page_on(tmp_path / "scored")
    assert "10% of the sentences of a document are, or may be, in loaded framing" in text_of(page)
    assert "Loaded or possibly" in [head.text for head in page.cssselect(".figures th")]
    assert "Loaded sentences" not in text_of(page)


def test_documents_that_do_not_read_as_english_are_counted_at_the_top(tmp_path: Path) -> None:
    french = language_warning("Le conseil a décidé hier soir que les prix de l'eau vont monter de neuf pour cent. " * 3)
    greek = language_warning("Το συμβούλιο αποφάσισε χθες το βράδυ ότι οι τιμές του νερού θα ανέβουν.")
    assert french and greek
    documents = [
        Doc(f"d{k}", notes=["left out 1 comment", [french, greek][k % 2]][: 1 + (k < 24)]) for k in range(1200)
    ]
    write_scored(tmp_path / "scored", documents, parts=2)
    notes = page_on(tmp_path / "scored").cssselect(".lead .note")
    assert "24 of 1,200 documents do not read as English" in text_of(notes[0])
    write_scored(tmp_path / "english", [Doc("a")])
    assert page_on(tmp_path / "english").cssselect(".lead .note") == []


def test_it_says_what_the_figures_are_not(tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc("a", conclusions=[("It fails.", 0.7)])])
    text = text_of(page_on(tmp_path / "scored"))
    assert "Unsourced is not false" in text and "No figure here is a verdict on an outlet" in text


def test_asked_for_conclusions_are_shown_with_the_documents_that_state_them(tmp_path: Path) -> None:
    documents = [
        Doc("a", "Herald", title="First", stated={"regulatory capture": 0.3}),
        Doc("b", "Post", title="Second", stated={"regulatory capture": 0.8}),
        Doc("c", "Post", title="Third"),
    ]
    write_scored(tmp_path / "scored", documents)
    (asked,) = page_on(tmp_path / "scored").cssselect(".asked .conclusion")
    text = text_of(asked)
    assert "regulatory capture" in text and "0.55" in text and "2 documents in 2 groups" in text
    assert text.index("Second") < text.index("First") and "Third" not in text


def test_a_mean_over_fewer_documents_than_the_row_has_says_over_how_many(tmp_path: Path) -> None:
    concluded = [Doc(f"a{k}", ["Post", "Herald"][k % 2], conclusions=[("It fails.", 0.6)]) for k in range(60)]
    others = [Doc(f"b{k}", "Post", claims=(0, 0, 0, 0) if k < 3 else (3, 0, 0, 1)) for k in range(7)]
    write_scored(tmp_path / "scored", [*concluded, *others])
    rows = page_on(tmp_path / "scored").cssselect(".figures tbody tr")
    cells = {row.cssselect("th")[0].text: [text_of(cell) for cell in row.cssselect("td.number")] for row in rows}
    n, dependence, unsourced, loaded = cells["Post"]
    assert n == "37" and dependence.endswith("from 30") and unsourced.endswith("from 34") and "from" not in loaded
    assert not any("from" in cell for cell in cells["Herald"])


def test_many_groups_are_drawn_in_part_and_tabled(tmp_path: Path) -> None:
    write_scored(tmp_path / "scored", [Doc(f"d{k}", f"Group {k % 30:02}") for k in range(61)])
    page = page_on(tmp_path / "scored")
    assert "Of 30 groups, the 24 with most documents are drawn" in text_of(page)
    assert len(page.cssselect(".figures tbody tr")) == 30


@pytest.mark.parametrize("name", ["A\uffff", "A\ufffe", "A\x00", "A\ufdd0"])
def test_no_character_in_a_name_ends_the_drawing(tmp_path: Path, name: str) -> None:
    day = datetime.date(2024, 1, 1)
    documents = [Doc(f"d{k}", [name, "B"][k % 2], day + datetime.timedelta(days=31 * (k % 3))) for k in range(12)]
    write_scored(tmp_path / "scored", documents)
    assert "A" in page_on(tmp_path / "scored").cssselect(".chart")[0].text_content()


def test_documents_dated_far_from_all_others_are_told(tmp_path: Path) -> None:
    days = [datetime.date(1970, 1, 1), *(datetime.date(2024, 1 + k % 3, 5) for k in range(60))]
    write_scored(tmp_path / "scored", [Doc(f"d{k}", date=day) for k, day in enumerate(days)])
    text = text_of(page_on(tmp_path / "scored"))
    assert "1 document dated far from all others left out." in text and "Mar 2024" in text


def test_the_same_tables_give_the_same_page(tmp_path: Path) -> None:
    documents = [
        Doc(
            f"d{k}",
            f"G{k % 3}",
            datetime.date(2024, 1 + k % 5, 3),
            conclusions=[(f"Plan {k % 4} fails badly.", k / 60)],
        )
        for k in range(60)
    ]
    write_scored(tmp_path / "scored", documents, parts=2)
    pages = [overview(tmp_path / "scored", beside=tmp_path) for _ in range(2)]
    assert pages[0] == pages[1]
