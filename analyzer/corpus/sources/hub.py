"""Data sets of the Hugging Face hub, or folders in its format, streamed by the library `datasets`."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.corpus.sources.row import Row
from analyzer.errors import AnalyzerError


def rows(name: str) -> Iterator[Row]:
    """The rows of `NAME` or `NAME:SPLIT`, numbered from 1; without a split, of `train` or the only one there is."""
    import datasets

    dataset_name, _, split = name.partition(":")
    number = 0
    try:
        splits = datasets.load_dataset(dataset_name, streaming=True)
        chosen = split or ("train" if "train" in splits else next(iter(splits)) if len(splits) == 1 else "")
        if chosen not in splits:
            raise AnalyzerError(f"hf:{name}: name one of its splits: hf:{dataset_name}:{'|'.join(splits)}")
        for number, values in enumerate(splits[chosen], 1):
            yield Row(f"hf:{dataset_name}:{chosen}:{number}", values)
    except AnalyzerError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        if number == 0:
            raise AnalyzerError(
                f"hf:{name}: no data set that can be read ({reason}); check the name and the network"
            ) from error
        # Not a row with a problem: the network may be back when the command is run again, which goes on from here.
        raise AnalyzerError(
            f"hf:{name}: broke off after row {number} ({reason}); run the same command again"
        ) from error
