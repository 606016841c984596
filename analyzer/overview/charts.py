"""Charts as SVG that stands in the page: drawn when it is written, so that it needs no script and prints well.

In go slices, out come charts, each drawn twice: wide, and narrow for a phone. Colours are the page's own variables, so
that a chart follows its light and dark theme; what a chart shows stands in a table beside it too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode
from lxml import etree
from markupsafe import Markup

from analyzer.overview.slices import MEASURES, Periods, Slice
from analyzer.render.plain import plain

_SHAPES = {"dependence": "circle", "unsourced_share": "square", "loaded_share": "diamond"}
_COLOURS = {"dependence": "var(--ink)", "unsourced_share": "var(--none)", "loaded_share": "var(--speculation)"}
# Measures whose every value is likely are drawn on the whole scale; loaded shares all lie near its foot.
_WHOLE_SCALE = ("dependence", "unsourced_share")
# Widths in pixels at which text is drawn in its own size; the page scales a chart to the room that it has.
_WIDE, _NARROW = 820, 350
_ROW, _PANEL, _SMALL_PANEL = 24, 120, 90
_NARROW_LABELS, _WIDE_LABELS = 116, 184
# Room for the name of a period below an axis.
_LABEL = 76
_FORMATS = {"month": "%b %Y", "quarter": "Q%q %Y", "year": "%Y"}
_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "Inter, Arial, sans-serif",
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelFlush": False,
        "gridColor": "var(--rule)",
        "domainColor": "var(--edge)",
        "tickColor": "var(--edge)",
    },
    "title": {"color": "var(--ink)", "fontSize": 13, "fontWeight": 600, "anchor": "start", "frame": "group"},
}


@dataclass(frozen=True)
class Chart:
    """Two drawings of one chart, with what it shows in words as their text alternative."""

    wide: Markup
    narrow: Markup


def groups_chart(groups: Sequence[Slice], whole: Slice, words: str) -> Chart:
    """A row a group, a panel a measure: the mean, its interval, and the mean of the whole corpus as a line."""

    def draw(width: int, is_wide: bool) -> Any:
        if not is_wide:
            room = width - _NARROW_LABELS - 24
            panels = [_group_panel(groups, whole, measure, room, _NARROW_LABELS) for measure in MEASURES]
            return alt.vconcat(*panels, spacing=18)
        room = (width - _WIDE_LABELS - 2 * 32 - 58) // len(MEASURES)
        first, *others = MEASURES
        panels = [_group_panel(groups, whole, first, room, _WIDE_LABELS)]
        panels += [_group_panel(groups, whole, measure, room, 0) for measure in others]
        return alt.hconcat(*panels, spacing=32)

    return _chart(draw, words)


def periods_chart(periods: Periods, words: str) -> Chart:
    """A panel a measure over time, with the interval as a band, and the number of documents below."""

    def draw(width: int, is_wide: bool) -> Any:
        room = width - 60
        panels: list[Any] = [
            _time_panel(periods, periods.slices, measure, MEASURES[measure], room, _PANEL) for measure in MEASURES
        ]
        return alt.vconcat(*panels, _documents_panel(periods, room), spacing=12)

    return _chart(draw, words)


def trends_chart(trends: Sequence[tuple[str, list[Slice]]], periods: Periods, words: str) -> Chart:
    """Dependence over time in a small panel a group, with the whole corpus as a thin line behind."""

    def draw(width: int, is_wide: bool) -> Any:
        columns = 3 if is_wide else 1
        room = width // columns - 56
        panels = [
            _time_panel(periods, slices, "dependence", plain(name), room, _SMALL_PANEL, behind=periods.slices)
            for name, slices in trends
        ]
        return alt.concat(*panels, columns=columns, spacing=16)

    return _chart(draw, words)


def distinct_names(names: Sequence[str]) -> list[str]:
    """Names as they are shown, made different where only invisible characters tell them apart."""
    shown: list[str] = []
    for name in names:
        words, n = plain(name).strip() or "(no name)", 2
        unique = words
        while unique in shown:
            unique, n = f"{words} ({n})", n + 1
        shown.append(unique)
    return shown


def _chart(draw: Callable[[int, bool], Any], words: str) -> Chart:
    # Checking every part against the schema of Vega-Lite takes four times as long as drawing it; drawing refuses, too.
    with debug_mode(False):
        return Chart(_svg(draw(_WIDE, True), words, "wide"), _svg(draw(_NARROW, False), words, "narrow"))


def _svg(chart: Any, words: str, kind: str) -> Markup:
    """The drawing as one image with a text alternative; parsed and written anew, so that it is well-formed XML."""
    root = etree.fromstring(vl_convert.vegalite_to_svg({**chart.to_dict(validate=False), "config": _CONFIG}).encode())
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"class": f"chart {kind}", "role": "img", "aria-label": words, "focusable": "false"})
    return Markup(etree.tostring(root, encoding="unicode"))


def _values(slices: Sequence[Slice], measure: str, names: Sequence[str]) -> list[dict[str, Any]]:
    values = []
    for name, part in zip(names, slices, strict=True):
        found = part.estimates[measure]
        low, high = (found and found.interval) or (None, None)
        values.append(
            {
                "name": name,
                "starts": part.starts.isoformat() if part.starts else None,
                "mean": found.mean if found else None,
                "low": low,
                "high": high,
                "small": not (found and found.is_comparable),
            }
        )
    return values


def _data(values: Sequence[dict[str, Any]], *having: str) -> Any:
    """The values that have all these fields."""
    return alt.Data(values=[value for value in values if all(value[field] is not None for field in having)])


def _domain(measure: str, slices: Sequence[Slice]) -> list[float]:
    if measure in _WHOLE_SCALE:
        return [0.0, 1.0]
    found = [part.estimates[measure] for part in slices]
    highest = max((max(f.mean, f.interval[1] if f.interval else 0.0) for f in found if f), default=0.0)
    return [0.0, min(1.0, max(0.1, math.ceil(highest * 10 + 0.1) / 10))]


def _points(data: Any, measure: str, **channels: Any) -> Any:
    """Filled where the mean can be compared with others, hollow where it cannot."""
    colour = alt.value(_COLOURS[measure])
    marks = alt.Chart(data).mark_point(size=60, opacity=1, strokeWidth=1.6, shape=_SHAPES[measure])
    hollow = {"condition": {"test": "datum.small", "value": "var(--paper)"}, "value": _COLOURS[measure]}
    return marks.encode(fill=hollow, stroke=colour, **channels)


def _group_panel(groups: Sequence[Slice], whole: Slice, measure: str, width: int, labels: int) -> Any:
    names = distinct_names([part.name for part in groups])
    values = _values(groups, measure, names)
    axis = alt.Axis(
        title=None, domain=False, ticks=False, labelLimit=labels - 8, minExtent=labels, maxExtent=labels,
        labelColor="var(--ink)", labelFontSize=13, labelPadding=8,
    )  # fmt: skip
    y = alt.Y("name:N", sort=None, scale=alt.Scale(domain=names), axis=axis if labels else None)
    scale = alt.Scale(domain=_domain(measure, groups), nice=False)
    across = alt.Axis(title=None, format=_format(measure), tickCount=4, domain=False)

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=across)

    layers = []
    if (mean := whole.estimates[measure]) is not None:
        line = alt.Chart(alt.Data(values=[{"mean": mean.mean}]))
        layers.append(line.mark_rule(strokeDash=[4, 3], stroke="var(--edge)").encode(x=x("mean")))
    rules = alt.Chart(_data(values, "low")).mark_rule(strokeWidth=2, stroke=_COLOURS[measure], opacity=0.7)
    layers.append(rules.encode(x=x("low"), x2="high:Q", y=y))
    layers.append(_points(_data(values, "mean"), measure, x=x("mean"), y=y))
    return alt.layer(*layers).properties(width=width, height=_ROW * len(groups), title=MEASURES[measure])


def _time_panel(
    periods: Periods,
    slices: Sequence[Slice],
    measure: str,
    title: str,
    width: int,
    height: int,
    behind: Sequence[Slice] = (),
) -> Any:
    colour = _COLOURS[measure]
    values = _values(slices, measure, [part.name for part in slices])
    x = _time(periods, width)
    domain = _domain(measure, [*slices, *behind])
    axis = alt.Axis(title=None, format=_format(measure), tickCount=3, domain=False, ticks=False)

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=domain, nice=False), axis=axis)

    layers = []
    if behind:
        others = alt.Data(values=_values(behind, measure, [part.name for part in behind]))
        layers.append(
            alt.Chart(others).mark_line(stroke="var(--edge)", strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y("mean"))
        )
    band = alt.Chart(alt.Data(values=values)).mark_area(fill=colour, fillOpacity=0.16)
    layers.append(band.encode(x=x, y=y("low"), y2="high:Q"))
    whiskers = alt.Chart(_data(values, "low")).mark_rule(stroke=colour, opacity=0.45)
    layers.append(whiskers.encode(x=x, y=y("low"), y2="high:Q"))
    line = alt.Chart(alt.Data(values=values)).mark_line(stroke=colour, strokeWidth=1.6)
    layers.append(line.encode(x=x, y=y("mean")))
    layers.append(_points(_data(values, "mean"), measure, x=x, y=y("mean")))
    return alt.layer(*layers).properties(width=width, height=height, title=alt.TitleParams(title, limit=width))


def _documents_panel(periods: Periods, width: int) -> Any:
    values = [{"starts": part.starts.isoformat(), "n": part.n_documents} for part in periods.slices if part.starts]
    bars = alt.Chart(alt.Data(values=values)).mark_bar(fill="var(--edge)", width=_bar_width(periods, width))
    axis = alt.Axis(title=None, tickCount=2, format="~s", domain=False, ticks=False, tickMinStep=1)
    encoded = bars.encode(x=_time(periods, width), y=alt.Y("n:Q", axis=axis))
    return encoded.properties(width=width, height=_PANEL // 3, title="Documents")


def _time(periods: Periods, width: int) -> Any:
    days = [part.starts for part in periods.slices if part.starts]
    days = days[:: math.ceil(len(days) * _LABEL / width)]
    axis = alt.Axis(
        title=None, format=_FORMATS[periods.unit], labelOverlap=False, grid=False,
        values=[{"year": day.year, "month": day.month, "date": 1, "utc": True} for day in days],
    )  # fmt: skip
    return alt.X("starts:T", scale=alt.Scale(type="utc", padding=_bar_width(periods, width) / 2 + 6), axis=axis)


def _bar_width(periods: Periods, width: int) -> float:
    return round(max(2.0, min(28.0, 0.6 * width / len(periods.slices))), 1)


def _format(measure: str) -> str:
    return ".1~f" if measure == "dependence" else ".0%"
