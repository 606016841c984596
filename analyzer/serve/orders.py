"""From an HTTP request to an `Order`: the document and what is asked about it.

Bodies are counted while they arrive and refused once they are too large; nothing of them touches the disk. Whatever
is wrong with a request raises `Problem`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

from anyio import fail_after
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from analyzer.dependence import DEFAULT_VAGUE_CREDIT
from analyzer.errors import AnalyzerError
from analyzer.serve.problems import Problem
from analyzer.statements import find_statements

_MOST_PHRASES, _LONGEST_PHRASE = 20, 200  # the latter in characters
_LONGEST_NAME = 200
# A body that is too large is read on to this many times the limit, and thrown away: a browser shows our answer only
# once it has sent all of its request.
_DISCARDED = 8


def _statable(phrase: str) -> str:
    try:
        find_statements(phrase, [])
    except AnalyzerError as error:
        raise ValueError(str(error)) from error
    return phrase


Phrase = Annotated[str, Field(max_length=_LONGEST_PHRASE), AfterValidator(_statable)]


class Questions(BaseModel):
    """What is asked about a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conclusions: list[Phrase] = Field(
        default=[], max_length=_MOST_PHRASES, description="treat the sentences that state one of these as conclusions"
    )
    vague_credit: float = Field(
        default=DEFAULT_VAGUE_CREDIT,
        ge=0.0,
        le=1.0,
        allow_inf_nan=False,
        description="how far a vague source counts as a source: 0 not at all, 1 like a named one",
    )


class TextRequest(Questions):
    """A text to analyse."""

    text: str = Field(description="the document as plain text, Markdown or HTML")


@dataclass(frozen=True)
class Order:
    """A document as it was sent: pasted text, or a file's bytes and name."""

    source: str | bytes
    name: str
    questions: Questions


@dataclass
class Sent:
    """What a form held, kept so that its page can be shown again with the text still in it."""

    text: str = ""
    conclusions: str = ""
    vague_credit: str = str(DEFAULT_VAGUE_CREDIT)


# What a field must be, in words.
_EXPECTED = {
    "": "an object with a text",
    "text": "the document as a string",
    "conclusions": f"a list of up to {_MOST_PHRASES} phrases, each of up to {_LONGEST_PHRASE} characters",
    "vague_credit": "a number from 0 to 1",
}
_LONGEST_QUOTED = 40


# Others need not decode in linear time, as punycode does not.
_CHARSETS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"iso-8859-1", b"windows-1252"})


class _InMemoryParser(MultiPartParser):
    """Keeps uploads in memory, which the size limit bounds, so that no part of a document is written to the disk."""

    spool_max_size = sys.maxsize
    is_complete = False

    def on_part_end(self) -> None:
        """Called at the end of a part; starlette reads a field that is not in its encoding as Latin-1, all of it."""
        part = self._current_part
        if part.file is None:
            try:
                part.data.decode(self._charset)
            except UnicodeDecodeError as error:
                raise MultiPartException(
                    f"{_quoted(part.field_name)} is not in {error.encoding} (at byte {error.start + 1:,}); encode it "
                    "anew, or send it as a file"
                ) from None
        super().on_part_end()

    def on_end(self) -> None:
        """Called at the boundary that ends a form; one that was cut short would pass for a form with fewer fields."""
        self.is_complete = True


