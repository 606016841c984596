"""What can go wrong with a request, with the HTTP status that says so.

Handlers raise `Problem`; the application answers it as problem details (RFC 9457) or as a page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Problem(Exception):
    """A request that gets no report. `detail` is a sentence for the person who sent it; it quotes no document."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def own_fault() -> Problem:
    """What a reader hears of an error in the program: that the text is not at fault."""
    return Problem(500, "an error in the analyzer itself; its terminal says which")


class ProblemDetails(BaseModel):
    """Why there is no report (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: Literal["about:blank"] = "about:blank"
    title: str = Field(description="what the HTTP status means")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="what is wrong with this request, and the way out")

    @classmethod
    def of(cls, problem: Problem) -> ProblemDetails:
        """The published form of a problem."""
        return cls(title=HTTPStatus(problem.status).phrase, status=problem.status, detail=problem.detail)
