"""`Report`, the one result type: what the analyzer says about one document, as data.

It is built by `analyzer.pipeline`, drawn by `analyzer.render`, and its JSON schema is published by
`analyzer schema`. Offsets are code points into `document.text`; sentences and paragraphs are numbered from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION: Literal["1"] = "1"

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Interval = tuple[Share, Share]
Index = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HeadInfo(_Part):
    """A set of labels that the model gives: exactly one holds (`single`), any number of them (`multi`), or each marks
    words (`span`).
    """

    name: str
    kind: Literal["single", "multi", "span"]
    labels: list[str]


class ModelInfo(_Part):
    """Which model made the report. `heads` are the labels it has beyond the standard ones.

    A model trained on other labels alone lacks the standard ones (`is_standard` is false): what they give is null then.
    """

    name: str
    version: str
    heads: list[HeadInfo] = Field(default_factory=list)
    is_standard: bool = True


class Grounds(_Part):
    """What a conclusion comes to rest on: chances that add up to 1."""

    named_fact: Share
    named_opinion: Share
    own: Share
    vague: Share
    unsourced_fact: Share
    unsourced_inference: Share
    unsourced_speculation: Share
    circular: Share


class DocumentScores(_Part):
    """The document and its scores; `dependence` and what goes with it are null when it draws no conclusion."""

    id: str
    title: str
    path: str | None
    text: str
    dependence: Share | None
    interval: Interval | None
    opinion_share: Share | None
    grounds: Grounds | None
    unsourced_share: Share | None = Field(
        description="share of the factual claims that have no source, not even a vague one, and show no evidence; "
        "null without factual claims"
    )
    loaded_share: Share | None
    type_counts: dict[str, int]
    notes: list[str]
    label_counts: dict[str, dict[str, int]] = Field(
        default_factory=dict,
        description="sentences by label of the model's own heads; for those that mark words, spans",
    )


class Paragraph(_Part):
    """One block; `contribution`: how far the document's dependence falls if the block's premises were sourced."""

    index: Index
    kind: str
    start: Index
    end: Index
    type_counts: dict[str, int]
    loaded_share: Share | None
    unsourced_share: Share | None
    dependence: Share | None
    contribution: Share | None


class Support(_Part):
    """A sentence that this one is a reason for, and how likely it is."""

    sentence: Index
    probability: Share


class Span(_Part):
    """Marked words inside a sentence.

    `kind`: `loaded` (the author's loaded words), `quoted_loaded` (those of a quoted speaker), `source` (who is cited),
    `cue` (the word that cites: said, according to), or a label of a model's own.
    """

    kind: str
    start: Index
    end: Index
    text: str


class Place(_Part):
    """Where a sentence stands in the file it was read from, decoded: lines and columns count code points from 1.

    `end_column` is the column after the last character; `offset` counts code points from 0, a byte order mark not
    among them.
    """

    line: Annotated[int, Field(ge=1)]
    column: Annotated[int, Field(ge=1)]
    end_line: Annotated[int, Field(ge=1)]
    end_column: Annotated[int, Field(ge=1)]
    offset: Index
    length: Index


class SentenceReport(_Part):
    """One sentence with its labels. `probabilities` holds a mapping, or a number where one label holds or not.

    `notes` gives the reason for a label that did not come from the model alone. `labels` holds what the model's own
    heads say: one label, or a list of those that hold. A standard label is null where the model has no such head.
    Background has no `dependence`; where it may be a premise after all, `supports` says of what.
    """

    index: Index
    paragraph: Index
    start: Index
    end: Index
    text: str
    type: str | None
    content: str | None
    loaded: bool | None
    sourcing: str | None
    role: str | None
    probabilities: dict[str, dict[str, Share] | Share]
    spans: list[Span]
    dependence: Share | None
    supports: list[Support]
    notes: list[str]
    labels: dict[str, str | list[str]] = Field(default_factory=dict)
    place: Place | None = Field(
        default=None, description="null where the file has no lines (DOCX, PDF) or the sentence was not found in it"
    )


class Premise(_Part):
    """A sentence that a conclusion rests on; `weight` is the chance that tracing the conclusion comes to it."""

    sentence: Index
    weight: Share
    dependence: Share


class Fix(_Part):
    """What the conclusion's dependence would be if that sentence named its source."""

    sentence: Index
    dependence_if_sourced: Share


class Conclusion(_Part):
    """A conclusion of the document and what it rests on; `premises` and `fixes` are sorted, most telling first."""

    sentence: Index
    text: str
    dependence: Share
    interval: Interval
    opinion_share: Share
    grounds: Grounds
    premises: list[Premise]
    fixes: list[Fix]


class GraphNode(_Part):
    """A sentence that is or may be part of the argument, with the probabilities that its scores are made of, at full
    precision.

    `content` and `type` are over the three kinds of assertion, given that the sentence asserts something.
    `conclusion_weight` is what a conclusion counts for in the document's scores; null for any other sentence.
    """

    sentence: Index
    sourcing: dict[str, Share]
    content: dict[str, Share]
    type: dict[str, Share]
    conclusion_weight: Share | None


class GraphLink(_Part):
    """Sentence `supporter` is a reason for sentence `supported`, with that probability at full precision."""

    supporter: Index
    supported: Index
    probability: Share


class ArgumentGraph(_Part):
    """What the scores are solved from. Everything else in a report is rounded; this is not, so that anyone can solve
    a what-if by the same definition and find the same numbers. `vague_credit` is what a vague source counts for.
    """

    vague_credit: Share
    nodes: list[GraphNode]
    links: list[GraphLink]


class Finding(_Part):
    """A sentence that an editor may want to look at, and why: what annotations, exit codes and baselines count.

    `related` are sentences that bear on it. `fingerprint` stays the same when lines move. A finding is `silenced` by a
    comment in the document and `known` from a baseline; only an `open` one counts.
    """

    rule: str
    level: Literal["note", "warning", "error"]
    status: Literal["open", "silenced", "known"]
    sentence: Index
    message: str
    reason: str
    related: list[Index]
    fingerprint: str


class Report(_Part):
    """Everything the analyzer says about one document."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    model: ModelInfo
    document: DocumentScores
    paragraphs: list[Paragraph]
    sentences: list[SentenceReport]
    conclusions: list[Conclusion]
    graph: ArgumentGraph
    findings: list[Finding] = Field(default_factory=list, description="in the order of the text")

    def to_json(self, *, indent: int | None = 2) -> str:
        """The report as JSON text, valid under `json_schema()`."""
        return self.model_dump_json(indent=indent)


def by_paragraph(sentences: Iterable[SentenceReport]) -> dict[int, list[SentenceReport]]:
    """The sentences of every paragraph that has any, by its number."""
    inside: dict[int, list[SentenceReport]] = {}
    for sentence in sentences:
        inside.setdefault(sentence.paragraph, []).append(sentence)
    return inside


def json_schema() -> dict[str, Any]:
    """The published JSON schema (draft 2020-12) of the report."""
    schema = Report.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
