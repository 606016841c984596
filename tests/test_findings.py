"""Which sentences are findings: what matters, and only what the model is sure of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.findings import RULES, Policy, Thresholds, find, normal
from analyzer.report import Finding, Premise, Report, Span
from analyzer.terms import without_terms
from tests.render.specs import GROUNDS, make_report, sentence, sure


def only(report: Report, rule: str, **policy: Any) -> list[Finding]:
    return [finding for finding in find(report, Policy(**policy)) if finding.rule == rule]


def argued(**claim: Any) -> Report:
    """A conclusion of dependence 0.8 that would fall to 0.5 if its premise, s1, were sourced."""
    return make_report(
        [sentence("The plan has failed.", type="inference"), sentence("Prices doubled.", role="premise", **claim)],
        links={(1, 0): 0.9},
        conclusions={0: 0.8},
        fixes=[(1, 0.5)],
    )


def test_an_unsourced_claim_that_a_conclusion_rests_on_is_a_warning() -> None:
    (finding,) = only(argued(probabilities={"type": {"factual_claim": 0.93}, "sourcing": {"none": 0.8}}), "unsourced")
    assert (finding.level, finding.status, finding.sentence, finding.related) == ("warning", "open", 1, [0])
    assert "“The plan has failed.” from 0.80 to 0.50" in finding.message
    assert finding.reason == "factual claim 93%, no source 80%"


@pytest.mark.parametrize(
    "claim",
    [
        {"probabilities": {"sourcing": sure("none", 0.55, "named")}},
        {"probabilities": {"type": sure("factual_claim", 0.5, "inference")}},
        {"sourcing": "named"},
        {"sourcing": "own"},
        {"type": "inference"},
    ],
)
def test_an_uncertain_or_sourced_or_other_sentence_is_not_unsourced(claim: dict[str, Any]) -> None:
    assert only(argued(**claim), "unsourced") == []


def test_an_unsourced_claim_that_changes_little_is_reported_only_if_asked_for() -> None:
    little = {"thresholds": Thresholds(matters=0.4)}
    assert only(argued(), "unsourced", **little) == []
    background = make_report([sentence("The vote was on Tuesday.")])
    assert only(background, "unsourced") == []
    assert [f.sentence for f in only(background, "unsourced", thresholds=Thresholds(matters=0.0))] == [0]


def test_a_change_as_large_as_the_threshold_matters() -> None:
    report = argued()
    [conclusion] = report.conclusions
    fixes = [fix.model_copy(update={"dependence_if_sourced": 0.8}) for fix in conclusion.fixes]
    changed = conclusion.model_copy(update={"dependence": 0.9, "fixes": fixes})
    assert only(report.model_copy(update={"conclusions": [changed]}), "unsourced")


def test_what_rests_on_an_uncertain_conclusion_is_not_reported() -> None:
    report = make_report(
        [
            sentence("Failed.", type="inference", probabilities={"role": sure("conclusion", 0.5, "background")}),
            sentence("Prices doubled."),
        ],
        conclusions={0: 0.8},
        fixes=[(1, 0.2)],
    )
    assert find(report, Policy()) == []


def test_loaded_and_vague_are_notes_that_name_the_words() -> None:
    spans = [
        Span(kind="loaded", start=4, end=12, text="reckless"),
        Span(kind="quoted_loaded", start=20, end=25, text="scam"),
        Span(kind="source", start=30, end=37, text="critics"),
    ]
    report = make_report(
        [sentence("The reckless plan…", loaded=True, sourcing="vague", spans=spans, probabilities={"loaded": 0.9})]
    )
    loaded, vague = only(report, "loaded"), only(report, "vague")
    assert "“reckless”" in loaded[0].message and "scam" not in loaded[0].message
    assert "“critics”" in vague[0].message
    assert {loaded[0].level, vague[0].level} == {"note"}
    button = make_report([sentence("Restacks", loaded=True, probabilities={"loaded": 0.9})])
    assert only(button, "loaded") == []
    unsure = make_report([sentence("Reckless.", loaded=True, probabilities={"loaded": 0.6})])
    assert only(unsure, "loaded") == []


def test_a_quotation_of_several_sentences_is_one_finding_where_its_source_stands() -> None:
    source = Span(kind="source", start=20, end=33, text="one pensioner")
    report = make_report(
        [
            sentence("“She knew.", sourcing="vague"),
            sentence("Of course she knew,” one pensioner said.", sourcing="vague", spans=[source]),
            sentence("“They all knew.”", sourcing="vague"),
            sentence("She left without comment."),
            sentence("It is thought so.", sourcing="vague"),
        ]
    )
    apart = [(f.sentence, "one pensioner" in f.message) for f in only(report, "vague")]
    assert apart == [(0, False), (1, True), (2, False), (4, False)]
    said = [s.model_copy(update={"paragraph": int(s.index > 3)}) for s in report.sentences]
    together = only(report.model_copy(update={"sentences": said}), "vague")
    assert [(f.sentence, "one pensioner" in f.message) for f in together] == [(1, True), (4, False)]


def test_dependent_and_circular_conclusions_are_found_by_their_thresholds() -> None:
    assert [f.sentence for f in only(argued(), "dependent-conclusion")] == [0]
    assert only(argued(), "dependent-conclusion", thresholds=Thresholds(dependence=0.9)) == []
    assert only(argued(), "circular") == []
    low = Thresholds(circular=GROUNDS.circular)
    assert [f.reason for f in only(argued(), "circular", thresholds=low)] == ["circular 5% of its grounds"]


def test_levels_are_those_of_the_policy_and_off_is_off() -> None:
    assert only(argued(), "unsourced", levels={"unsourced": "error"})[0].level == "error"
    assert only(argued(), "unsourced", levels={"unsourced": "off"}) == []


def test_fingerprints_stay_when_lines_move_and_punctuation_changes_and_tell_repetitions_apart() -> None:
    def prints(*texts: str) -> list[str]:
        report = make_report([sentence(text) for text in texts])
        return [f.fingerprint for f in find(report, Policy(thresholds=Thresholds(matters=0)))]

    one, other = prints("Prices doubled.", "Rents doubled.")
    assert prints("Something else.", "“Rents”   doubled!", "Prices  doubled…")[1:] == [other, one]
    twice = prints("Prices doubled.", "Prices doubled.")
    assert twice[0] == one != twice[1]


@given(st.text())
def test_normal_text_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_every_rule_says_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.summary[-1] != "." and rule.help.endswith(".")


def loaded_with(*words: str) -> dict[str, Any]:
    text = "The regime made a reckless regime change."
    spans = [Span(kind="loaded", start=text.index(w), end=text.index(w) + len(w), text=w) for w in words]
    return sentence(text, loaded=True, spans=spans, probabilities={"loaded": 0.9})


def test_a_sentence_whose_only_loaded_words_are_terms_is_not_loaded() -> None:
    report = make_report([loaded_with("regime"), loaded_with("regime", "reckless"), sentence("Calm.")])
    judged = without_terms(report, ["Regime"])
    first, second, third = judged.sentences
    assert (first.loaded, second.loaded, third.loaded) == (False, True, False)
    assert first.spans == [] and [span.text for span in second.spans] == ["reckless"]
    assert first.notes == ["not loaded: 'Regime' as a term that does not count as loaded here"]
    assert judged.document.loaded_share == pytest.approx(1 / 3, abs=1e-4)
    assert [p.loaded_share for p in judged.paragraphs] == [0.0, 1.0, 0.0]
    assert [f.sentence for f in only(judged, "loaded")] == [1]


def test_a_model_that_marks_no_words_gets_the_benefit_of_the_doubt() -> None:
    report = make_report([loaded_with(), loaded_with()])
    assert [s.loaded for s in without_terms(report, ["regime change"]).sentences] == [False, False]
    assert without_terms(report, ["regim", "change the", "  "]) == report


def test_a_term_clears_no_sentence_whose_loaded_words_are_not_known() -> None:
    report = make_report([loaded_with("regime"), loaded_with()])
    assert [s.loaded for s in without_terms(report, ["regime"]).sentences] == [False, True]


@pytest.mark.parametrize(
    ("dependence", "weights", "support", "words"),
    [
        (0.35, [0.5], 0.9, "rests in part on premises without a source"),
        (0.8, [0.5], 0.9, "rests mostly on premises without a source"),
        (0.8, [0.05], 0.9, "the text gives hardly a premise"),
        (0.8, [0.3], 0.3, "the text gives hardly a premise"),
        (0.8, [], 0.3, "the text gives no premise"),
    ],
)
def test_the_words_of_a_dependent_conclusion_fit_its_figures(
    dependence: float, weights: list[float], support: float, words: str
) -> None:
    sentences = [sentence("So it failed.", type="inference"), sentence("Prices rose.", role="premise")]
    report = make_report(sentences, links={(1, 0): support}, conclusions={0: dependence})
    premises = [Premise(sentence=0, weight=weight, dependence=0.3) for weight in weights]
    conclusions = [conclusion.model_copy(update={"premises": premises}) for conclusion in report.conclusions]
    report = report.model_copy(update={"conclusions": conclusions})
    [found] = only(report, "dependent-conclusion", thresholds=Thresholds(dependence=0.2))
    assert words in found.message


def test_terms_count_in_any_order_and_only_those_in_loaded_words_are_named() -> None:
    text = "The regime made a reckless regime change."
    span = Span(kind="loaded", start=text.index("reckless"), end=len(text) - 1, text="reckless regime change")
    report = make_report([sentence(text, loaded=True, spans=[span], probabilities={"loaded": 0.9})])
    terms = ["regime", "reckless regime change", "made"]
    for ordered in (terms, terms[::-1]):
        judged = without_terms(report, ordered).sentences[0]
        assert not judged.loaded and "'made'" not in judged.notes[0]


def with_spans(*kinds: str, **fields: Any) -> dict[str, Any]:
    text = "Its safety group said that staff claim it is a “gift”."
    words = {"source": ["Its safety group", "staff"], "cue": ["said", "claim"], "quoted_loaded": ["gift"]}
    spans = [
        Span(kind=kind, start=text.index(some), end=text.index(some) + len(some), text=some)
        for kind in kinds
        for some in words[kind]
    ]
    return sentence(text, spans=spans, **fields)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (("source", "cue"), "A source cannot be identified, among: “Its safety group”, “staff”"),
        (("cue",), "No source that can be identified is given for “said”, “claim”"),
        ((), "The source cannot be identified"),
    ],
)
def test_a_vague_source_among_others_is_not_accused_by_name(kinds: tuple[str, ...], message: str) -> None:
    report = make_report([with_spans(*kinds, sourcing="vague")])
    assert [finding.message for finding in only(report, "vague")] == [message]


def test_words_of_a_quoted_speaker_alone_are_no_loaded_wording_of_the_author() -> None:
    report = make_report([with_spans("quoted_loaded", loaded=True, probabilities={"loaded": 0.9})])
    assert only(report, "loaded") == []