async def read_order(request: Request, *, max_bytes: int, timeout: float, sent: Sent | None = None) -> Order:
    """The order in a request, JSON or multipart; what a form held is noted in `sent`.

    Raises `Problem`: 400 malformed, 408 too slow, 413 too large, 415 neither JSON nor multipart, 422 wrong values.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = _limited(request, max_bytes)
    try:
        with fail_after(timeout):
            if kind == "application/json":
                return _from_json(b"".join([chunk async for chunk in body]))
            if kind == "multipart/form-data":
                return await _from_form(request, body, max_bytes, sent or Sent())
    except TimeoutError:
        raise Problem(408, f"the request was not complete after {timeout:g} s; send it again") from None
    raise Problem(415, "send application/json or multipart/form-data; /openapi.json describes both")


async def _limited(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body, chunk by chunk; raises `Problem` as soon as it is larger than `max_bytes`, declared or not."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= max_bytes:
            yield chunk
        elif size > _DISCARDED * max_bytes:
            break
    if size > max_bytes:
        raise Problem(413, f"larger than {size_in_words(max_bytes)}; split it, or start with a larger --max-bytes")


def _from_json(body: bytes) -> Order:
    try:
        asked = TextRequest.model_validate_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem(400, f"not UTF-8 (at byte {error.start + 1:,}), as JSON must be; encode it anew") from None
    except ValidationError as error:
        raise _invalid(error) from None
    return Order(asked.text, "text", asked)


async def _from_form(request: Request, body: AsyncGenerator[bytes, None], max_bytes: int, sent: Sent) -> Order:
    charset = parse_options_header(request.headers["content-type"])[1].get(b"charset", b"utf-8").lower()
    if charset not in _CHARSETS:
        raise Problem(415, "send the form in UTF-8")
    try:
        parser = _InMemoryParser(request.headers, body, max_files=1, max_fields=30, max_part_size=max_bytes)
        form = await parser.parse()
        if not parser.is_complete:
            raise MultiPartException("it was cut short")
    except (MultiPartException, FormParserError) as error:
        raise Problem(400, f"not a form that can be read: {getattr(error, 'message', error)}") from None
    try:
        return await _from_fields(form, sent)
    finally:
        await form.close()


async def _from_fields(form: FormData, sent: Sent) -> Order:
    unknown = sorted(set(form) - {"text", "file", "conclusions", "vague_credit"})
    if unknown:
        raise Problem(422, f"{_quoted(unknown[0])}: no such field; send text or file, conclusions and vague_credit")
    # A form sends every line break as two characters; the text that was pasted had one.
    sent.text = _text_of(form, "text").replace("\r\n", "\n")
    sent.conclusions = "\n".join(value for value in form.getlist("conclusions") if isinstance(value, str))
    sent.vague_credit = _text_of(form, "vague_credit") or sent.vague_credit
    phrases = [line.strip() for line in sent.conclusions.splitlines() if line.strip()]
    try:
        questions = Questions.model_validate({"conclusions": phrases, "vague_credit": sent.vague_credit})
    except ValidationError as error:
        raise _invalid(error) from None
    file = form.get("file")
    # A browser sends a file field that nobody filled in as a file without a name.
    if isinstance(file, UploadFile) and file.filename:
        if sent.text.strip():
            raise Problem(422, "both a text and a file; send one of them")
        return Order(await file.read(), _safe_name(file.filename), questions)
    if not sent.text.strip():
        raise Problem(422, "neither a text nor a file; send one of them")
    return Order(sent.text, "text", questions)


def _text_of(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _safe_name(name: str) -> str:
    """The last part of a file name, without anything that could act on a terminal or a path."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[-_LONGEST_NAME:].strip() or "document"


def _invalid(error: ValidationError) -> Problem:
    """What is wrong, by field, in our own words; of what may be the document nothing is quoted."""
    errors = error.errors(include_url=False)
    if errors[0]["type"] == "json_invalid":
        return Problem(400, _invalid_json(errors[0]["ctx"]["error"]))
    return Problem(422, "; ".join(map(_wrong, errors[:3])))


def _invalid_json(reason: str) -> str:
    what, _, place = reason.rpartition(" at ")
    if "hex escape" in what:
        what = "half of a surrogate pair, which is no character"
    return f"not valid JSON ({what}, {place}); send an object with a text"


def _wrong(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    field = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{_quoted(field)}: no such field; send text, conclusions and vague_credit (a file: in a form)"
    if error["type"] == "missing":
        return f"{field}: missing; send {_EXPECTED[field]}"
    value = "" if field in ("", "text") else f"{_quoted(json.dumps(error['input'], ensure_ascii=False))}, "
    return f"{field or 'body'}: {value}expected {_EXPECTED[field]}"


def _quoted(words: str) -> str:
    return words if len(words) <= _LONGEST_QUOTED else f"{words[:_LONGEST_QUOTED]}…"


def size_in_words(size: int) -> str:
    """A number of bytes as people say it: "10 MB", "64 kB", "900 bytes"."""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
