"""The ways to label sentences that `speed.py` compares: each is given the sentences of documents, and gives labels.

A way is a function from documents, as the sentences of each, to the label of every sentence by head, (sentences,) of
label indices; 0 or 1 for `loaded`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast, pipeline
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import logging

from analyzer.model.encoder import Encoder
from analyzer.model.folder import CONFIG, TOKENIZER, TORCH_WEIGHTS, ModelFolder
from analyzer.model.heads import DocumentHeads
from analyzer.model.torch_network import DocumentHeads as TorchHeads
from analyzer.model.torch_weights import load_encoder, load_heads
from analyzer.schema import HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument

# Of models that it does not know, and of bars, it would talk at length.
logging.set_verbosity(logging.CRITICAL)
logging.disable_progress_bar()

Documents = Sequence[Sequence[str]]
Labels = dict[str, NDArray[np.int64]]
Way = Callable[[Documents], Labels]
BATCH = 32


def this_project(folder: ModelFolder, encoder: Encoder) -> Way:
    """Windows of whole sentences, and heads that read whole documents."""
    heads = DocumentHeads(folder)

    def label(documents: Documents) -> Labels:
        read = encoder.read_many(documents, heads.mark_tokens)
        # The other ways know no paragraphs either.
        found = heads.predict_many(read, [[0] * len(texts) for texts in documents])
        names = [head.name for head in folder.schema.sentence_heads]
        return _labels(folder, {name: np.concatenate([p.probabilities[name] for p in found]) for name in names})

    return label


def plain_pipeline(folder: ModelFolder) -> Way:
    """The same encoder and heads through a `transformers` pipeline: a sentence at a time is all the heads see of it."""
    tokenizer = load_encoder(folder.path)[1]
    pad = next(token for token in ("[PAD]", "<pad>") if tokenizer.token_to_id(token) is not None)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, cls_token="[CLS]", sep_token="[SEP]", model_max_length=512
    )
    classify = pipeline(
        "text-classification", model=SentenceClassifier.of(folder), tokenizer=fast, batch_size=BATCH, device="cpu"
    )

    def label(documents: Documents) -> Labels:
        sentences = [text for texts in documents for text in texts]
        rows = classify(sentences, top_k=None, function_to_apply="none", truncation=True)
        scores = [[score for _, score in sorted((int(c["label"][6:]), c["score"]) for c in row)] for row in rows]
        return _labels_of_logits(folder, np.array(scores, dtype=np.float32))

    return label


def half_precision(folder: ModelFolder) -> Way:
    """The same in bfloat16, sentences sorted by length so that batches have little padding."""
    tokenizer = load_encoder(folder.path)[1]
    tokenizer.enable_truncation(512)
    model = SentenceClassifier.of(folder)
    model.encoder.to(torch.bfloat16)

    def label(documents: Documents) -> Labels:
        sentences = [text for texts in documents for text in texts]
        encodings = tokenizer.encode_batch(sentences)
        order = sorted(range(len(sentences)), key=lambda k: len(encodings[k].ids))
        logits: NDArray[np.float32] | None = None
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            ids = nn.utils.rnn.pad_sequence([torch.tensor(encodings[k].ids) for k in rows], batch_first=True)
            mask = nn.utils.rnn.pad_sequence([torch.ones(len(encodings[k].ids)) for k in rows], batch_first=True)
            with torch.inference_mode():
                found = model(input_ids=ids, attention_mask=mask.long()).logits.float().numpy()
            logits = np.zeros((len(sentences), found.shape[1]), dtype=np.float32) if logits is None else logits
            logits[rows] = found
        assert logits is not None
        return _labels_of_logits(folder, logits)

    return label


def sentence_transformers(folder: ModelFolder, train: Sequence[LabelledDocument]) -> Way:
    """`SentenceTransformer.encode` in single precision, and a logistic regression a head on its vectors."""
    from sentence_transformers import SentenceTransformer, models

    with tempfile.TemporaryDirectory() as scratch:
        _write_encoder(folder, Path(scratch))
        words = models.Transformer(scratch, max_seq_length=256)
        pooling = models.Pooling(words.auto_model.config.hidden_size)
        encoder = SentenceTransformer(modules=[words, pooling], device="cpu")

    def vectors(sentences: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = encoder.encode(list(sentences), batch_size=BATCH, show_progress_bar=False)
        return found

    return _regression(folder.schema, train, vectors)


def static_embeddings(folder: ModelFolder, train: Sequence[LabelledDocument]) -> Way:
    """The mean of the encoder's word embeddings, with no layer above them, and a logistic regression a head."""
    tokenizer = load_encoder(folder.path)[1]
    words = load_file(folder.path / TORCH_WEIGHTS)["encoder.embeddings.word_embeddings.weight"].astype(np.float32)

    def vectors(sentences: Sequence[str]) -> NDArray[np.float32]:
        encodings = tokenizer.encode_batch(list(sentences), add_special_tokens=False)
        return np.stack([words[e.ids].mean(axis=0) if e.ids else np.zeros_like(words[0]) for e in encodings])

    return _regression(folder.schema, train, vectors)


