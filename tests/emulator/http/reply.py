"""An answer before it is sent, and the exception that becomes an error answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus

JSON = "application/json"


@dataclass
class Reply:
    """Status, body and headers of an answer. A download has a `stream` instead of a body."""

    status: int
    body: bytes = b""
    content_type: str = JSON  # "": no Content-Type header, for an answer without a body
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None


class Refused(Exception):
    """The request gets an error as its answer, with these additional `headers`."""

    def __init__(self, status: int, error_id: str, message: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.error_id, self.message = status, error_id, message
        self.headers = headers or []


def refuse_all(status: int, what: str) -> None:
    """Raises Refused with this status; does nothing if it is 0."""
    if status:
        raise Refused(status, HTTPStatus(status).phrase.replace(" ", ""), f"no {what} for you")
