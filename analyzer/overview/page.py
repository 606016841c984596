"""The overview as one page of HTML: a survey of a corpus in, a page out that needs no network and no script.

The templates escape by default, and the content security policy allows the style of this page alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analyzer.grounds import GROUND_WORDS, GROUNDS, opinion_percentage
from analyzer.overview import charts, views
from analyzer.overview.intervals import LEAST_FOR_INTERVAL, LEAST_TO_COMPARE, RESAMPLES, WIDEST_TO_COMPARE
from analyzer.overview.slices import MEASURES, MOST_GROUPS, Slice, remarks
from analyzer.overview.survey import Survey
from analyzer.overview.views import Links
from analyzer.overview.wording import LEAST_LIFT
from analyzer.render.html.page import asset, hash_of
from analyzer.render.html.summary import sentence_case
from analyzer.render.plain import plain
from analyzer.render.words import dependence_meaning, percent

# Groups in the chart; more would be a list to search, not a picture.
MOST_CHARTED = 24


def render(
    found: Survey,
    *,
    about: Sequence[str],
    notes: Sequence[str],
    group_column: str,
    date_columns: Sequence[str],
    link: Links,
    has_reports: bool,
    colophon: str,
) -> str:
    """The page. `about`, `notes` and `colophon` are what the run says of itself, `group_column` what the groups are
    called in the corpus, `date_columns` those that its dates come from; `link` gives the address of a
    document's report."""
    documents = found.documents
    shown = {
        "title": count_of_many(len(documents), "document"),
        "policy": _policy(),
        "style": Markup(_style()),
        "about": [plain(words) for words in about],
        "notes": [plain(note) for note in notes],
        "whole": _whole(found),
        "group_column": plain(group_column),
        "groups": _groups(found),
        "not_charted": _not_charted(found),
        "no_groups": _no_groups(found),
        "time": _time(found),
        "no_time": _no_time(found, date_columns),
        "stated": [views.drawn_view(drawn, documents, link) for drawn in found.stated],
        "repeated": [views.drawn_view(drawn, documents, link) for drawn in found.repeated],
        "sharing": [views.drawn_view(drawn, documents, link) for drawn in found.sharing],
        "all_grounds": [(name, GROUND_WORDS[name]) for name in GROUNDS],
        "telling": [views.telling_view(told, documents, link) for told in found.telling],
        "has_reports": has_reports,
        "limits": {
            "resamples": f"{RESAMPLES:,}",
            "documents": LEAST_TO_COMPARE,
            "width": f"{WIDEST_TO_COMPARE:.2f}",
            "for_interval": LEAST_FOR_INTERVAL,
            "lift": f"{LEAST_LIFT:g}",
        },
        "colophon": plain(colophon),
    }
    return _environment().get_template("overview.html").render(shown).strip() + "\n"


