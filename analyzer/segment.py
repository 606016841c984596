"""Sentence boundaries: turns the blocks of a `Document` into `Sentence`s that never cross a block.

The library sentencex finds the boundaries, on a copy of the text in which enclosing marks are blanked; corrections
for what it gets wrong in news prose follow. The sentences of a block cover everything in it but white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from analyzer.document import BlockKind, Document, Sentence

MAX_SENTENCE_CHARACTERS = 2_000
INDIVISIBLE = frozenset({BlockKind.HEADING, BlockKind.TABLE_ROW})
REFERENCES = re.compile(
    r"(?:[\dIVX.]{1,4}\s)?(?:(?:references|literature|works)(?: cited)?|bibliography):?", re.IGNORECASE
)
YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b")
LONGEST_REFERENCE = 500

# The library sees this much at a time, because it is quadratic in opening quotes (200,000 of “ take it 17 s). Those are
# blanked below, but it knows rarer ones.
PIECE_CHARACTERS = 4_096
# How far a correction looks to either side of a boundary: the work for each boundary must not grow with the text.
CONTEXT_CHARACTERS = 200

STARTER = (
    r"(?:After|And|As|At|Before|But|For|He|Her|His|How|I|If|In|It|Its|Many|Most|Nobody|Nothing|Now|On|Our|She|Since|So"
    r"|Some|That|The|Their|Then|There|These|They|This|Those|We|What|When|Why|Yet|You|A(?=\s+[a-z]))\b"
)

# Measured with tests/benchmarks/segmentation.py on the half of the cases that no rule was tuned on: F1 0.862 for the
# library alone, 0.975 with all of the below. When it was 0.958: without blanking 0.934, `ATTACHED` 0.878, the pair of
# lower case 0.913, `ENUMERATOR` 0.935, `GLUED` 0.950, `BRACKETS` 0.951; each of the others gained up to 0.002 there,
# 0.007 on all cases, and is common in news ("Ms. Ford", "9 p.m. ET").
CITATION = (
    r"\[\d[\d,;\s–-]*\](?::\s?\d[\d,–-]*(?=\s|$))?|(?<=[.?!\"”\]])\[[\w.][\w .-]{0,50}\](?=[\s\[]|$)"
    r"|[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,–-][⁰¹²³⁴⁵⁶⁷⁸⁹]+)*"
    r"|(?:(?<=[a-z]{2}[.?!])|(?<=[.?!][\"”]))\d{1,2}(?:[,–-]\d{1,2})*(?=\s|$)"
    # "35 dB.4 Patients", "since 2019.5 It", "(89%).6 The"
    r"|(?:(?<=\b[a-z][A-Z]\.)|(?<=[A-Z]{3}\.)|(?<=[)%]\.))\d{1,2}(?:[,–-]\d{1,2})*(?=\s+[A-Z])"
    rf"|(?<=\b(?:19|20)\d\d\.)\d{{1,2}}(?:[,–-]\d{{1,2}})*(?=\s+{STARTER})"
)
EMOJI = r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]+|(?<!\S)[:;]-?[()](?!\S)"
# The library never splits inside quotes and brackets and is confused by markup; with these blanked it sees plain prose.
BLANKED = re.compile(rf"{CITATION}|[\"“”„«»`()\[\]{{}}*]|(?<!\w)['‘’]|['’](?!\w)|\b_{{1,3}}|_{{1,3}}\b")
# Of the marks after a stop, these belong to the sentence before it (an opening mark belongs to the next one).
ATTACHED = re.compile(rf"(?:{CITATION}|{EMOJI}|[\"”»'’`)\]}}*_])*(?:\s+(?:{CITATION}|{EMOJI})(?!\S))*")

# Boundaries that the library takes for abbreviations: before words that open sentences, after "May.", "no.", other
# words that are abbreviations as well, and units; and after an ellipsis of one character.
MISSED = re.compile(
    rf"\w\.\s+(?={STARTER})|\b(?:May|may|no|me|ill|art|miss|OK|LA|etc)\s*\.\s+(?=[A-Z][a-z])"
    rf"|\d\s?[a-zµ]{{1,3}}\.\s+(?=[A-Z][a-z])|(?<=[a-z]{{2}})…\s+(?={STARTER}|[A-Z][a-z]+\s+[a-z])"
)

CLOSING = r"[\"”»'’`)\]}*_]"
SAID = (
    "said|says|asked|asks|told|tells|wrote|writes|added|adds|replied|responded|tweeted|shouted|exclaimed|wondered|continued"
    "|recalled|testified|demanded|pressed|insisted|explained|noted|quipped|joked|argued|declared"
)
# Verbs that also begin other clauses than a speech tag; a tag ends soon after its verb.
SPOKE = f"{SAID}|yelled|vowed|interjected|sighed|claimed|cried|called|warned|posted|answered|countered"
TAG_END = r"(?=[.,;]|\s+(?:in|at|on|to|during|after|before|as|while|when|from|with|him|her|them|us|me|reporters)\b)"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s"
# Not "iPhones", "p53", or what stands in a web address.
LOWER_CASE_WORD = r"[a-z]+(?:[’'-][a-z]+)*(?=[\s,;:)\]]|[.?!](?:\W|$)|$)"
# Pairs of what stands before and after a boundary that is none.
NO_BOUNDARY = tuple(
    (re.compile(rf"(?:{before})$"), re.compile(after))
    for before, after in (
        # abbreviations that want another word after them
        (
            (
                r"(?<![\w.])(?:Mr|Mrs|Ms|Messrs|Drs?|Profs?|Govs?|Sens?|Reps?|Gen|Col|Lt|Cmdr|Sgt|Capt|Maj|Adm|Det|Supt"
                r"|Atty|Pres|Hon|Rev|Fr|Ft|Mt|Spc|Amb|Coun|Const|Cst|Pte|Ofc|Assemb|Cols|Sgts|Lts|Capts|Gens|Adms|Cllr|Ald|Eqs?|Figs?|Art|Sec|[vV]ols?|[pP]ara|pp|vs?|[cC]f|viz|approx|esp|incl|asst|e\.g|i\.e)\."
            ),
            "",
        ),
        # "Pelham Cnty. Code", "App. to Pet. for Cert. 22a", "88 Cal. App. 4th 201", "Tr. 44:12"
        (r"(?<![\w.])Cnty\.", rf"(?!{STARTER})"),
        (r"(?<![\w.])(?:App|Br|Cert|Cir|Exs?|Op|Pet|Supp|Tr)\.", r"\d|(?:at|to|for|of|denied|granted)\b|Div\."),
        (r"(?<![\w.])Fed\.", r"(?:R|Reg|Cir|Appx|Cl)\.|\d"),
        (r"(?<![\w.])(?:R|Civ|Crim|Evid|amend)\.", r"(?:Civ|Crim|Evid|App|P|Code|Proc)\.|(?:[IVXL]{2,}|[VX]|\d+)\b"),
        # "Call the office on tel. 555 0123"
        (r"\btel\.", r"[\d(+]"),
        # "£3.3 bn. in a single day", "a 42-ft. yacht", "12 yrs. old", "10m cu. m.", "vol. ii. and". Other words before
        # a small letter mostly end a sentence: in 1,570 articles, essays and editorials, in 8 of 11 places.
        (
            r"\d[a-z]{0,2}[\s-]?(?:cu|deg|doz|gal|in|min|oz|sec|sq)\."
            r"|(?<![^\W\d_])(?:[B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z][b-df-hj-np-tv-xz]+|[ivx]{2,4}|(?:[A-Za-z]\.)+[A-Za-z])\.",
            LOWER_CASE_WORD,
        ),
        (r"(?<![\w.])(?:[aA]dmin|[aA]pp|[aA]ssoc|[dD]ept|[gG]ovt|inst|tel|ult)\.", LOWER_CASE_WORD),
        # "St. Louis", but "123 Main St. The"; "J.D. Vance", but "a Ph.D. and an M.D. Others"
        (r"(?<![\w.])St\.", rf"(?!{STARTER})"),
        (
            r"(?<!\ban )(?<!\ba )(?<!\bhis )(?<!\bher )(?<![\w.])"
            r"(?:J\.D|M\.D|M\.A|M\.S|B\.A|B\.S|A\.D|C\.E|[NS]\.[EW])\.",
            rf"(?!{STARTER})[A-Z][\w’'-]+",
        ),
        # "5 p.m. Tuesday", "4 a.m. Eastern"
        (
            r"\b[ap]\.\s?m\.",
            r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Eastern|Central|Mountain|Pacific|[A-Z]{2,3}\b|\([A-Z]{2,3}\)|"
            + MONTH,
        ),
        # "Md. Gov. Moore", "Boston, Mass. to Maine", "$5 mil. a year", "(D-Md.) Tuesday"
        (r"\b(?:Md|Mass|Wash)\.", r"[a-z]|(?:Gov|Sen|Rep|Lt|Atty)\."),
        (r"\b(?:mil|bil|tril)\.", "[a-z]"),
        (r"\([DRI]-[A-Z][\w.]*\.\)", r"[a-z]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"),
        # "Why?" she asked. / "Who gains?" is rarely put. / (D-Mont.) and
        (rf"[?!…]{CLOSING}*|\.{CLOSING}+", r"[-–—]*\s*[a-z]+(?![\w’'])"),
        # "Is it safe?" Minister Olafsen asked.
        (rf"[?!…]{CLOSING}+", rf"(?!{STARTER})(?:[A-Z][\w.’'-]*\s+){{1,4}}(?:\([^)]*\)\s+)?(?:{SAID})\b"),
        # "Why?" Smith, 45, later asked. / "Why?" White House press secretary Ann Lee said.
        (
            rf"[?!…]{CLOSING}+",
            rf"(?!{STARTER})@?(?:[A-Z]|(?<=@)\w)[\w.’'-]*(?:\s+[A-Za-z][\w.’'-]*){{0,6}}(?:,\s(?:[A-Z]-[A-Z][\w.]+|[^.,;:?!\"“”]{{1,60}}),)?"
            rf"(?:\s+(?:has|had|later|then|also))?\s+(?:{SPOKE}){TAG_END}",
        ),
    )
)
# "1." or "(a)" at the start of a list item, "Q." in an interview, "Table 1." at that of a caption.
ENUMERATOR = re.compile(
    r"\(?(?:\d{1,3}|[A-Za-z]|[IVXLivxl]+)[.)]"
    r"|(?:Appendix|Box|Chart|Exhibit|Fig(?:ure|\.)?|Map|Panel|Plate|Scheme|Table)\s(?:[A-Z]?\d{1,3}(?:\.\d{1,2})?|[A-Z])\.",
    re.IGNORECASE,
)
# A stop without a space after it ends a sentence in "end.Then" but not in "U.S.Senate", "ASP.NET" or a web address.
GLUED = re.compile(rf"(?:.*[\"“(—–])?[^.@/]*[\w%)]{{2}}(?<![A-Z])[.!?…]+{CLOSING}*"), re.compile(r"[\"“‘(]?[A-Z]")

WHITE_SPACE = re.compile(r"[^\S ]")
WORD = re.compile(r"\w")
BRACKETS = re.compile(r"\([^()]*\)")

# Where to cut an over-long sentence, best first.
CUTS = tuple(map(re.compile, (r"[;:]\s", r",\s", r"\s")))


def segment(document: Document) -> list[Sentence]:
    """The sentences of all blocks in text order; a heading, a table row or an entry of a bibliography is one sentence.

    None is longer than `MAX_SENTENCE_CHARACTERS`: what would be is cut at a semicolon or colon, a comma, a space.
    """
    sentences: list[Sentence] = []
    in_references = False
    for number, block in enumerate(document.blocks):
        content = document.text[block.start : block.end]
        if block.kind is BlockKind.HEADING:
            in_references = REFERENCES.fullmatch(content) is not None
        is_reference = in_references and len(content) <= LONGEST_REFERENCE and YEAR.search(content) is not None
        is_whole = block.kind in INDIVISIBLE or is_reference
        ends = [len(content)] if is_whole else [*_boundaries(content), len(content)]
        for start, end in _trimmed(content, ends):
            sentences.append(Sentence(len(sentences), number, block.start + start, block.start + end))
    return sentences


def _boundaries(text: str) -> Iterator[int]:
    """Where the sentences of a block end, but for the last."""
    # Line breaks are blanked too: inside a block they are only wrapping.
    blanked = WHITE_SPACE.sub(" ", BLANKED.sub(lambda match: " " * len(match[0]), text))
    candidates = sorted({*_library_ends(blanked), *(match.end() for match in MISSED.finditer(blanked))})
    begin = 0
    for candidate in candidates:
        near = max(begin, candidate - CONTEXT_CHARACTERS)
        stop = near + len(blanked[near:candidate].rstrip())
        attached = ATTACHED.match(text, stop)
        end = attached.end() if attached else stop
        if begin < end < len(text) and _is_boundary(text, begin, end):
            yield end
            begin = end


def _library_ends(text: str) -> Iterator[int]:
    start = 0
    while start < len(text):
        piece = text[start : start + PIECE_CHARACTERS]
        ends = [start + int(sentence["end_index"]) for sentence in get_sentence_boundaries("en", piece)]
        if start + len(piece) < len(text):
            ends = ends[:-1]  # the last sentence may go on beyond the piece
        yield from ends
        start = ends[-1] if ends and start + len(piece) < len(text) else start + len(piece)


def _is_boundary(text: str, begin: int, end: int) -> bool:
    near = max(begin, end - CONTEXT_CHARACTERS)
    before, after = text[near:end], text[end : end + CONTEXT_CHARACTERS]
    if after[0].isspace():
        after = after.lstrip()
    elif not (GLUED[0].fullmatch(before.split()[-1]) and GLUED[1].match(after)):
        return False
    if not (WORD.search(before) and WORD.search(after)):  # "* * *" is no sentence
        return False
    if near == begin and ENUMERATOR.fullmatch(before.strip()):
        return False
    # "(see Sci. Adv. 6, 12)": a bracket opened inside the sentence and closed after the boundary
    opened = BRACKETS.sub("", before).rpartition("(")
    if opened[0].strip() and ")" not in opened[2] and ")" in BRACKETS.sub("", after).partition("(")[0]:
        return False
    return not any(left.search(before) and right.match(after) for left, right in NO_BOUNDARY)


def _trimmed(text: str, ends: list[int]) -> Iterator[tuple[int, int]]:
    """The spans between the ends without surrounding white space, the over-long ones cut."""
    start = 0
    for end in ends:
        start, end = _strip(text, start, end)
        while end - start > MAX_SENTENCE_CHARACTERS:
            cut = _best_cut(text, start)
            yield _strip(text, start, cut)
            start, end = _strip(text, cut, end)
        if start < end:
            yield start, end
        start = end


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _best_cut(text: str, start: int) -> int:
    """The last good place in the second half of the longest piece that is allowed."""
    limit = start + MAX_SENTENCE_CHARACTERS
    for pattern in CUTS:
        places = [match.end() for match in pattern.finditer(text, start + MAX_SENTENCE_CHARACTERS // 2, limit)]
        if places:
            return places[-1]
    return limit
