"""What all parts of a terminal report write with: harmless text in the terminal's encoding, bars, and flowing pieces.

Colours are named ANSI colours that stand out on light and dark backgrounds, and never say what no character says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from analyzer.grounds import GROUND_WORDS, apportioned
from analyzer.render.plain import plain, writable
from analyzer.report import Grounds

# Solid fills are sourced, patterns are not; the denser, the better grounded.
GROUND_MARKS: Mapping[str, tuple[str, str]] = {
    "named_fact": ("█", "green"),
    "named_opinion": ("▓", "cyan"),
    "own": ("▒", "blue"),
    "vague": ("░", "magenta"),
    "unsourced_fact": ("=", "red"),
    "unsourced_inference": ("-", "bright_red"),
    "unsourced_speculation": ("?", "bright_magenta"),
    "circular": ("o", "bold"),
}
SOURCING_MARKS: Mapping[str, tuple[str, str]] = {
    "named": ("✓", "green"),
    "vague": ("~", "magenta"),
    "own": ("◆", "blue"),
    "none": ("∅", "red"),
}
# From this width on there is room for a column of names or labels beside the text.
_ROOM_FOR_NAMES, _ROOM_FOR_LABELS = 50, 100
_BAR_WIDTH = 60
SEPARATOR = " · "
# Lines longer than this are hard to read, however wide the terminal.
_READING_WIDTH = 140


@dataclass(frozen=True)
class Pen:
    """Makes text for one console: cleaned of whatever could act on a terminal, and in characters that it can show."""

    console: Console

    def __call__(self, text: str, style: str = "") -> Text:
        """The text in that style."""
        return Text(writable(plain(text), self.console.encoding), style)

    def aligned(self, words: str, style: str = "") -> Text:
        """The report's own words with their spaces kept; never for text of a document."""
        return Text(writable(words, self.console.encoding), style)

    @cached_property
    def width(self) -> int:
        """Columns that a report uses."""
        return min(self.console.width, _READING_WIDTH)

    @property
    def has_label_column(self) -> bool:
        """Whether labels stand beside their sentence rather than under it."""
        return self.width >= _ROOM_FOR_LABELS

    def line(self, *pieces: Text) -> Text:
        """The pieces set one directly after another."""
        return Text().join(pieces)

    def flow(self, pieces: Iterable[Text], separator: str = SEPARATOR) -> Flow:
        """The pieces on as few lines as they need, broken between them where that is possible."""
        return Flow(tuple(pieces), self.aligned(separator, "dim"))

    def field(self, name: str, *values: RenderableType) -> RenderableType:
        """A name with its values in a column beside it, or under it in a narrow terminal."""
        if self.width < _ROOM_FOR_NAMES:
            return Group(self(name, "bold"), *(Padding(value, (0, 0, 0, 2)) for value in values))
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(width=11, no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(self(name, "bold"), Group(*values))
        return grid

    def bar(self, grounds: Grounds) -> RenderableType:
        """The eight grounds as one horizontal bar, with its legend and percentages."""
        shares = grounds.model_dump()
        percentages = apportioned(list(shares.values()), 100)
        legend = []
        for ground, number in zip(shares, percentages, strict=True):
            if number:
                fill, style = GROUND_MARKS[ground]
                legend.append(self.line(self(f"{fill} ", style), self(f"{GROUND_WORDS[ground]} {number}%")))
        return Group(_Bar(self, grounds), self.flow(legend, "   "))

    def print(self, *renderables: RenderableType) -> None:
        """Print each, no wider than the report."""
        for renderable in renderables:
            self.console.print(renderable, width=self.width)

    def section(self, title: str) -> None:
        """Print the heading of a section."""
        rule = Rule(self(title, "bold"), align="left", characters=self("─").plain, style="dim")
        self.print("", rule)


@dataclass(frozen=True)
class Flow:
    """Pieces of text with a separator between them, broken into lines between pieces."""

    pieces: tuple[Text, ...]
    separator: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Fill lines greedily; only a piece that is wider than a line is broken inside."""
        line = Text()
        for piece in self.pieces:
            if line and line.cell_len + self.separator.cell_len + piece.cell_len > options.max_width:
                yield line
                line = Text()
            line.append_text(self.separator if line else Text()).append_text(piece)
        if line:
            yield line

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From the widest piece to everything on one line."""
        widths = [piece.cell_len for piece in self.pieces] or [0]
        gaps = self.separator.cell_len * (len(widths) - 1)
        return Measurement(max(widths), sum(widths) + gaps).with_maximum(options.max_width)


@dataclass(frozen=True)
class _Bar:
    pen: Pen
    grounds: Grounds

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        shares = self.grounds.model_dump()
        cells = apportioned(list(shares.values()), min(options.max_width, _BAR_WIDTH))
        yield self.pen.line(
            *(
                self.pen(GROUND_MARKS[ground][0] * number, GROUND_MARKS[ground][1])
                for ground, number in zip(shares, cells, strict=True)
            )
        )
