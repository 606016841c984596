"""Parts and chunks depend on the corpus alone, and a corpus that changed where it was scored is found out."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.corpus.chunks import Chunk, FinishedPart, _KnownIds, chunks
from analyzer.corpus.columns import Columns, Failure
from analyzer.corpus.plan import Plan
from analyzer.errors import AnalyzerError


def plan_of(path: Path, documents_a_part: int) -> Plan:
    return Plan(
        corpora=(str(path),), out=path.parent / "out", columns=(Columns("text", "id"),), date_orders=(None,), metadata=(), conclusions=(),
        vague_credit=0.25, model=path.parent, model_hash="", own_heads=(), with_sentences=True,
        documents_a_part=documents_a_part, device="cpu",
    )  # fmt: skip


def write(path: Path, lengths: list[int]) -> None:
    lines = [json.dumps({"id": f"d{n}", "text": "x" * length}) for n, length in enumerate(lengths)]
    path.write_text("\n".join(lines), encoding="utf-8")


def ends(found: list[Chunk]) -> list[FinishedPart]:
    entries, digests = 0, ""
    parts = []
    for chunk in found:
        entries += len(chunk.entries)
        digests += chunk.digests
        if chunk.ends_part:
            parts.append(FinishedPart(entries, digests))
            entries, digests = 0, ""
    return parts


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.sampled_from([1, 100, 30_000, 90_000]), min_size=1, max_size=40),
    documents_a_part=st.integers(1, 12),
    data=st.data(),
)
def test_chunks_hold_every_document_once_and_go_on_after_any_part(
    lengths: list[int], documents_a_part: int, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "c.jsonl"
    write(path, lengths)
    plan = plan_of(path, documents_a_part)
    found = list(chunks(plan, []))
    assert [entry.id for chunk in found for entry in chunk.entries] == [f"d{n}" for n in range(len(lengths))]
    assert [chunk.first for chunk in found] == [sum(len(c.entries) for c in found[:k]) for k in range(len(found))]
    parts = ends(found)
    assert sum(part.entries for part in parts) == len(lengths)
    assert all(part.entries == documents_a_part for part in parts[:-1])
    done = data.draw(st.integers(0, len(parts)))
    assert list(chunks(plan, parts[:done])) == [chunk for chunk in found if chunk.part >= done]


def test_a_document_that_changed_was_removed_or_moved_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    write(path, [5, 6, 7, 8])
    parts = ends(list(chunks(plan_of(path, 2), [])))
    for lengths, which in (
        ([5, 7, 7, 8], r"c\.jsonl:2 \(id d1\) is not what was scored"),
        ([6, 5, 7, 8], r"c\.jsonl:1 \(id d0\)"),
        ([5, 6, 7], "ends after 3 documents"),
        ([5], "ends after 1 document,"),
    ):
        write(path, lengths)
        with pytest.raises(AnalyzerError, match=f"the corpus has changed: .*{which}"):
            list(chunks(plan_of(path, 2), parts))


def test_a_file_is_another_document_when_its_content_is_another(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One.")
    plan = replace(plan_of(path, 5), columns=(Columns(),))
    parts = ends(list(chunks(plan, [])))
    os.utime(path, (0, 0))
    assert list(chunks(plan, parts)) == []
    path.write_text("Two.")
    with pytest.raises(AnalyzerError, match=r"the corpus has changed: .*a\.txt is not"):
        list(chunks(plan, parts))


def test_an_id_given_twice_is_a_failure_that_names_the_first(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n{"id": "1", "text": "c"}\n')
    [chunk] = chunks(plan_of(path, 5), [])
    failure = chunk.entries[2]
    assert isinstance(failure, Failure)
    assert (failure.id, failure.stage) == ("1", "id")
    assert f"{path}:1" in failure.reason


def test_no_room_for_the_table_of_ids_is_told_as_such() -> None:
    known = _KnownIds()
    known._base.execute("PRAGMA max_page_count = 8")
    with pytest.raises(AnalyzerError, match=r"table of ids .*full.*TMPDIR"):
        for number in range(100_000):
            known.seen_at(f"d{number}", f"c.jsonl:{number}")
