"""Trains the network on labelled documents: whole documents in, a `TrainedNetwork` out.

A step reads a few whole documents, so that the document context and every support link are seen in full. Weights
are averaged over the steps (an exponential moving average), which is what is kept.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from analyzer.errors import AnalyzerError
from analyzer.model.predictions import Array, Predictions
from analyzer.model.torch_network import DocumentHeads
from analyzer.model.torch_weights import layers_of
from analyzer.model.windows import Window
from analyzer.schema import STANDARD_SCHEMA, LabelSchema
from analyzer.training.augmentation import exchange_names
from analyzer.training.checkpoint import Checkpoint
from analyzer.training.data import LabelledDocument
from analyzer.training.encoder import FrozenOutputs, Int8Encoder, Int8Reader, KeptVectors, Reader, best_device
from analyzer.training.joining import restore_marks
from analyzer.training.losses import Outputs, class_weights
from analyzer.training.network_predictions import flat, network_outputs, predictions_of
from analyzer.training.objective import Objective
from analyzer.training.options import TrainingOptions
from analyzer.training.reading import (
    Example,
    batches_of,
    example_of,
    put_together,
    read_documents,
    windows_of,
)
from analyzer.training.run_state import Come, Epoch, Held, MovingParts
from analyzer.training.starting import start_from
from analyzer.training.swaps import SwapList
from analyzer.training.teacher import Teachers

# What a kill loses, at most, of a run with long epochs.
_SECONDS_BETWEEN_CHECKPOINTS = 60.0
# A run of fewer steps averages its weights over the last tenth of them.
_AVERAGED_PART = 10.0


@dataclass(frozen=True)
class TrainedNetwork:
    """The averaged encoder and heads, in evaluation mode, with what they were made with.

    `held` has, by epoch, the probabilities on `held_examples` as `analyzer.training.network_predictions.flat` puts
    them; `best` is the epoch whose weights these are.
    """

    encoder: Any
    heads: DocumentHeads
    tokenizer: Tokenizer
    options: TrainingOptions
    losses: tuple[float, ...]
    epochs: tuple[Epoch, ...] = ()
    best: int = 0
    held: tuple[dict[str, Array], ...] = ()
    held_examples: tuple[Example, ...] = ()


def train_network(
    documents: Sequence[LabelledDocument],
    schema: LabelSchema,
    encoder_folder: Path,
    options: TrainingOptions,
    *,
    auxiliary: Sequence[LabelledDocument] = (),
    teachers: Sequence[Path] = (),
    swaps: SwapList | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
    on_read: Callable[[int, int], None] = lambda tokens, total: None,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> TrainedNetwork:
    """Train on `documents`, starting from a Hugging Face encoder folder; `auxiliary` documents teach some heads too.
    All of them teach what the models in the folders `teachers` say of them. With `swaps`, every epoch reads them with
    other names exchanged, of which teachers say what they say of the documents as they are.

    `progress(step, total_steps, loss)` is called after every step, `on_epoch` after every epoch; for `on_read`, see
    `Training`. Identical options give identical weights on one machine. A run whose `checkpoint` exists goes on from
    there. Raises `AnalyzerError` when the folder holds no encoder.
    """
    training = Training(
        documents,
        schema,
        encoder_folder,
        options,
        auxiliary=auxiliary,
        teachers=teachers,
        swaps=swaps,
        on_read=on_read,
    )
    return training.run(checkpoint=checkpoint, progress=progress, on_epoch=on_epoch)


class Training:
    """One run: the network, what trains it, and how far it has come."""

    def __init__(
        self,
        documents: Sequence[LabelledDocument],
        schema: LabelSchema,
        start: Path,
        options: TrainingOptions,
        *,
        auxiliary: Sequence[LabelledDocument] = (),
        teachers: Sequence[Path] = (),
        swaps: SwapList | None = None,
        held: Held | None = None,
        base: LabelSchema | None = None,
        until: int | None = None,
        on_read: Callable[[int, int], None] = lambda tokens, total: None,
    ) -> None:
        """Prepare a run that starts from the folder `start` and ends after `until` epochs, or all of them.

        Frozen layers read the documents meanwhile: `on_read` gets the number of tokens that they have read, and of all.

        With `base`, the schema of the model in `start`, whose heads come first in `schema`, these heads are kept as
        they are, and where encoder layers move they are held to what they said before.
        """
        torch.manual_seed(options.seed)
        self._order = random.Random(options.seed)
        self._options, self._schema, self._base, self._held = options, schema, base, held
        device = best_device()
        begun = start_from(start, schema, options, device, base=base)
        encoder, heads, self._tokenizer = begun.encoder, begun.heads, begun.tokenizer
        # Reading in int8 takes longer than all else: documents are cut as a report cuts them, and nowhere else.
        self._cuts: list[int | None] = [None] if begun.int8 is not None else _cuts(options.window, options.cuts)
        if options.marks_only:
            documents, auxiliary = ([d for d in given if d.spans] for given in (documents, auxiliary))
            if not documents and not auxiliary:
                raise AnalyzerError("none of the documents has marked words, or was looked through for them")
        self._network: Any = nn.ModuleDict({"encoder": encoder, "heads": heads}).to(device)
        examples = [example_of(document, self._tokenizer, schema) for document in documents]
        others = [example_of(document, self._tokenizer, schema) for document in auxiliary]
        self._held_examples = [example_of(d, self._tokenizer, schema) for d in held.documents] if held else []
        readings = put_together(examples, self._order) if options.together else [examples]
        before = self._outputs_before(encoder, readings) if base is not None else {}
        self._teachers = (
            Teachers(teachers, STANDARD_SCHEMA, schema, self._tokenizer, encoder.config.hidden_size, device)
            if teachers
            else None
        )
        if self._teachers is not None and self._teachers.n_others:
            regressor = nn.Linear(encoder.config.hidden_size, self._teachers.n_others)
            self._network["regressor"] = regressor.to(device)
        epochs = [
            [*readings[number % len(readings)], *_part(others, options.auxiliary_share, self._order)]
            for number in range(options.epochs)
        ]
        if swaps is not None:
            epochs = [[self._exchanged(example, swaps) for example in epoch] for epoch in epochs]
        self._kept = self._keep_outputs(encoder, begun.int8, epochs, on_read)
        batches = [list(batches_of(epoch, options.tokens_per_step, self._order)) for epoch in epochs]
        self._batches = [batch for epoch in batches for batch in epoch][: options.steps]
        ends = (min(end, len(self._batches)) for end in accumulate(map(len, batches)))
        if not self._batches:
            raise AnalyzerError("an epoch would read no document; raise --public-share, or give more documents")
        self._ends = list(dict.fromkeys(ends))
        self._last = self._ends[: until or options.epochs][-1]
        self._prepare_steps()
        weights = class_weights(documents, schema, options.class_balance, weigh_yes=options.weigh_yes)
        self._objective = Objective(
            self._network, schema, weights, self._order, options.marks_only, self._teachers, before, base
        )

    def _prepare_steps(self) -> None:
        options, total = self._options, len(self._batches)
        decay = max(0.0, min(options.average_decay, 1 - _AVERAGED_PART / total))
        self._average = torch.optim.swa_utils.AveragedModel(
            self._network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
        )
        self._moving = [name for name, p in self._network.named_parameters() if p.requires_grad]
        rates = {"encoder": options.encoder_rate, "heads": options.head_rate, "regressor": options.head_rate}
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in self._network[part].parameters() if p.requires_grad], "lr": rate}
                for part, rate in rates.items()
                if part in self._network
            ],
            weight_decay=0.01,
            fused=True,
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda s: min((s + 1) / (0.08 * total), (total - s) / total)
        )
        self._come = Come()
        self._best: dict[str, Tensor] = {}
        self._moved = MovingParts(
            self._network, self._average, self._optimizer, self._schedule, self._order, self._moving
        )

    def run(
        self,
        *,
        checkpoint: Checkpoint | None = None,
        progress: Callable[[int, int, float], None] = lambda step, total, loss: None,
        on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    ) -> TrainedNetwork:
        """Train to the end, from where `checkpoint` left off if it exists, and write it as the run goes."""
        if checkpoint is not None and checkpoint.exists:
            self._come, self._best = self._moved.read(checkpoint)
        written = time.monotonic()
        self._network.train()
        while not self._come.done:
            loss = self._step()
            progress(self._come.step, self._last, loss)
            is_end = self._come.step in self._ends
            if is_end:
                self._end_epoch()
                on_epoch(self._come.epochs[-1])
            if checkpoint is not None and (is_end or time.monotonic() - written > _SECONDS_BETWEEN_CHECKPOINTS):
                self._moved.write(checkpoint, self._come, self._best)
                written = time.monotonic()
        return self._finished()

    def _step(self) -> float:
        loss = self._loss(self._batches[self._come.step])
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        if self._base is not None:
            averaged: Any = self._average.module
            restore_marks(self._network["heads"], averaged["heads"], self._base)
        self._average.update_parameters(self._network)
        self._come.step += 1
        self._come.losses.append(loss.item())
        return self._come.losses[-1]

    def _loss(self, batch: Sequence[Example]) -> Tensor:
        read = read_documents(
            self._reader(self._network["encoder"]),
            [e.tokens for e in batch],
            self._tokenizer,
            self._options.window,
            first_limits=[self._cut() for _ in batch],
        )
        return self._objective(read, batch)

    def _exchanged(self, example: Example, swaps: SwapList) -> Example:
        document = exchange_names(example.document, swaps, self._order)
        if document is example.document:
            return example
        return replace(example_of(document, self._tokenizer, self._schema), original=example)

    def _cut(self) -> int | None:
        window = self._options.window
        return self._order.choice(self._cuts) if self._cuts else self._order.randint(window // 4, window)

    def _end_epoch(self) -> None:
        come, held = self._come, self._held
        number = len(come.epochs) + 1
        first = self._ends[number - 2] if number > 1 else 0
        score = None
        if held is not None:
            predictions = self._predict_held()
            score = held.score(held.documents, predictions)
            come.held.append(flat(predictions))
        losses = come.losses[first : come.step]
        come.epochs.append(Epoch(number, come.step, sum(losses) / len(losses), score))
        # Of equals the later: its learning rate has come farther down.
        if score is None or all(e.score is None or score >= e.score for e in come.epochs[:-1]):
            come.best = number
            if self._options.patience is not None:
                averaged = dict(self._average.module.named_parameters())
                self._best = {name: averaged[name].detach().clone() for name in self._moving}
        waited = number - come.best
        come.done = come.step >= self._last or (self._options.patience or number) <= waited

    def _predict_held(self) -> list[Predictions]:
        averaged: Any = self._average.module.eval()
        reader = self._reader(averaged["encoder"])
        found = network_outputs(reader, averaged["heads"], self._held_examples, self._tokenizer, self._options.window)
        pairs = zip(found, self._held_examples, strict=True)
        return [predictions_of(outputs, example, averaged["heads"]) for outputs, example in pairs]

    def _finished(self) -> TrainedNetwork:
        averaged: Any = self._average.module
        if self._best:
            averaged.load_state_dict(self._best, strict=False)
        if isinstance(self._kept, FrozenOutputs):
            self._kept.close(averaged["encoder"])
        elif self._kept is not None:
            self._kept.close()
        averaged = averaged.cpu().eval()
        come = self._come
        return TrainedNetwork(
            averaged["encoder"],
            averaged["heads"],
            self._tokenizer,
            self._options,
            tuple(come.losses),
            tuple(come.epochs),
            come.best,
            tuple(come.held),
            tuple(self._held_examples),
        )

    def _outputs_before(self, encoder: Any, readings: Sequence[Sequence[Example]]) -> dict[int, Outputs]:
        """What the model says before it is trained; nothing where none of its layers will move."""
        if self._options.freeze >= len(layers_of(encoder)):
            return {}
        self._network.eval()
        examples = list({id(example): example for reading in readings for example in reading}.values())
        heads = self._network["heads"]
        found = network_outputs(Reader(encoder), heads, examples, self._tokenizer, self._options.window)
        return {id(example): outputs for example, outputs in zip(examples, found, strict=True)}

    def _reader(self, encoder: Any) -> Callable[[Sequence[Window]], Tensor]:
        return self._kept if isinstance(self._kept, KeptVectors) else Reader(encoder, frozen=self._kept)

    def _keep_outputs(
        self,
        encoder: Any,
        int8: Int8Reader | None,
        epochs: Sequence[Sequence[Example]],
        on_read: Callable[[int, int], None],
    ) -> FrozenOutputs | KeptVectors | None:
        """What does not change of what the encoder makes of the documents: all of it where only what is above moves."""
        options = self._options
        if int8 is None and not (options.cuts and options.freeze):
            return None

        def windows() -> Iterator[Window]:
            for example in {id(example): example for epoch in epochs for example in epoch}.values():
                for cut in self._cuts:
                    yield from windows_of(example.tokens, self._tokenizer, options.window, cut)
            for example in self._held_examples:
                yield from windows_of(example.tokens, self._tokenizer, options.window)

        if isinstance(encoder, Int8Encoder):
            assert int8 is not None
            return KeptVectors(int8, int8.n_encoder, windows(), on_read)
        return FrozenOutputs(encoder, options.freeze, windows(), on_read, read=int8)


def _cuts(window: int, number: int) -> list[int | None]:
    return [window * (k + 1) // number for k in range(number)]


def _part(examples: Sequence[Example], share: float, order: random.Random) -> list[Example]:
    return order.sample(list(examples), round(share * len(examples)))
