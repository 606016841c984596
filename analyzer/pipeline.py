"""`Analyzer`: a text or document in, a `Report` out. The composition of all stages, and the Python entry point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analyzer.argument import build_argument, no_argument, roles_of
from analyzer.assembly import Analysis, assemble
from analyzer.citations import citations
from analyzer.dependence import DEFAULT_VAGUE_CREDIT
from analyzer.document import Document, Sentence
from analyzer.errors import AnalyzerError
from analyzer.findings import RULES, Policy, find
from analyzer.labels import apply_citations, apply_form
from analyzer.language import language_warning
from analyzer.model.encoder import Encoder
from analyzer.model.folder import CONFIG, ModelFolder, folder_of, open_folder
from analyzer.model.heads import DocumentHeads
from analyzer.model.onnx_runtime import OnnxEncoder
from analyzer.model.predictions import Array, Predictions
from analyzer.model.runtimes import Device, runtime_on
from analyzer.model.spans import span_threshold
from analyzer.places import places
from analyzer.readers import read_path, read_text
from analyzer.readers.pieces import count_phrase
from analyzer.report import Place, Report
from analyzer.schema import STANDARD_SCHEMA, HeadKind, Role, Sourcing
from analyzer.segment import segment
from analyzer.silences import Silences, silences
from analyzer.statements import find_statements
from analyzer.table_readings import TableReading, read_off_tables
from analyzer.terms import without_terms

MAX_CHARACTERS = 3_000_000
DEFAULT_POLICY = Policy()
_CONCLUSION = STANDARD_SCHEMA.head("role").labels.index(Role.CONCLUSION.value)
_NAMED = STANDARD_SCHEMA.head("sourcing").labels.index(Sourcing.NAMED.value)
# A document without a conclusion says which sentence came nearest, from this probability on.
_NEAR_CONCLUSION = 1 / 3


@dataclass(frozen=True)
class _Prepared:
    """A document that is ready to be read by the encoder."""

    document: Document
    sentences: Sequence[Sentence]
    places: Sequence[Place | None]
    silenced: Silences

    @property
    def texts(self) -> list[str]:
        return [self.document.text[sentence.start : sentence.end] for sentence in self.sentences]

    @property
    def paragraphs(self) -> list[int]:
        return [sentence.block for sentence in self.sentences]


class Analyzer:
    """Analyses documents with one model, which it keeps loaded.

    >>> from analyzer import Analyzer
    >>> report = Analyzer.load().analyze("Prices rose 3 %, the ministry said. So the plan has failed.")
    >>> report.document.type_counts["factual_claim"]
    1
    """

    def __init__(
        self,
        model: Path,
        *,
        vague_credit: float = DEFAULT_VAGUE_CREDIT,
        runtime: Callable[[ModelFolder], Encoder] = OnnxEncoder,
    ) -> None:
        """Load the model folder `model`; `vague_credit` (0 to 1) is what a vague source counts for in the score.

        `runtime` makes the encoder that runs it. A model without the standard heads shows its own labels and scores no
        dependence. Raises `AnalyzerError` when the folder is incomplete or unreadable, or relabels a standard head.
        """
        self._vague_credit = _checked_credit(vague_credit)
        self._folder = open_folder(model)
        wrong = [head.name for head in self._folder.schema.own_heads if STANDARD_SCHEMA.has(head.name)]
        if wrong:
            raise AnalyzerError(f"{model}: its head {wrong[0]!r} has other labels than the standard one; rename it")
        _check_settings(self._folder)
        self._encoder = runtime(self._folder)
        self._heads = DocumentHeads(self._folder)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        vague_credit: float = DEFAULT_VAGUE_CREDIT,
        device: Device = "cpu",
    ) -> Analyzer:
        """Load a model folder, one beside the shipped model by its name, or the shipped one when none is given, to be
        run on `device` ("cpu" or "cuda").
        """
        return cls(folder_of(model), vague_credit=vague_credit, runtime=runtime_on(device))

    def analyze_file(
        self, path: str | Path, *, conclusions: Sequence[str] = (), policy: Policy = DEFAULT_POLICY
    ) -> Report:
        """Read a document (text, Markdown, HTML, mail, DOCX, PDF; "-" for standard input) and analyse it."""
        return self.analyze(read_path(path), conclusions=conclusions, policy=policy)

    def analyze(
        self,
        source: str | Document,
        *,
        conclusions: Sequence[str] = (),
        vague_credit: float | None = None,
        policy: Policy = DEFAULT_POLICY,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Report:
        """Analyse one text or document.

        The sentences that state a phrase of `conclusions` are treated as conclusions; `vague_credit` (0 to 1) takes
        the place of the one that the analyzer was made with; `policy` says which findings are made. `progress(done,
        total)` counts sentences read by the encoder. Raises `AnalyzerError` for a text without a sentence or over
        `MAX_CHARACTERS`.
        """
        credit = self._vague_credit if vague_credit is None else _checked_credit(vague_credit)
        prepared = _prepare(read_text(source) if isinstance(source, str) else source)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(done, len(prepared.sentences))

        encoded = self._encoder.read(prepared.texts, self._heads.mark_tokens, progress=advance)
        return self._report(prepared, self._heads.predict(encoded, prepared.paragraphs), conclusions, credit, policy)

    def analyze_many(
        self, documents: Sequence[Document], *, conclusions: Sequence[str] = (), policy: Policy = DEFAULT_POLICY
    ) -> list[Report | AnalyzerError]:
        """Analyse documents, which the encoder reads together; each report is the one that `analyze` gives.

        A document that cannot be analysed has the `AnalyzerError` in the place of its report.
        """
        prepared = [_prepare_or_error(document) for document in documents]
        ready = [found for found in prepared if isinstance(found, _Prepared)]
        encoded = self._encoder.read_many([found.texts for found in ready], self._heads.mark_tokens)
        predicted = iter(self._heads.predict_many(encoded, [found.paragraphs for found in ready]))
        return [
            self._report(found, next(predicted), conclusions, self._vague_credit, policy)
            if isinstance(found, _Prepared)
            else found
            for found in prepared
        ]

    def _report(
        self,
        prepared: _Prepared,
        raw: Predictions,
        phrases: Sequence[str],
        vague_credit: float,
        policy: Policy,
    ) -> Report:
        document, sentences = prepared.document, prepared.sentences
        stated, notes = _stated(phrases, prepared.texts)
        predictions, reasons = apply_form(raw, document, sentences, but=stated)
        predictions, cited = apply_citations(predictions, citations(document, sentences))
        reasons |= cited
        warning = language_warning(document.text)
        cut = _cut(prepared.texts, raw, self._folder.settings.window)
        readings = read_off_tables(document, sentences, but=_named(predictions))
        roles = roles_of(predictions, stated) if self._folder.schema.has("role") else None
        argument = no_argument()
        if roles is not None and self._folder.schema.scores_dependence:
            argument = build_argument(predictions, self._heads, roles=roles, readings=readings)
        if argument.conclusions:
            notes += _forced(predictions, stated)
        elif roles is not None:
            notes += _nearest(roles)
        found = [(sentence, f"states {phrase!r}, as asked for") for sentence, phrase in stated.items()]
        found += [(r.sentence, _reads_off(r)) for r in readings]
        for sentence, reason in found:
            reasons[sentence] = f"{reasons[sentence]}; {reason}" if sentence in reasons else reason
        analysis = Analysis(
            document=document,
            sentences=sentences,
            places=prepared.places,
            predictions=_with_roles(predictions, roles),
            argument=argument,
            reasons=reasons,
            notes=(*([warning] if warning else ()), *document.notes, *cut, *notes),
        )
        report = without_terms(assemble(analysis, self._folder, vague_credit=vague_credit), policy.terms)
        return report.model_copy(update={"findings": find(report, policy, prepared.silenced.rules)})


def _prepare(document: Document) -> _Prepared:
    name = document.path or document.title or "text"
    if len(document.text) > MAX_CHARACTERS:
        raise AnalyzerError(
            f"{name}: {len(document.text):,} characters, more than one document can have here "
            f"({MAX_CHARACTERS:,}); split it into its articles or chapters"
        )
    sentences = segment(document)
    if not sentences:
        raise AnalyzerError(f"{name}: no sentence in it; give a document with text")
    where = places(document, sentences)
    silenced = silences(document, sentences, where, RULES)
    return _Prepared(replace(document, notes=(*document.notes, *silenced.notes)), sentences, where, silenced)


def _prepare_or_error(document: Document) -> _Prepared | AnalyzerError:
    try:
        return _prepare(document)
    except AnalyzerError as error:
        return error


def _checked_credit(vague_credit: float) -> float:
    if not 0.0 <= vague_credit <= 1.0:
        raise AnalyzerError(f"vague_credit is {vague_credit}, expected a number from 0 to 1")
    return vague_credit


def _check_settings(folder: ModelFolder) -> None:
    """A temperature for every head that gives probabilities, a threshold for every label that is shown from one on."""
    schema, settings = folder.schema, folder.settings
    links = ["links"] if schema.links else []
    scaled = [*(head.name for head in schema.sentence_heads), *links]
    shown = [head.name for head in schema.sentence_heads if head.kind is HeadKind.MULTI]
    wanted = {
        "temperatures": set(scaled) - set(settings.temperatures),
        "thresholds": {*shown, *links, *map(span_threshold, schema.span_labels)} - set(settings.thresholds),
    }
    for kind, missing in wanted.items():
        if missing:
            raise AnalyzerError(
                f"{folder.path / CONFIG}: no {kind} for {', '.join(sorted(missing))}; train the model again"
            )


def _cut(texts: Sequence[str], predictions: Predictions, window: int) -> list[str]:
    """A note on sentences that are longer than the model reads at once, where it tells their tokens."""
    most = window - 2
    n = sum(
        len(tokens.offsets) >= most and int(tokens.offsets[-1, 1]) < len(text)
        for text, tokens in zip(texts, predictions.tokens, strict=False)
    )
    what = f"{count_phrase(n, 'sentence')} longer than the model reads at once"
    return [f"{what}: labelled by the first {most} tokens of each"] if n else []


def _with_roles(predictions: Predictions, roles: Array | None) -> Predictions:
    if roles is None:
        return predictions
    return replace(predictions, probabilities={**predictions.probabilities, "role": roles})


def _forced(predictions: Predictions, stated: Mapping[int, str]) -> list[str]:
    """A note on the sentences that are conclusions because a phrase asked for them, and for no other reason."""
    found = predictions.probabilities["role"].argmax(axis=1)
    forced = [f"s{sentence}" for sentence in sorted(stated) if found[sentence] != _CONCLUSION]
    if not forced:
        return []
    return [f"{', '.join(forced)}: {'a conclusion' if len(forced) == 1 else 'conclusions'} only because asked for"]


def _nearest(roles: Array) -> list[str]:
    """A note on the sentence that came nearest to a conclusion, where none is one."""
    chances = roles[:, _CONCLUSION]
    best = int(chances.argmax())
    if chances[best] < _NEAR_CONCLUSION:
        return []
    return [f"nearest to a conclusion: s{best}, {100 * chances[best]:.0f}%"]


def _named(predictions: Predictions) -> set[int]:
    """The sentences that name a source of their own."""
    sourcing = predictions.probabilities.get("sourcing")
    return set() if sourcing is None else set(np.flatnonzero(sourcing.argmax(axis=1) == _NAMED).tolist())


def _reads_off(reading: TableReading) -> str:
    source = "has a source" if reading.table_is_sourced else "has no source"
    rows = ", ".join(f"s{row}" for row in reading.rows)
    return f"reads off the table ({rows}), which {source}, and counts as that does"


def _stated(phrases: Sequence[str], texts: Sequence[str]) -> tuple[dict[int, str], list[str]]:
    """The phrase that each stating sentence states, and a note for each phrase that none does."""
    stated: dict[int, str] = {}
    notes = []
    for phrase in phrases:
        found = find_statements(phrase, texts)
        stated |= dict.fromkeys(found, phrase)
        if not found:
            notes.append(f"no sentence states {phrase!r}")
    return stated, notes
