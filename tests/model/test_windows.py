"""Packing sentences into windows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.windows import pack_windows

CLS, SEP = 1, 2


@given(
    st.lists(st.lists(st.integers(10, 99), max_size=40), max_size=30),
    st.integers(4, 64),
)
def test_every_sentence_has_its_tokens_in_exactly_one_window(sentences: list[list[int]], limit: int) -> None:
    windows = pack_windows(sentences, cls_id=CLS, sep_id=SEP, limit=limit)
    seen = {}
    for window in windows:
        assert len(window.token_ids) <= limit
        assert window.token_ids[0] == CLS
        assert window.token_ids[-1] == SEP
        for sentence, (start, end) in zip(window.sentences, window.spans, strict=True):
            seen[sentence] = list(window.token_ids[start:end])
    assert list(seen) == list(range(len(sentences)))
    for index, tokens in enumerate(sentences):
        assert seen[index] == (tokens[: limit - 2] or [SEP])


@given(
    st.lists(st.lists(st.integers(10, 99), max_size=40), min_size=1, max_size=30),
    st.integers(4, 64),
)
def test_windows_are_few_and_then_even(sentences: list[list[int]], limit: int) -> None:
    lengths = [max(1, min(len(ids), limit - 2)) for ids in sentences]
    windows = [len(window.token_ids) for window in pack_windows(sentences, cls_id=CLS, sep_id=SEP, limit=limit)]
    assert len(windows) == _fewest(lengths, limit)
    assert max(windows) == max(lengths) + 2 or _fewest(lengths, max(windows) - 1) > len(windows)


def _fewest(lengths: list[int], limit: int) -> int:
    """By trying every first window: the definition, slowly."""
    best = [0]
    for end in range(1, len(lengths) + 1):
        best.append(1 + min(best[start] for start in range(end) if sum(lengths[start:end]) + 2 <= limit))
    return best[-1]


def test_sentences_share_a_window_while_they_fit() -> None:
    windows = pack_windows([[10] * 3, [11] * 3, [12] * 3], cls_id=CLS, sep_id=SEP, limit=8)
    assert [window.sentences for window in windows] == [(0, 1), (2,)]


def test_a_shorter_first_window_moves_the_cuts() -> None:
    windows = pack_windows([[10] * 3, [11] * 3, [12] * 3], cls_id=CLS, sep_id=SEP, limit=8, first_limit=5)
    assert [window.sentences for window in windows] == [(0,), (1, 2)]
