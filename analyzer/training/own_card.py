"""Writes the card of a model that was taught a user's own labels, from what was really done and measured."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

_CARD = """# {name}

{summary}

{heads}

## Data

{data}

| label | trained on | held out |
|---|---|---|
{classes}

{division}

## How it was trained

- **Start**: {encoder}; {frozen}; windows of {window} tokens of whole sentences, seed {seed}.
- **Rates**: {encoder_rate:g} for the encoder, {head_rate:g} for what is above it; a step reads about {tokens_per_step}
  tokens; weights are averaged over the last steps. Rare labels weigh by their frequency to the power of
  -{class_balance:g}.
- **Length**: {length}

![Loss by step, and the score on held-out documents by epoch](curves.png)

## Measured on the held-out documents

The int8 model as it is in this folder, on documents that it was neither trained nor calibrated on.

{figures}

{labels}
{spans}
{drift}## Limits

What a label means is what the data above shows: the model learned from {sentences:,} sentences, and texts of another
kind are guesswork. {few}A score is an answer to "how often does it agree with who labelled the data", not to "how often
is it right". Probabilities were calibrated on {calibrated}.

## Make it again

    {command}
"""


def write_own_card(metrics: Mapping[str, Any]) -> str:
    """The text of the model card for what `analyzer.training.own.teach` measured."""
    training, data = metrics["training"], metrics["data"]
    rare = [name for name, count in _counts(data["fit"]) if count < 50]
    card = _CARD.format(
        name=metrics["model"]["name"],
        summary=_summary(metrics),
        heads="\n".join(_head(head) for head in metrics["heads"]),
        data=f"{data['source']}, {data['rows']:,} rows, read on {data['date']}. {_columns(data['columns'])}",
        classes=_classes(data),
        division=_division(data),
        frozen=_frozen(training),
        length=_length(training),
        figures=_figures(metrics),
        labels=_labels(metrics["dev"]["heads"]),
        spans=_spans(metrics["dev"].get("spans", {})),
        drift=_drift(metrics["drift"]) if "drift" in metrics else "",
        sentences=data["fit"]["sentences"],
        few=f"Few examples were there of {', '.join(rare)}. " if rare else "",
        calibrated=_calibrated(training),
        command=data["command"],
        **{
            key: training[key]
            for key in ("encoder", "window", "seed", "encoder_rate", "head_rate", "tokens_per_step", "class_balance")
        },
    )
    return "\n\n".join(filter(None, map(_filled, card.split("\n\n")))) + "\n"


def _filled(block: str) -> str:
    """A paragraph, or a list of them, broken into lines anew; tables, headings and commands as they are."""
    if block.lstrip("\n").startswith(("|", "#", "!", "    ")):
        return block.strip("\n")
    items = block.replace("\n- ", "\n\n- ").split("\n\n")
    return "\n".join(
        textwrap.fill(item, 120, subsequent_indent="  " if item.startswith("- ") else "") for item in items
    )


def _summary(metrics: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{head['name']}`" for head in metrics["heads"])
    if metrics["training"]["join"]:
        return f"Labels every sentence of a text by {names}, beside all labels of the model that it started from."
    return (
        f"Labels every sentence of a text by {names}. It has no other heads, so a report made with it shows these "
        "labels and scores no dependence."
    )


def _head(head: Mapping[str, Any]) -> str:
    kinds = {"single": "exactly one of", "multi": "any number of", "span": "words marked as"}
    if head["kind"] == "multi" and len(head["labels"]) == 1:
        return f"- **{head['name']}**: holds or not"
    return f"- **{head['name']}**: {kinds[head['kind']]} {', '.join(head['labels'])}"


def _columns(columns: Mapping[str, Any]) -> str:
    labels = ", ".join(f"`{column}`" for column in columns["labels"].values())
    words = [f"Text in column `{columns['text']}`, labels in {labels}"]
    words += [f"{use} in `{columns[use]}`" for use in ("document", "order", "split") if columns.get(use)]
    return "; ".join(words) + "." if columns["text"] else "Labelled documents."


def _counts(part: Mapping[str, Any]) -> list[tuple[str, int]]:
    counts = []
    for head, labels in part["labels"].items():
        for label, count in labels.items():
            counts.append((label if label == head else f"{head}: {label}", count))
            if list(labels) == [head] and head not in part["marks"]:
                counts.append((f"not {head}", part["sentences"] - count))
    return counts


def _classes(data: Mapping[str, Any]) -> str:
    pairs = zip(_counts(data["fit"]), _counts(data["dev"]), strict=True)
    return "\n".join(f"| {name} | {fit:,} | {dev:,} |" for (name, fit), (_, dev) in pairs)


def _division(data: Mapping[str, Any]) -> str:
    fit, dev, watched = data["fit"], data["dev"], data.get("watched")
    of_watched = ""
    if watched:
        of_watched = f", {watched['sentences']:,} of {watched['documents']:,} only told how long to train"
    return (
        f"{fit['sentences']:,} sentences of {fit['documents']:,} documents were trained on{of_watched}, "
        f"{dev['sentences']:,} of {dev['documents']:,} held out. What shares a text, or a document, is never on both "
        "sides."
    )


def _frozen(training: Mapping[str, Any]) -> str:
    if training["join"] and training["moved_layers"] == 0:
        return "the encoder and everything that was above it left as it was, new heads on top"
    if training["moved_layers"] == 0:
        return "the encoder left as it was"
    words = f"the lowest {training['freeze']} layers and the embeddings left as they were"
    return f"{words}, the old heads held to what they said before (distillation)" if training["join"] else words


def _length(training: Mapping[str, Any]) -> str:
    kept, epochs, score = training["kept_epochs"], training["epochs"], training["folds_macro_f1"]
    if training["folds"] > 1:
        return (
            f"{kept} of at most {epochs} epochs, the number that was best over {training['folds']} folds of the "
            f"training documents (macro-F1 {score:.3f} over all folds); then one model on all of them."
        )
    return (
        f"{kept} of at most {epochs} epochs, the best on one fold of ten of the training documents "
        f"(macro-F1 {score:.3f}); that fold was not trained on."
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    rows = [
        "| head | macro-F1 | ECE | TF-IDF + logistic regression | most frequent label |",
        "|---|---|---|---|---|",
    ]
    simple = metrics["baselines_dev"]
    own = [head["name"] for head in metrics["heads"] if head["kind"] != "span"]
    for name in own:
        result = metrics["dev"]["heads"][name]
        score = result.get("macro_f1_yes_no", result["macro_f1"])
        others = (simple["tfidf_logistic_regression"][name], simple["most_frequent"][name])
        rows.append(f"| {name} | {score:.3f} | {result['ece']:.3f} | {others[0]:.3f} | {others[1]:.3f} |")
    note = "Macro-F1 is the mean over the labels; for a label that holds or not, over yes and no."
    return "\n".join([*rows, "", note]) if own else ""


def _labels(heads: Mapping[str, Any]) -> str:
    rows = ["| head | label | precision | recall | F1 | sentences |", "|---|---|---|---|---|---|"]
    for name, result in heads.items():
        for label, r in result["labels"].items():
            figures = f"{r['precision']:.3f} | {r['recall']:.3f} | {r['f1']:.3f} | {r['support']}"
            rows.append(f"| {name} | {label} | {figures} |")
    return "\n".join(rows) if len(rows) > 2 else ""


def _spans(spans: Mapping[str, Any]) -> str:
    if not spans:
        return ""
    rows = ["", "| marked words | F1 of words | precision | recall | F1 of exact spans |", "|---|---|---|---|---|"]
    for label, found in spans.items():
        w = found["words"]
        figures = f"{w['f1']:.3f} | {w['precision']:.3f} | {w['recall']:.3f} | {found['spans']['f1']:.3f}"
        rows.append(f"| {label} | {figures} |")
    return "\n".join([*rows, ""])


def _drift(drift: Mapping[str, Any]) -> str:
    rows: Sequence[str] = [
        f"| {name} | {row['other_label']:.1%} | {row['mean_change']:.4f} |" for name, row in drift["heads"].items()
    ]
    moved = any(row["mean_change"] > 0 for row in drift["heads"].values())
    words = "Nothing moved: it is as good at them as the model that it started from."
    if moved:
        words = (
            "A model whose encoder layers move says other things on texts unlike these as well: measure it on your own "
            "labelled documents before trusting its scores, or leave `--freeze` out."
        )
    head = f"How the labels of the model it started from moved, on {drift['sentences']:,} held-out sentences."
    table = "\n".join(["| head | sentences with another label | mean change of probability |", "|---|---|---|", *rows])
    return f"\n## Drift\n\n{head} {words}\n\n{table}\n\n"


def _calibrated(training: Mapping[str, Any]) -> str:
    if training["folds"] > 1:
        return "what the models of the folds said of documents that they were not trained on"
    return "one fold of ten of the training documents"
