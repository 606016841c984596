"""The warning for texts that are not English."""

from __future__ import annotations

import pytest

from analyzer.language import language_warning

FOREIGN = [
    "Die Regierung hat am Mittwoch beschlossen, dass die Steuern im nächsten Jahr nicht steigen werden. Der Minister "
    "sagte, es sei eine gute Entscheidung für das ganze Land, und er hoffe auf breite Zustimmung im Parlament.",
    "Le gouvernement a décidé mercredi que les impôts ne vont pas augmenter l'année prochaine. Le ministre a dit que "
    "c'est une bonne décision pour tout le pays et il espère un large soutien au parlement, on ne sait pas encore.",
    "Правительство решило в среду, что налоги в следующем году не вырастут. Министр сказал, что это хорошее решение "
    "для всей страны, и он надеется на широкую поддержку в парламенте, но пока неизвестно, когда пройдёт голосование.",
]
ENGLISH = (
    "The council voted on Tuesday to raise water rates by 9 percent, and residents were told that the increase would pay "
    "for pipes that have been leaking for years. Officials said the work is due to start in the spring."
)


@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_text_is_warned_about(text: str) -> None:
    warning = language_warning(text)
    assert warning is not None
    assert "English" in warning


@pytest.mark.parametrize(
    "text",
    ["中国经济今年第一季度同比增长百分之五点三，超出市场预期。", "政府は火曜日に新しい橋を建設する計画を発表した。"],
)
def test_text_without_spaces_is_warned_about(text: str) -> None:
    assert "Latin letters" in (language_warning(text) or "")
    assert language_warning(ENGLISH + text) is None


def test_english_text_is_not_warned_about() -> None:
    assert language_warning(ENGLISH) is None


def test_a_few_words_are_too_little_to_tell() -> None:
    assert language_warning("Guten Tag, Herr Minister.") is None
