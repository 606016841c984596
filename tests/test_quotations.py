"""Quoted words are found in every style of marks, and apostrophes are none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.quotations import quoted_ranges
from analyzer.readers import read_text


def quoted(text: str) -> list[str]:
    document = read_text(text)
    return [document.text[start:end] for start, end in quoted_ranges(document)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He called it "a disgrace" twice.', ["a disgrace"]),
        ("He called it “a disgrace” twice.", ["a disgrace"]),
        ("Er nannte es „eine Schande“ und ging.", ["eine Schande"]),
        ("He called it ‘a disgrace’ and the town’s shame.", ["a disgrace"]),
        ("It's the council's so-called 'reform' again.", ["reform"]),
        ("Nobody's quoted here: it's the '90s.", []),
        ("“Never,” she said. “Not once.”", ["Never,", "Not once."]),
        ('A board 6" wide and 9" long.', []),
        ("The '90s were an era of greed, and the workers' union paid.", []),
        ("Rock 'em in the boys' room.", []),
        ("‘The workers’ rights matter,’ she said.", ["The workers’ rights matter,"]),
        ("She quoted 'the bosses' and 'the workers.'", ["the bosses", "the workers."]),
        ("He said ‘it rose 50%’ and the man said ‘go’ and left.", ["it rose 50%", "go"]),
        ("He called it 'awful (sic)' and the boss said 'no'.", ["awful (sic)", "no"]),
        ("He said ‘go;’ the boss said ‘go [sic]’.", ["go;", "go [sic]"]),
        ("He said ‘we go—’ and the boss said ‘no’.", ["we go—", "no"]),
        ("‘He called it “awful”’ the boss lied. Then he said ‘go’.", ["He called it “awful”", "go"]),
        ("He said '$5m is awful' and ‘…and more’.", ["$5m is awful", "…and more"]),
        ("‘“Awful” it is,’ he said.", ["“Awful” it is,"]),
        ("Planks (5', 6') and a 6' ladder, 'all new'.", ["all new"]),
        ('We will go," he said. The boss left. "Never," he added.', ["Never,"]),
        ('We will go." The boss left. He said "go" again.', ["go"]),
        ('He said "this is awful. The man left. Then he said "go" and ran.', ["go"]),
        ("He said “this is awful. The man left. Then he said “go” and ran.", ["go"]),
        (
            'He said "it rose 50%", she "no (never)"; and "so (sic)"—"go".',
            ["it rose 50%", "no (never)", "so (sic)", "go"],
        ),
        ('He said "it is ‘awful’", and "...and more" of ".5 percent".', ["it is ‘awful’", "...and more", ".5 percent"]),
        ('He said ""go"" now. The boss said "no".', ["go", "no"]),
        ('It measured 4 " x 6 " and the boss said "go".', ["go"]),
        ("The class of '98 were a corrupt lot, the bosses' friends. They ruled.", []),
        ("In ‘08 the boss left. He said ‘go’.", ["go"]),
        ("He lost '16 and the voters' trust. 'Nuff said: the bosses' club, the 'hood and the cops' union.", []),
        ("They said '98 people died' and left.", ["98 people died"]),
        ("``The regime lied,'' he said.", ["The regime lied,"]),
        ("»Awful« he said. The man said »no« again. «Yes» and « oui ».", ["Awful", "no", "Yes", " oui "]),
        # Marks as hands mix them.
        ('“We lost to a corrupt regime," she said. The mayor left.', ["We lost to a corrupt regime,"]),
        ('"We lost to a corrupt regime,” she said. The mayor left.', ["We lost to a corrupt regime,"]),
        ('“A loss," he said. "A win,” she said.', ["A loss,", "A win,"]),
        ('“He said "no" and "never" to me,” she said.', ['He said "no" and "never" to me,']),
        ('"He said “no” to me," she said.', ["He said “no” to me,"]),
        ('“A board 6" wide and 9" long,” he said.', ['A board 6" wide and 9" long,']),
        ("He said 'Give 'em hell and bleed them' and left.", ["Give 'em hell and bleed them"]),
        ("'It's the '90s again.'", ["It's the '90s again."]),
    ],
)
def test_quoted_words_are_found(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("> — Marcus Oyelaran, CTO, Fjordly Inc.", ["It is a game changer.", "Our delays are gone."]),
        ("> – A customer", ["It is a game changer.", "Our delays are gone."]),
        ("> — and so is everything.", ["It is a game changer.", "Our delays are gone.", "— and so is everything."]),
        ("> — Is it?", ["It is a game changer.", "Our delays are gone.", "— Is it?"]),
    ],
)
def test_the_credit_of_a_quotation_is_none_of_its_words(credit: str, expected: list[str]) -> None:
    assert (
        quoted(f"A test.\n\n> It is a game changer.\n>\n> Our delays are gone.\n>\n{credit}\n\nSo be it.\n") == expected
    )


def test_a_quotation_across_paragraphs_is_quoted_to_the_end_of_each() -> None:
    text = "She wrote: “The dam is a weapon.\n\n“It will drown us.” Nobody answered."
    assert quoted(text) == ["The dam is a weapon.", "It will drown us."]


def test_so_is_one_in_single_marks() -> None:
    assert quoted("‘First the dam.\n\n‘Then the town,’ she said.") == ["First the dam.", "Then the town,"]


def test_a_mark_that_is_never_closed_quotes_nothing() -> None:
    assert quoted("She wrote: “The dam is a weapon.\n\nNobody answered.") == []
    assert quoted("Nobody answered.\n\nShe wrote: “The dam is a weapon.") == []


@given(st.text(alphabet="ab \"“”‘’'«».\n", max_size=80).filter(lambda text: text.strip(" \n")))
def test_ranges_ascend_and_never_overlap(text: str) -> None:
    document = read_text("x " + text)
    ranges = quoted_ranges(document)
    assert all(0 <= start <= end <= len(document.text) for start, end in ranges)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