def count_of_many(number: int, noun: str) -> str:
    """A number with its noun, thousands apart: "1,412 documents"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _whole(found: Survey) -> dict[str, Any]:
    whole, documents = found.whole, found.documents
    grounds = None if whole.grounds is None else dict(zip(GROUNDS, whole.grounds.tolist(), strict=True))
    dependence, loaded = whole.estimates["dependence"], whole.estimates["loaded_share"]
    return {
        "dependence": None if dependence is None else dependence.mean,
        "interval": None if dependence is None else dependence.interval,
        "meaning": "" if dependence is None else sentence_case(dependence_meaning(dependence.mean, of_document=True)),
        "scored": "" if dependence is None else f"{count_of_many(dependence.n, 'document')} with a conclusion",
        "grounds": None if whole.grounds is None else views.grounds_bar(whole.grounds),
        "opinion": "" if grounds is None else f"{opinion_percentage(grounds)}%",
        "claims": views.claims_bar(whole) if whole.claims.sum() else None,
        "kinds": views.kinds_bar(documents),
        "loaded": "" if loaded is None else percent(loaded.mean),
    }


def _groups(found: Survey) -> dict[str, Any] | None:
    """Comparable groups first, and of these the one that depends most; the small ones below."""
    if not found.groups:
        return None
    charted = sorted(found.groups[:MOST_CHARTED], key=_by_dependence)
    return {
        "chart": charts.groups_chart(charted, found.whole, _in_words(charted, "group")),
        "remarks": [plain(line) for line in remarks(charted)],
        "rows": views.slice_rows(sorted(found.groups, key=_by_dependence)),
    }


def _by_dependence(part: Slice) -> tuple[bool, float, str]:
    found = part.estimates["dependence"]
    return (not (found and found.is_comparable), -found.mean if found else 1.0, part.name)


def _not_charted(found: Survey) -> str:
    """How many groups and documents the chart leaves out; empty where it leaves out none."""
    n, n_without = len(found.documents.group_names), int((found.documents.group < 0).sum())
    tabled = "all" if n <= MOST_GROUPS else f"{MOST_GROUPS}"
    groups = f"Of {n:,} groups, the {MOST_CHARTED} with most documents are drawn; {tabled} stand in the table."
    documents = f"{count_of_many(n_without, 'document')} without a group left out."
    return " ".join(([groups] if n > MOST_CHARTED else []) + ([documents] if n_without else []))


def _no_groups(found: Survey) -> str:
    if len(found.documents.group_names) == 1:
        n, name = int((found.documents.group >= 0).sum()), plain(found.documents.group_names[0])
        if n == len(found.documents):
            return f"All documents are of one group, {name}: there is nothing to compare."
        are = f"{count_of_many(n, 'document')} {'is' if n == 1 else 'are'}"
        return f"{are} of one group, {name}, the others of none: there is nothing to compare."
    return (
        "The documents have no groups (analyzer score --group names the column that holds them), so none are compared."
    )


def _time(found: Survey) -> dict[str, Any] | None:
    periods = found.periods
    if periods is None:
        return None
    words = _in_words(periods.slices, periods.unit)
    dated = [part for part in periods.slices if part.n_documents]
    reasons = {"without a readable date": periods.n_undated, "dated far from all others": periods.n_far}
    left_out = [f" {count_of_many(n, 'document')} {reason} left out." for reason, n in reasons.items() if n]
    trends = [name for name, _ in found.trends]
    return {
        "unit": periods.unit,
        "chart": charts.periods_chart(periods, words),
        "left_out": "".join(left_out),
        "remarks": [plain(line) for line in remarks(dated, most=4)],
        "rows": views.slice_rows(periods.slices),
        "trends": charts.trends_chart(
            found.trends, periods, f"Dependence by {periods.unit} of {', '.join(map(plain, trends))}"
        )
        if trends
        else None,
    }


def _no_time(found: Survey, date_columns: Sequence[str]) -> str:
    if found.documents.has_dates:
        return "All dated documents, or all but a few, are of one month: there is nothing to compare over time."
    if date_columns:
        return plain(f"No date in the column {' or '.join(date_columns)} could be read: nothing over time.")
    return "The documents have no dates (analyzer score --date names the column that holds them): nothing over time."


def _in_words(slices: Sequence[Slice], unit: str) -> str:
    """What a chart shows, for those who cannot see it: its range, over the slices that can be compared."""
    parts = [f"{', '.join(words.lower() for words in MEASURES.values())} by {unit}".capitalize()]
    found = [(part.estimates["dependence"], part.name) for part in slices]
    ranked = sorted((estimate.mean, plain(name)) for estimate, name in found if estimate and estimate.is_comparable)
    if ranked:
        (low, lowest), (high, highest) = ranked[0], ranked[-1]
        parts.append(f"mean dependence from {low:.2f} ({lowest}) to {high:.2f} ({highest})")
    return f"{'; '.join(parts)}. The figures stand in the table below."


@cache
def _policy() -> str:
    """Nothing may be fetched or run; the one style that may act is ours."""
    return f"default-src 'none'; style-src {hash_of(_style())}; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("analyzer.overview"), PackageLoader("analyzer.render.html")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    own = files("analyzer.overview").joinpath("style", "overview.css").read_text(encoding="utf-8")
    return "\n".join([*(asset("style", f"{name}.css") for name in ("colours", "page", "print")), own])
