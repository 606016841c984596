"""The argument graph in the Argument Interchange Format, as the JSON that AIFdb stores and OVA draws.

Every sentence of the argument, and every other that probably supports one, is an I-node; a link from premise to
conclusion is an RA-node (Default Inference) between two of them. Nodes carry the analyzer's labels and scores beside
the standard keys, under `analyzer`. Several documents make one graph of several parts; with `quiet`, each is a graph on
a line of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from analyzer.render.json import write_text
from analyzer.report import Report, SentenceReport, Support
from analyzer.schema import Role

# A link less probable than this is no assertion, unless it is the likeliest of a sentence that is part of the argument.
_LIKELY = 0.5
# "Default Inference" in the scheme set of AIFdb.
_SCHEME, _SCHEME_ID = "Default Inference", "72"


def write(reports: Sequence[Report], stream: TextIO, *, quiet: bool) -> None:
    """Write the argument graphs of reports to `stream`."""
    if quiet:
        text = "\n".join(json.dumps(_graph([report]), ensure_ascii=False) for report in reports)
    else:
        text = json.dumps(_graph(reports), ensure_ascii=False, indent=2)
    write_text(text, stream)


def _graph(reports: Sequence[Report]) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for report in reports:
        links = [(sentence, link) for sentence in report.sentences for link in _asserted(sentence)]
        linked = {s.index for s, _ in links} | {link.sentence for _, link in links}
        node_of: dict[int, str] = {}
        for sentence in report.sentences:
            if _takes_part(sentence) or sentence.index in linked:
                node_of[sentence.index] = str(len(nodes) + 1)
                nodes.append(_information(sentence, node_of[sentence.index], report))
        for sentence, link in links:
            inference = str(len(nodes) + 1)
            nodes.append(_inference(link, inference))
            for source, target in ((node_of[sentence.index], inference), (inference, node_of[link.sentence])):
                edges.append({"edgeID": str(len(edges) + 1), "fromID": source, "toID": target, "formEdgeID": None})
    fulfilled = [{"nodeID": node["nodeID"], "schemeID": _SCHEME_ID} for node in nodes if node["type"] == "RA"]
    return {
        "nodes": nodes,
        "edges": edges,
        "schemefulfillments": fulfilled,
        "descriptorfulfillments": [],
        "participants": [],
        "locutions": [],
    }


def _takes_part(sentence: SentenceReport) -> bool:
    return sentence.role not in (None, Role.BACKGROUND.value)


def _asserted(sentence: SentenceReport) -> Iterator[Support]:
    links = sorted(sentence.supports, key=lambda link: -link.probability)
    for number, link in enumerate(links):
        if link.probability >= _LIKELY or (number == 0 and _takes_part(sentence)):
            yield link


def _information(sentence: SentenceReport, node: str, report: Report) -> dict[str, Any]:
    labels = {
        "document": report.document.id,
        "sentence": sentence.index,
        "role": sentence.role,
        "type": sentence.type,
        "sourcing": sentence.sourcing,
        "loaded": sentence.loaded,
        "dependence": sentence.dependence,
    }
    return {"nodeID": node, "text": sentence.text, "type": "I", "analyzer": labels}


def _inference(link: Support, node: str) -> dict[str, Any]:
    standard = {"nodeID": node, "text": _SCHEME, "type": "RA", "scheme": _SCHEME, "schemeID": _SCHEME_ID}
    return {**standard, "analyzer": {"probability": link.probability}}