class SentenceClassifier(PreTrainedModel):
    """The encoder, the mean of its token vectors, and the heads, as a sequence classifier for isolated sentences."""

    config_class = PretrainedConfig

    def __init__(self, config: PretrainedConfig, encoder: nn.Module, heads: TorchHeads) -> None:
        super().__init__(config)
        self.encoder, self.heads = encoder, heads

    @staticmethod
    def of(folder: ModelFolder) -> SentenceClassifier:
        """The classifier with the weights of a model folder."""
        encoder = load_encoder(folder.path)[0]
        heads = TorchHeads(folder.schema, encoder.config.hidden_size)
        heads.load_state_dict(load_heads(folder.path))
        n_labels = sum(len(head.labels) for head in folder.schema.sentence_heads)
        return SentenceClassifier(PretrainedConfig(num_labels=n_labels), encoder, heads).eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> SequenceClassifierOutput:
        """Logits (sentences, labels of all heads)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        # Without the tokens that open and close a sentence, as in windows.
        kept = attention_mask.clone()
        kept[:, 0] = 0
        kept[torch.arange(len(kept)), attention_mask.sum(1) - 1] = 0
        vectors = (hidden * kept[..., None]).sum(1) / kept.sum(1, keepdim=True).clamp(min=1)
        logits = [
            torch.cat(list(by_head.values()), dim=1)
            for _, by_head in self.heads([v[None] for v in vectors], [[0]] * len(vectors))
        ]
        return SequenceClassifierOutput(logits=torch.cat(logits))


def _regression(
    schema: LabelSchema, train: Sequence[LabelledDocument], vectors: Callable[[Sequence[str]], NDArray[np.float32]]
) -> Way:
    read = vectors([text for document in train for text in document.texts])
    models = {}
    for head in schema.sentence_heads:
        gold = gold_labels(train, head.name)
        models[head.name] = LogisticRegression(C=4.0, max_iter=1000, class_weight="balanced").fit(read, gold)

    def label(documents: Documents) -> Labels:
        found = vectors([text for texts in documents for text in texts])
        return {name: model.predict(found) for name, model in models.items()}

    return label


def gold_labels(documents: Sequence[LabelledDocument], head: str) -> NDArray[np.int64]:
    """The gold labels of all sentences in one head."""
    gold = np.concatenate([document.labels[head] for document in documents])
    return gold if gold.ndim == 1 else gold[:, 0]


def _labels(folder: ModelFolder, probabilities: dict[str, NDArray[np.float32]]) -> Labels:
    return {
        head.name: probabilities[head.name].argmax(axis=1)
        if head.kind is HeadKind.SINGLE
        else (probabilities[head.name][:, 0] >= folder.settings.thresholds[head.name]).astype(np.int64)
        for head in folder.schema.sentence_heads
    }


def _labels_of_logits(folder: ModelFolder, logits: NDArray[np.float32]) -> Labels:
    """Labels from the logits (sentences, labels of all heads) of a classifier."""
    probabilities, at = {}, 0
    for head in folder.schema.sentence_heads:
        own = logits[:, at : at + len(head.labels)] / folder.settings.temperatures[head.name]
        probabilities[head.name] = own if head.kind is HeadKind.SINGLE else 1 / (1 + np.exp(-own))
        at += len(head.labels)
    return _labels(folder, probabilities)


def _write_encoder(folder: ModelFolder, path: Path) -> None:
    """The encoder alone, as a Hugging Face folder."""
    prefix = "encoder."
    tensors = {n[len(prefix) :]: t for n, t in load_file(folder.path / TORCH_WEIGHTS).items() if n.startswith(prefix)}
    save_file({n: t.astype(np.float32) for n, t in tensors.items()}, path / TORCH_WEIGHTS, metadata={"format": "pt"})
    config = json.loads((folder.path / CONFIG).read_text(encoding="utf-8"))
    config.pop("analyzer")
    (path / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    shutil.copy(folder.path / TOKENIZER, path)
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    (path / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
