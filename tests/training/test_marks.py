"""Marked words in training: the tags of tokens, and what stays as it is when labels are taught beside a model's."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from analyzer.model.tagging import BEGINS, INSIDE, OUTSIDE
from analyzer.schema import STANDARD_SCHEMA, Head, HeadKind, LabelSchema
from analyzer.training.data import LabelledDocument

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


def words() -> Tokenizer:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def test_tokens_of_a_span_begin_it_once() -> None:
    from analyzer.training.reading import UNKNOWN, example_of

    texts = ("the old mayor of Holt said", "so she said", "")
    # Two spans beside each other, one that lies in another, and one that overlaps it.
    spans = {
        "source": frozenset({(0, 0, 13), (0, 14, 21), (1, 3, 6)}),
        "cue": frozenset({(0, 4, 21), (0, 8, 26), (0, 8, 13)}),
    }
    document = LabelledDocument("d", "", "train", texts, (0, 0, 0), {}, None, spans)
    marks = example_of(document, words(), STANDARD_SCHEMA).marks
    assert marks is not None
    by_label = dict(zip(STANDARD_SCHEMA.span_labels, marks.T.tolist(), strict=True))
    assert by_label["source"] == [BEGINS, INSIDE, INSIDE, BEGINS, INSIDE, OUTSIDE, OUTSIDE, BEGINS, OUTSIDE]
    assert by_label["cue"] == [OUTSIDE, BEGINS, INSIDE, INSIDE, INSIDE, INSIDE, OUTSIDE, OUTSIDE, OUTSIDE]
    assert by_label["loaded"] == [UNKNOWN] * 9


def test_sentences_that_nobody_looked_through_for_marks_are_put_among_others() -> None:
    from analyzer.model.torch_network import DocumentHeads
    from analyzer.training.losses import mark_loss
    from analyzer.training.reading import UNKNOWN, ReadDocument, example_of, put_together

    spans = {"cue": frozenset({(0, 0, 2)})}
    documents = [
        LabelledDocument(str(k), "", "train", ("so she said",), (0,), {}, None, spans if k % 2 else {})
        for k in range(16)
    ]
    examples = [example_of(document, words(), STANDARD_SCHEMA) for document in documents]
    readings = put_together(examples, random.Random(0))
    joined = [e for reading in readings for e in reading if len(e.tokens) > 1 and e.marks is not None]
    assert joined
    for example in joined:
        assert example.marks is not None and len(example.marks) == 3 * len(example.tokens)
        cues = example.marks[:, STANDARD_SCHEMA.span_labels.index("cue")].reshape(-1, 3).tolist()
        assert all(row in ([BEGINS, OUTSIDE, OUTSIDE], [UNKNOWN] * 3) for row in cues)
    heads = DocumentHeads(STANDARD_SCHEMA, 12, n_context=4)
    for example in joined:
        n = len(example.tokens)
        read = ReadDocument(torch.randn(n, 12), torch.randn(3 * n, 12), (3,) * n)
        assert torch.isfinite(mark_loss(heads, [read], [example], STANDARD_SCHEMA))


def test_marks_of_a_model_stay_as_they_are_when_others_are_taught_beside_them() -> None:
    from analyzer.model.torch_network import DocumentHeads
    from analyzer.training.joining import restore_marks, take_over

    torch.manual_seed(0)
    base = DocumentHeads(STANDARD_SCHEMA, 12, n_context=4)
    for parameter in base.parameters():
        torch.nn.init.normal_(parameter)
    own = Head("slurs", HeadKind.SPAN, ("slur",))
    joined = DocumentHeads(LabelSchema((*STANDARD_SCHEMA.heads, own), STANDARD_SCHEMA.links), 12, n_context=4)
    take_over(joined, base.state_dict(), STANDARD_SCHEMA)
    before = DocumentHeads(joined.schema, 12, n_context=4)
    before.load_state_dict(joined.state_dict())
    moving = [parameter for parameter in joined.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(moving, lr=0.1, weight_decay=0.1)
    tokens, around = torch.randn(5, 12), torch.full((5, 5), 5)
    around[:, 2] = torch.arange(5)
    for _ in range(3):
        optimizer.zero_grad()
        joined.spans(tokens, around).square().sum().backward()
        optimizer.step()
        restore_marks(joined, before, STANDARD_SCHEMA)
    with torch.no_grad():
        now, then = joined.spans(tokens, around), base.spans(tokens, around)
    n_base = len(STANDARD_SCHEMA.span_labels)
    assert torch.equal(now[:, :n_base], before.spans(tokens, around)[:, :n_base])
    assert torch.allclose(now[:, :n_base], then, atol=1e-5)
    assert not torch.allclose(now[:, n_base:], before.spans(tokens, around)[:, n_base:])


def test_what_a_model_said_before_is_held_for_its_own_marks_alone() -> None:
    from analyzer.training.losses import Outputs, drift_loss

    nothing = replace(STANDARD_SCHEMA, heads=tuple(h for h in STANDARD_SCHEMA.heads if h.kind is HeadKind.SPAN))
    n_labels = len(nothing.span_labels)
    said, new = torch.randn(7, n_labels + 1, 3), torch.randn(7, n_labels + 1, 3)
    new[:, :n_labels] = said[:, :n_labels]

    def outputs(marks: torch.Tensor) -> Outputs:
        return Outputs(torch.zeros(2, 4), {}, marks, None)

    assert float(drift_loss(outputs(new), outputs(said), nothing)) == pytest.approx(0.0, abs=1e-6)
    assert float(drift_loss(outputs(new + torch.arange(3)), outputs(said), nothing)) > 0.1
    assert float(drift_loss(outputs(new[:0]), outputs(said[:0]), nothing)) == 0.0


def test_sentences_without_such_words_count_less_where_these_are_learned() -> None:
    from analyzer.model.torch_network import DocumentHeads
    from analyzer.training.chains import chain_loss
    from analyzer.training.losses import mark_loss
    from analyzer.training.reading import ReadDocument, example_of

    texts = ("a shameful so-called reform", "she said so", "")
    spans = {"loaded": frozenset({(0, 2, 20)}), "cue": frozenset({(1, 4, 8)}), "source": frozenset()}
    document = LabelledDocument("d", "", "train", texts, (0, 0, 0), {}, None, spans)
    example = example_of(document, words(), STANDARD_SCHEMA)
    torch.manual_seed(0)
    heads = DocumentHeads(STANDARD_SCHEMA, 12, n_context=4)
    read = ReadDocument(torch.randn(3, 12), torch.randn(7, 12), (4, 3, 0))
    scores, tags = heads.spans(read.tokens, read.around), torch.from_numpy(example.marks)
    weights = torch.full((3, len(STANDARD_SCHEMA.span_labels)), 0.15)
    weights[0, STANDARD_SCHEMA.span_labels.index("loaded")] = 1.0
    weights[1, STANDARD_SCHEMA.span_labels.index("cue")] = 1.0
    expected = chain_loss(scores, tags, read.lengths, heads.spans, weights)
    assert mark_loss(heads, [read], [example], STANDARD_SCHEMA) == expected
    # Labels of a model's own are marked in every sentence, whatever they are called.
    own = LabelSchema(tuple(Head(name, HeadKind.SPAN, (name,)) for name in ("slur", "cue", "loaded")), links=False)
    assert mark_loss(heads, [read], [example], own) == chain_loss(scores, tags, read.lengths, heads.spans) != expected
