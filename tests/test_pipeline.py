"""The whole way from a text to a report, with the shipped model."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest

from analyzer import Analyzer, AnalyzerError, Report
from analyzer.argument import MOST_BACKGROUND
from analyzer.dependence import dependence, grounds
from analyzer.readers import read_path, read_text
from analyzer.report import SentenceReport, json_schema
from tests.conftest import EXAMPLES
from tests.graphs import support_graph

NEWS = (
    "The council raised water rates by 9 percent on Tuesday, the utility said. “We had no choice,” said Maria Keller, who "
    "leads the utility. “The pipes are a century old.” Critics say the poor will pay most. The vote was 5 to 2."
)
OPINION = (
    "The council has failed this town.\n\nRates went up by 9 percent, yet not one pipe was replaced. A study by Harbour "
    "University found that a third of the water is lost. It is therefore time for the council to resign. Of course the "
    "mayor's cronies will howl."
)


def test_offsets_point_at_every_sentence(analyzer: Analyzer) -> None:
    for path in sorted(EXAMPLES.glob("*.md")):
        report = analyzer.analyze_file(path)
        text = report.document.text
        assert all(text[s.start : s.end] == s.text for s in report.sentences)
        assert [s.index for s in report.sentences] == list(range(len(report.sentences)))
        for sentence in report.sentences:
            paragraph = report.paragraphs[sentence.paragraph]
            assert paragraph.start <= sentence.start < sentence.end <= paragraph.end


def test_where_paragraphs_end_tells_the_role_and_not_what_a_sentence_says(analyzer: Analyzer) -> None:
    whole, broken = (analyzer.analyze(OPINION.replace("\n\n", " ").replace(". ", f".{gap}")) for gap in (" ", "\n\n"))
    assert [s.text for s in whole.sentences] == [s.text for s in broken.sentences]
    assert len(whole.paragraphs) == 1 and len(broken.paragraphs) == len(broken.sentences)
    pairs = [(a.probabilities, b.probabilities) for a, b in zip(whole.sentences, broken.sentences, strict=True)]
    assert any(a["role"] != b["role"] for a, b in pairs)
    many = analyzer.analyze_many([read_text(OPINION), read_text(NEWS)])
    assert many == [analyzer.analyze(OPINION), analyzer.analyze(NEWS)]


def test_the_json_follows_the_published_schema_and_reads_back(analyzer: Analyzer) -> None:
    report = analyzer.analyze_file(EXAMPLES / "technology-analysis.md")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(report.model_dump(mode="json"))
    assert Report.model_validate_json(report.to_json()) == report


def test_the_published_graph_solves_to_the_published_scores(analyzer: Analyzer) -> None:
    report = analyzer.analyze_file(EXAMPLES / "technology-analysis.md")
    solved = dependence(grounds(support_graph(report.graph)), report.graph.vague_credit)
    weights = np.array([node.conclusion_weight or 0.0 for node in report.graph.nodes])
    assert np.average(solved, weights=weights) == pytest.approx(report.document.dependence, abs=5e-5)
    by_sentence = {node.sentence: score for node, score in zip(report.graph.nodes, solved, strict=True)}
    assert {s.index for s in report.sentences if s.role != "background"} <= set(by_sentence)
    for sentence, score in by_sentence.items():
        shown = report.sentences[sentence]
        if shown.role == "background":
            assert shown.dependence is None and shown.probabilities["role"]["background"] <= MOST_BACKGROUND
        else:
            assert shown.dependence == pytest.approx(score, abs=5e-5)


def test_scores_are_consistent_with_each_other(analyzer: Analyzer) -> None:
    report = analyzer.analyze_file(EXAMPLES / "technology-analysis.md")
    document = report.document
    assert document.dependence is not None and document.grounds is not None and document.interval is not None
    assert sum(document.grounds.model_dump().values()) == pytest.approx(1.0, abs=1e-6)
    assert document.interval[0] <= document.dependence <= document.interval[1]
    assert sum(document.type_counts.values()) == len(report.sentences)
    assert [c.dependence for c in report.conclusions] == sorted(
        (c.dependence for c in report.conclusions), reverse=True
    )
    for conclusion in report.conclusions:
        assert sum(conclusion.grounds.model_dump().values()) == pytest.approx(1.0, abs=1e-6)
        assert conclusion.interval[0] <= conclusion.dependence <= conclusion.interval[1]
        assert all(fix.dependence_if_sourced < conclusion.dependence for fix in conclusion.fixes)
        assert report.sentences[conclusion.sentence].role == "conclusion"
        assert all(report.sentences[fix.sentence].role != "background" for fix in conclusion.fixes)
        assert not any(is_surely_sourced(report.sentences[fix.sentence]) for fix in conclusion.fixes)
    links = {(s.index, link.sentence) for s in report.sentences for link in s.supports}
    assert links
    assert not any((j, i) in links for i, j in links)
    assert all(s.dependence is not None for s in report.sentences if s.role != "background")


def is_surely_sourced(sentence: SentenceReport) -> bool:
    sourcing = sentence.probabilities["sourcing"]
    assert isinstance(sourcing, dict)
    return sourcing["named"] + sourcing["own"] >= 0.6


def test_a_heading_that_states_a_conclusion_asserts_something(analyzer: Analyzer) -> None:
    text = "# This is regulatory capture\n\nThe agency has hired nine lobbyists. It has closed no plant in ten years.\n"
    document = read_text(text)
    plain, asked = analyzer.analyze(document), analyzer.analyze(document, conclusions=["regulatory capture"])
    assert plain.sentences[0].type == "non_assertive" and plain.sentences[0].notes == ["heading"]
    stated = asked.sentences[0]
    assert stated.role == "conclusion" and stated.notes == ["states 'regulatory capture', as asked for"]
    assert stated.probabilities["type"] != plain.sentences[0].probabilities["type"]


def test_the_same_text_gives_the_same_report(analyzer: Analyzer) -> None:
    assert analyzer.analyze(OPINION) == analyzer.analyze(OPINION)


def test_a_conclusion_by_name_is_traced(analyzer: Analyzer) -> None:
    report = analyzer.analyze(NEWS + " The regulators have been captured.", conclusions=["regulatory capture"])
    assert "The regulators have been captured." in [c.text for c in report.conclusions]
    stated = next(s for s in report.sentences if "captured" in s.text)
    assert stated.role == "conclusion"
    assert stated.notes == ["states 'regulatory capture', as asked for"]


def test_a_conclusion_that_is_one_only_because_it_was_asked_for_is_noted(analyzer: Analyzer) -> None:
    report = analyzer.analyze(NEWS, conclusions=["the vote was 5 to 2"])
    assert [c.text for c in report.conclusions] == ["The vote was 5 to 2."]
    assert f"s{report.conclusions[0].sentence}: a conclusion only because asked for" in report.document.notes
    stated = analyzer.analyze(OPINION, conclusions=["time for the council to resign"])
    assert not any("only because asked for" in note for note in stated.document.notes)


def test_where_none_is_found_the_sentence_nearest_to_a_conclusion_is_told(analyzer: Analyzer) -> None:
    near = analyzer.analyze("It was a long winter. The pipes froze, and so they ought to be replaced, I would say.")
    chances = [s.probabilities["role"]["conclusion"] for s in near.sentences]  # type: ignore[index]
    said = [note for note in near.document.notes if note.startswith("nearest to a conclusion")]
    if near.conclusions or max(chances) < 1 / 3:
        assert said == []
    else:
        assert said == [f"nearest to a conclusion: s{chances.index(max(chances))}, {100 * max(chances):.0f}%"]
    assert not any(note.startswith("nearest") for note in analyzer.analyze(OPINION).document.notes)


def test_what_nobody_else_says_is_what_the_sentence_does(analyzer: Analyzer) -> None:
    sentences = [s for path in sorted(EXAMPLES.glob("*.md")) for s in analyzer.analyze_file(path).sentences]
    assert any(s.content != s.type for s in sentences)
    assert all(s.content == s.type for s in sentences if s.sourcing not in ("named", "vague"))


def test_a_vague_credit_holds_for_one_document_and_replaces_the_analyzers_own(analyzer: Analyzer) -> None:
    path = EXAMPLES / "opinion-column.md"
    document = read_path(path)
    strict, lenient = (analyzer.analyze(document, vague_credit=v).document.dependence for v in (0.0, 1.0))
    assert strict is not None and lenient is not None and strict > lenient
    assert analyzer.analyze(document, vague_credit=0.25) == analyzer.analyze_file(path)
    with pytest.raises(AnalyzerError, match=r"vague_credit is 1\.5"):
        analyzer.analyze(document, vague_credit=1.5)


def test_a_conclusion_that_nobody_states_is_noted(analyzer: Analyzer) -> None:
    assert "no sentence states 'price fixing'" in analyzer.analyze(NEWS, conclusions=["price fixing"]).document.notes


def test_a_straight_news_item_has_no_dependence(analyzer: Analyzer) -> None:
    report = analyzer.analyze(NEWS)
    assert report.conclusions == []
    assert report.document.dependence is None
    assert report.document.grounds is None
    assert report.document.unsourced_share is not None


def test_table_rows_and_headings_are_labelled_by_their_form(analyzer: Analyzer) -> None:
    report = analyzer.analyze_file(EXAMPLES / "technology-analysis.md")
    kinds = {p.index: p.kind for p in report.paragraphs}
    rows = [s for s in report.sentences if kinds[s.paragraph] == "table_row"]
    assert {s.type for s in rows} == {"factual_claim", "non_assertive"}
    assert {s.sourcing for s in rows} == {"named", "none"}
    assert all(s.notes for s in rows)


def test_a_table_row_that_states_a_conclusion_is_as_well_sourced_as_its_table(analyzer: Analyzer) -> None:
    document = read_text("Batteries differ.\n\n| Phone | Hours |\n|---|---|\n| Alpha | 14 |\n\nSource: Tests, 2024\n")
    report = analyzer.analyze(document, conclusions=["Alpha"])
    [conclusion] = report.conclusions
    row = report.sentences[conclusion.sentence]
    assert (row.text, row.type, row.sourcing, row.role) == ("Alpha | 14", "factual_claim", "named", "conclusion")
    assert row.notes == ["row of a table that names its source; states 'Alpha', as asked for"]


def test_a_text_in_another_language_is_analysed_with_a_warning(analyzer: Analyzer) -> None:
    german = (
        "Die Regierung hat am Mittwoch beschlossen, dass die Steuern nicht steigen. Der Minister sagte, es sei eine gute "
        "Entscheidung für das ganze Land, und er hoffe auf breite Zustimmung im Parlament."
    )
    report = analyzer.analyze(german)
    assert len(report.sentences) == 2
    assert any("English" in note for note in report.document.notes)


@pytest.mark.parametrize("text", ["", " \n\t\n "])
def test_an_empty_text_is_refused(analyzer: Analyzer, text: str) -> None:
    with pytest.raises(AnalyzerError):
        analyzer.analyze(text)


def test_ten_thousand_sentences_are_analysed(analyzer: Analyzer) -> None:
    sentences = [f"The town of Arle has {n} lamps and pays for them all." for n in range(10_000)]
    report = analyzer.analyze("\n\n".join(" ".join(sentences[at : at + 50]) for at in range(0, 10_000, 50)))
    assert len(report.sentences) == 10_000


def test_a_sentence_of_which_only_a_part_is_read_is_noted(analyzer: Analyzer) -> None:
    long = "The list names " + ", ".join(f"Zbygniew Xq{n}" for n in range(90)) + "."
    notes = analyzer.analyze(f"The council met on Monday. {long}").document.notes
    assert [note.partition(":")[0] for note in notes if "longer" in note] == [
        "1 sentence longer than the model reads at once"
    ]
    assert analyzer.analyze("The council met on Monday.").document.notes == []


def test_a_sentence_of_a_hundred_thousand_characters_is_cut_not_lost(analyzer: Analyzer) -> None:
    text = "the river rose and " * 5_300 + "fell."
    report = analyzer.analyze(text)
    assert max(len(s.text) for s in report.sentences) <= 2_000
    assert sum(len(s.text.split()) for s in report.sentences) == len(text.split())
