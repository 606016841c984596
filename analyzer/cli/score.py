"""`analyzer score`: a whole corpus, into tables."""

from __future__ import annotations

import shlex
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.extras import needs_extra
from analyzer.cli.options import FINE, FOUND, Debug, Model, VagueCredit
from analyzer.cli.telling import tell
from analyzer.errors import AnalyzerError

_MOST_REASONS = 3


def score(
    corpus: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS...",
            help="JSONL or CSV (.gz too), Parquet, a folder or glob of documents, or hf:NAME for a data set.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables; a run that stopped goes on there.")],
    text: Annotated[
        str | None, typer.Option(help="Column with the text. All columns are guessed where that is obvious.")
    ] = None,
    id: Annotated[
        str | None, typer.Option(help="Column with a unique id; without one, its file and row are its id.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Column with the title.")] = None,
    group: Annotated[
        str | None, typer.Option(help="Column with the outlet, or what else to compare (outlet, source … are guessed).")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Column with the day of publication.")] = None,
    conclusion: Annotated[
        list[str] | None,
        typer.Option(help="Treat sentences that state this as conclusions, and list who states it; repeatable."),
    ] = None,
    no_sentences: Annotated[bool, typer.Option("--no-sentences", help="Leave out the largest table.")] = False,
    engine: Annotated[str, typer.Option(help="local, or ray: a cluster (extra ray).")] = "local",
    workers: Annotated[int | None, typer.Option(min=1, help="Workers; one a processor when left out.")] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, or cuda: a GPU (extra train); what a cluster has when left out.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Throw away what OUT holds and begin anew.")] = False,
    log: Annotated[Path | None, typer.Option(help="Append what happens to this file, as JSON lines.")] = None,
    vague_credit: VagueCredit = None,
    documents_a_part: Annotated[
        int | None, typer.Option(min=1, help="Documents a part file: what a killed run may have to do again.")
    ] = None,
    model: Model = None,
    debug: Debug = False,
) -> int:
    """Score a whole corpus into Parquet tables.

    They are of its documents, paragraphs, sentences and conclusions.

    A run that was killed goes on where it stopped when the same command is given again. What the columns mean:
    analyzer schema --tables. Exit code: 0 fine, 1 some documents failed (table failures), 2 the run could not work.
    Needs the extra: pip install 'editorial-analyzer[corpus]'

    Examples:

      analyzer score articles.jsonl.gz -o scored --group outlet --date published

      analyzer score "archive/**/*.html" notes.csv -o scored --conclusion "regulatory capture"

      analyzer score hf:cnn_dailymail -o scored --no-sentences
    """
    with needs_extra("corpus"):
        from analyzer.corpus.columns import Columns
        from analyzer.corpus.plan import DOCUMENTS_A_PART, Options
        from analyzer.corpus.run import ENGINES
        from analyzer.corpus.run import score as score_corpus
    from analyzer.dependence import DEFAULT_VAGUE_CREDIT
    from analyzer.model.runtimes import device_of

    chosen = next((name for name in ENGINES if name == engine), None)
    if chosen is None:
        raise AnalyzerError(f"unknown engine {engine!r}; choose one of {', '.join(ENGINES)}")
    options = Options(
        columns=Columns(text=text, id=id, title=title, group=group, date=date),
        conclusions=tuple(conclusion or ()),
        vague_credit=DEFAULT_VAGUE_CREDIT if vague_credit is None else vague_credit,
        model=model,
        with_sentences=not no_sentences,
        documents_a_part=documents_a_part or DOCUMENTS_A_PART,
    )
    try:
        with needs_extra("ray" if chosen == "ray" else "corpus"), _ended_as_by_ctrl_c():
            result = score_corpus(
                corpus,
                out,
                options,
                engine=chosen,
                workers=workers,
                device=None if device is None else device_of(device),
                restart=restart,
                log=log,
                tell=_note,
                warn=tell,
            )
    except KeyboardInterrupt:
        tell("interrupted; the same command goes on from where it stopped")
        raise
    if result.was_complete:
        _note(f"{out} was complete: {result.documents:,} documents; --restart scores them again")
    else:
        _note(f"{out}: {result.documents:,} documents scored, {result.failures:,} failed, in {result.seconds:.0f} s")
    _note(f"one page on all of them: analyzer overview {shlex.quote(str(out))} -o overview.html")
    if result.failures:
        documents = "document" if result.failures == 1 else "documents"
        tell(f"{result.failures:,} {documents} could not be scored; see {out / 'failures'}")
        for reason, n in _reasons(out):
            tell(f"  {n:,} × {reason}")
    return FOUND if result.failures else FINE


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Who ends the program in another way has its workers ended, and what is finished kept, as well; what was to be
    ignored, as after `nohup`, is.
    """
    there = (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))
    taken = [number for number in there if number is not None and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _reasons(out: Path) -> list[tuple[str, int]]:
    """The commonest reasons why documents could not be scored, and of how many."""
    import pyarrow.dataset as ds

    reasons = ds.dataset(out / "failures", format="parquet").to_table(columns=["reason"])["reason"].to_pylist()
    return Counter(reasons).most_common(_MOST_REASONS)


def _note(note: str) -> None:
    """Notes are for people who watch."""
    if sys.stderr.isatty():
        tell(note)
