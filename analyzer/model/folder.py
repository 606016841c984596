"""A model folder: the files it must have, and its settings. Nothing in it is ever unpickled.

`config.json` is the encoder's Hugging Face configuration with one more entry, `analyzer`, that holds
`ModelSettings`; `heads.safetensors` holds the layers above the encoder for the CPU runtime. The weights of the CPU's
encoder are a file of their own, or several where there are many, mapped into memory instead of being read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.schema import LabelSchema

FORMAT = 4
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
SCHEMA = "schema.json"
HEADS = "heads.safetensors"
ONNX_ENCODER = "model.int8.onnx"
ONNX_WEIGHTS = "model.int8.onnx.data"
TORCH_WEIGHTS = "model.safetensors"
METRICS = "metrics.json"
CARD = "README.md"
_NEEDED_TO_RUN = (CONFIG, TOKENIZER, SCHEMA, HEADS, ONNX_ENCODER, ONNX_WEIGHTS)

PACKAGED = Path(__file__).parent.parent / "models" / "default"
CHECKOUT = Path(__file__).parent.parent.parent / "models" / "default"


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """What the runtimes need beside the weights.

    `window` is in tokens; `temperatures` divide a head's logits (`links`: the support scorer's); `thresholds` are
    the probabilities from which a label of a multi head, marked words and a support link count as given.
    """

    name: str
    version: str
    window: int
    temperatures: dict[str, float]
    thresholds: dict[str, float]

    def to_config(self) -> dict[str, Any]:
        """The `analyzer` entry of `config.json`."""
        return {"format": FORMAT, **asdict(self)}


@dataclass(frozen=True)
class ModelFolder:
    """A folder that was checked: its path, its settings and its label schema."""

    path: Path
    settings: ModelSettings
    schema: LabelSchema


def is_int8_only(folder: Path) -> bool:
    """Whether the encoder of a model folder is there in int8 and in no other form."""
    return (folder / ONNX_ENCODER).is_file() and not (folder / TORCH_WEIGHTS).is_file()


def open_folder(path: Path) -> ModelFolder:
    """Check a model folder and read its small files; `AnalyzerError` says what is missing or does not fit."""
    if not path.is_dir():
        raise AnalyzerError(
            f"{path}: no such model folder; give a folder made by `analyzer train`, or one of models/ in a checkout"
        )
    missing = [name for name in _NEEDED_TO_RUN if not (path / name).is_file()]
    if missing:
        raise AnalyzerError(f"{path}: model folder lacks {', '.join(missing)}; restore it or train the model again")
    try:
        entry = json.loads((path / CONFIG).read_text(encoding="utf-8"))["analyzer"]
        if entry["format"] != FORMAT:
            raise AnalyzerError(
                f"{path}: model folder format {entry['format']!r}, but this version reads format {FORMAT}; "
                "train the model again or install the version of the analyzer it was made with"
            )
        settings = ModelSettings(**{key: value for key, value in entry.items() if key != "format"})
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise AnalyzerError(f"{path / CONFIG}: not the configuration of an analyzer model ({error})") from error
    try:
        labels = (path / SCHEMA).read_text(encoding="utf-8")
    except ValueError as error:
        raise AnalyzerError(f"{path / SCHEMA}: not the labels of an analyzer model ({error})") from error
    schema = LabelSchema.from_json(labels, origin=str(path / SCHEMA))
    return ModelFolder(path, settings, schema)


def default_folder() -> Path:
    """Where the shipped model is: inside the installed package, or beside it in a checkout."""
    return PACKAGED if PACKAGED.is_dir() else CHECKOUT


def folder_of(model: str | Path | None) -> Path:
    """The folder that `model` means: the shipped model when None, a path, or the name of one that lies beside the
    shipped one, or in `models` where the command is given, as in a checkout.
    """
    if model is None:
        return default_folder()
    path = Path(model)
    if path.exists() or len(path.parts) != 1:
        return path
    named = (default_folder().with_name(path.name), Path("models") / path.name)
    return next((folder for folder in named if folder.is_dir()), path)


def files_to_run(folder: Path) -> list[Path]:
    """The files of a model folder on which its labels depend: not its card and its figures."""
    needed = {*(folder / name for name in _NEEDED_TO_RUN), *onnx_files(folder), folder / TORCH_WEIGHTS}
    return sorted(path for path in needed if path.is_file())


def onnx_files(folder: Path) -> list[Path]:
    """The files of the CPU's encoder: its graph, and its weights."""
    return [folder / ONNX_ENCODER, *sorted(folder.glob(f"{ONNX_WEIGHTS}*"))]
