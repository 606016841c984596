"""Writes the model card from what was really measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CARD = """# {name}

The model that `analyzer report` runs: it labels every sentence of an English article by type, attributed content,
loaded framing, sourcing and role in the argument, and scores which sentence supports which.

- **Encoder**: {encoder}, {epochs} epochs, learning rate {encoder_rate:g} (heads {head_rate:g}), the lowest {freeze}
  layers and the embeddings left as they were, windows of {window} tokens of whole sentences, seed {seed},
  exponential moving average of the weights.
- **Above it**: sentence vectors are means of token vectors; a bidirectional GRU over the sentences of the document adds
  context; one linear head a label set; a biaffine pointer scores support links. A linear head on
  the token vectors marks loaded words, sources and cues.
- **Rare labels** weigh by their frequency to the power of -{class_balance:g} in training.
- **Files**: `model.int8.onnx` and `heads.safetensors` are what the CPU runs, `model.safetensors` (fp16) is what
  training starts from. No pickle.

## Data

{data}

The labels follow `labeled/GUIDELINES.md` and were made with model assistance: they measure consistency with the
guidelines, not a crowd's opinion. The texts are news articles, web articles of strong opinion and journal editorials,
all in English; the texts themselves are not part of this repository. Documents that share text are never on both
sides of a split. Temperatures and thresholds were fitted on the calibration documents; the dev documents were only
measured.
{public}
## Measured on the dev documents

The int8 model as shipped. Beside it what keyword rules and TF-IDF with logistic regression reach on the same documents.

{heads}

{labels}

{links}

{spans}

## Intended use and misuse

To show a reader or an editor which sentences of an article to look at, with the probability of every label. It is no
fact-checker: unsourced is not false, sourced is not true, and no score is a verdict on an author or an outlet. Do not
rank outlets by single articles, and do not use it to decide automatically what gets published or paid.

## Limits

English only. News and editorials: other genres are guesswork. Rare labels (`own`, `vague`, `speculation`) are the
least reliable, and links are right less often than not when roles have to be predicted too. A source named far from
the sentence that leans on it may be missed. Sarcasm without loaded words is usually missed.

## Make it again

    analyzer train annotated.jsonl{option} --encoder {encoder} \\
      --epochs {epochs} --freeze {freeze} --seed {seed} -o models/{name}
"""


_PUBLIC = """
Public corpora, a part of which ({auxiliary_share:.0%}) every epoch reads, teach what they are labelled for: BABE
lexical bias and loaded words, CheckThat! subjectivity, the CoNLL-2010 Wikipedia sample uncertainty (three auxiliary
heads that are not part of the model), PTC loaded words, PolNeAR sources and cues, Argument Annotated Essays support
links. They are for research use (BABE AGPL-3.0, CheckThat! CC BY-NC-SA 4.0). What shares a sentence with a calibration
or dev document was not trained on.
"""


def write_card(metrics: Mapping[str, Any]) -> str:
    """The text of the model card for what `analyzer.training.recipe.train_model` measured."""
    return _CARD.format(
        name=metrics["model"]["name"],
        data=_data_table(metrics["data"]),
        public=_PUBLIC.format(**metrics["training"]) if _has_public(metrics["data"]) else "",
        option=" --public corpora" if _has_public(metrics["data"]) else "",
        heads=_head_table(metrics),
        labels=_label_table(metrics["dev"]),
        links=_links(metrics["dev"]),
        spans=_spans(metrics["dev"].get("spans", {})),
        **metrics["training"],
    )


def _has_public(data: Mapping[str, Any]) -> bool:
    return any(part["documents"] for use, part in data.items() if "public" in use)


def _data_table(data: Mapping[str, Any]) -> str:
    rows = ["| use | documents | sentences | sources |", "|---|---|---|---|"]
    for use, part in data.items():
        if not part["documents"]:
            continue
        sources = ", ".join(f"{name} {count}" for name, count in part["sources"].items())
        rows.append(f"| {use} | {part['documents']:,} | {part['sentences']:,} | {sources} |")
    return "\n".join(rows)


def _head_table(metrics: Mapping[str, Any]) -> str:
    baselines = metrics["baselines_dev"]
    rows = [
        "| head | macro-F1 | 95 % interval | ECE | TF-IDF + logistic regression | keywords |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in metrics["dev"]["heads"].items():
        simple = baselines["tfidf_logistic_regression"][name], baselines["keywords"][name]
        low, high = result["macro_f1_interval"]
        rows.append(
            f"| {name} | {result['macro_f1']:.3f} | {low:.3f} to {high:.3f} | {result['ece']:.3f} "
            f"| {simple[0]:.3f} | {simple[1]:.3f} |"
        )
    note = "For `loaded` the figure is the F1 of the loaded class. Intervals: bootstrap over the documents, one seed."
    return "\n".join([*rows, "", note])


def _label_table(dev: Mapping[str, Any]) -> str:
    rows = ["| head | label | precision | recall | F1 | sentences |", "|---|---|---|---|---|---|"]
    for name, result in dev["heads"].items():
        for label, r in result["labels"].items():
            rows.append(
                f"| {name} | {label} | {r['precision']:.3f} | {r['recall']:.3f} | {r['f1']:.3f} | {r['support']} |"
            )
    return "\n".join(rows)


def _spans(spans: Mapping[str, Any]) -> str:
    if not spans:
        return ""
    rows = [
        "| marked words | F1 of words | precision | recall | F1 of exact spans | words |",
        "|---|---|---|---|---|---|",
    ]
    for label, found in spans.items():
        words = found["words"]
        rows.append(
            f"| {label} | {words['f1']:.3f} | {words['precision']:.3f} | {words['recall']:.3f} "
            f"| {found['spans']['f1']:.3f} | {words['support']} |"
        )
    note = "Measured on documents of the public corpora that training has not seen."
    return "\n".join([*rows, "", note])


def _links(dev: Mapping[str, Any]) -> str:
    if "links" not in dev:
        return ""
    links, score = dev["links"], dev["dependence"]
    lines = [
        f"Support links: F1 {links['gold_roles']['f1']:.3f} when the roles are given, "
        f"{links['end_to_end']['f1']:.3f} end to end."
    ]
    if score["spearman"] is not None:
        lines.append(
            "Dependence of a document against the score worked out from gold labels: "
            f"Spearman {score['spearman']:.3f}, "
            f"mean absolute error {score['mean_absolute_error']:.3f} over {score['documents']} documents that have "
            f"conclusions in both; conclusions missed altogether in {score['missed']}, invented in {score['invented']}."
        )
    return "\n".join(lines)
