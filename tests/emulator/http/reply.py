"""An answer before it goes out, and the refusal that becomes one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus

JSON = "application/json"


@dataclass
class Reply:
    """Status, body and headers of an answer; `stream` takes the body's place in downloads."""

    status: int
    body: bytes = b""
    content_type: str = JSON  # "": the answer has no body
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None


class Refused(Exception):
    """A request is answered with an error; `headers` are added to the answer."""

    def __init__(self, status: int, error_id: str, message: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.error_id, self.message = status, error_id, message
        self.headers = headers or []


def refuse_all(status: int, what: str) -> None:
    """Raises Refused with the status, unless it is 0."""
    if status:
        raise Refused(status, HTTPStatus(status).phrase.replace(" ", ""), f"no {what} for you")
