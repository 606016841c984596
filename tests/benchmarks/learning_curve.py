"""What more labelled documents would bring: dev scores of models trained on ever more of them, with the spread over seeds.

    python tests/benchmarks/learning_curve.py annotated.jsonl --encoder all-MiniLM-L6-v2 -o curve.json --plot curve.png

Every model starts from the encoder and is trained as `analyzer train` does; thresholds are set on the calibration
documents, and what the network says before it is exported is measured on dev. With --freeze, more layers stay as they are
and what they make of every document is worked out once: a curve in a fraction of the time, of somewhat worse models. With one
seed, a smaller set of documents is part of every larger one. Fewer documents are read more often, up to four times as often
as the largest set, so that small sets do not merely lack steps; --epochs is what the largest set gets. Runs that the JSON
file has are not made again, so that a curve that was interrupted is gone on with, and one can be drawn further: table and plot
show all that it has of this encoder, these files and --freeze.

Needs the extra train. Give --sizes and --seeds few and small numbers to try it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

if TYPE_CHECKING:
    from analyzer.training.data import LabelledDocument
    from analyzer.training.options import TrainingOptions

SIZES = (60, 120, 240, 480, 960)
HEADS = ("type", "content", "loaded", "sourcing", "role")
# The outputs of so many frozen layers are worth keeping, for windows cut at so many places.
_FEW_FROZEN, _CUTS = 2, 2


def main() -> None:
    """Train what is missing, write the JSON after every run, print a table and draw the plot."""
    given = _arguments()
    from analyzer.schema import STANDARD_SCHEMA
    from analyzer.training.data import load_labelled
    from analyzer.training.options import TrainingOptions

    documents = [document for path in given.labelled for document in load_labelled(path, STANDARD_SCHEMA)]
    train = [document for document in documents if document.split == "train"]
    others = [document for document in documents if document.split in ("calibration", "dev")]
    sizes = sorted({min(size, len(train)) for size in given.sizes})
    runs: list[dict[str, Any]] = json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else []
    asked = [(size, seed) for seed in given.seeds for size in sizes]
    data = hashlib.sha256(b"".join(path.read_bytes() for path in given.labelled)).hexdigest()
    of_curve = {"encoder": given.encoder.name, "data": data, "freeze": given.freeze}
    for size, seed in tqdm(asked, unit="model", disable=None):
        of_run = {**of_curve, "documents": size, "seed": seed, "epochs": given.epochs * min(4, sizes[-1] // size)}
        if not any(of_run.items() <= run.items() for run in runs):
            chosen = random.Random(seed).sample(train, len(train))[:size]
            run = {**of_run, "sentences": sum(len(document.texts) for document in chosen)}
            options = TrainingOptions(
                seed=seed, epochs=run["epochs"], freeze=given.freeze, cuts=_CUTS if given.freeze > _FEW_FROZEN else 0
            )
            run["figures"] = figures_of(chosen, others, given.encoder, options)
            runs.append(run)
            given.out.write_text(json.dumps(runs, indent=2) + "\n", encoding="utf-8")
    drawn = [run for run in runs if of_curve.items() <= run.items()]
    print(table_of(drawn))
    if given.plot is not None:
        draw(drawn, given.plot)


def figures_of(
    fit: Sequence[LabelledDocument], others: Sequence[LabelledDocument], encoder: Path, options: TrainingOptions
) -> dict[str, float]:
    """By head its macro-F1 on dev (`loaded`: F1 of the class), labels worth a look, and F1 of links."""
    from analyzer.schema import STANDARD_SCHEMA
    from analyzer.training.benchmarks.folds import NetworkJudge
    from analyzer.training.calibration import fit_thresholds
    from analyzer.training.metrics import all_metrics
    from analyzer.training.trainer import train_network

    judge = NetworkJudge(train_network(fit, STANDARD_SCHEMA, encoder, options), STANDARD_SCHEMA)
    calibration, dev = ([d for d in others if d.split == split] for split in ("calibration", "dev"))
    thresholds = fit_thresholds(calibration, judge.predict(calibration), judge.heads, STANDARD_SCHEMA)
    found = all_metrics(dev, judge.predict(dev), judge.heads, STANDARD_SCHEMA, thresholds)
    figures = {head: found["heads"][head]["macro_f1"] for head in HEADS}
    rare = (("type", "speculation"), ("sourcing", "vague"), ("sourcing", "own"), ("role", "conclusion"))
    figures |= {label: found["heads"][head]["labels"][label]["f1"] for head, label in rare}
    return figures | {
        "links": found["links"]["gold_roles"]["f1"],
        "links end to end": found["links"]["end_to_end"]["f1"],
    }


def table_of(runs: Sequence[dict[str, Any]]) -> str:
    """A Markdown table, a row a size: means and, over several seeds, standard deviations."""
    names = list(runs[0]["figures"])
    rows = [["documents", "sentences", "seeds", *names], ["---"] * (3 + len(names))]
    for size in sorted({run["documents"] for run in runs}):
        of_size = [run for run in runs if run["documents"] == size]
        cells = [_mean_and_spread([run["figures"][name] for run in of_size]) for name in names]
        rows.append([f"{size:,}", f"{np.mean([r['sentences'] for r in of_size]):,.0f}", str(len(of_size)), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _mean_and_spread(found: Sequence[float]) -> str:
    return f"{np.mean(found):.3f}" + (f" ± {np.std(found, ddof=1):.3f}" if len(found) > 1 else "")


def draw(runs: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw the heads' means over the seeds by the number of documents, with bars from the lowest to the highest."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4), dpi=120, layout="constrained")
    axes = figure.subplots()
    sizes = sorted({run["documents"] for run in runs})
    for name in (*HEADS, "links"):
        of_size = [[run["figures"][name] for run in runs if run["documents"] == size] for size in sizes]
        lowest, means, highest = np.array([[min(found), np.mean(found), max(found)] for found in of_size]).T
        ends = means - lowest, highest - means
        axes.errorbar(sizes, means, ends, marker="o", markersize=3.5, linewidth=1.4, capsize=2.5, label=name)
    axes.set(xscale="log", xlabel="labelled documents", ylabel="F1 on dev", title="What more labels bring")
    axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
    axes.minorticks_off()
    axes.grid(alpha=0.25)
    axes.legend(fontsize="small", ncols=2)
    figure.savefig(path, metadata={"Software": None})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="+", type=Path, help="files of labelled documents, JSON lines")
    parser.add_argument(
        "--encoder", type=Path, required=True, help="folder of the encoder that every model starts from"
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="numbers of training documents")
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--freeze", type=int, default=2, help="lowest encoder layers to leave as they are")
    parser.add_argument("-o", "--out", type=Path, default=Path("learning_curve.json"), help="figures, as JSON")
    parser.add_argument("--plot", type=Path, help="PNG to draw")
    return parser.parse_args()


if __name__ == "__main__":
    main()
