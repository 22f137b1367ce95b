"""The log of all requests in order of arrival. API keys are masked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from ..account.clock import Clock, iso
from ..account.seed import Key

Entry = dict[str, Any]
_MAX_BODY_BYTES = 4096


class RequestLog:
    """The requests since the log was last cleared."""

    def __init__(self, clock: Clock, keys: dict[str, Key]) -> None:
        self._clock, self._keys = clock, keys
        self.entries: list[Entry] = []
        self.in_flight = 0
        self._count = 0

    def begin(self, scope: Any, number: int, carried: int, role: str | None) -> Entry:
        """Add a request at its arrival. The caller fills in status, fault and acted later."""
        self._count += 1
        self.in_flight += 1
        raw_query = scope["query_string"]
        entry: Entry = {
            "n": self._count, "time": iso(self._clock.now()), "method": scope["method"],
            "path": self._without_keys(scope["raw_path"].decode("ascii", "replace")),
            "query": dict(parse_qsl(self._without_keys(raw_query.decode("ascii", "replace")), keep_blank_values=True))
            if raw_query
            else {},
            "status": None, "role": role, "connection": number, "carried": carried, "in_flight": self.in_flight,
            "fault": None, "acted": False, "headers": self._headers(scope["headers"]),
        }  # fmt: skip
        self.entries.append(entry)
        return entry

    def add_body(self, entry: Entry, body: bytes) -> None:
        """Add the first 4 KiB of the request's body as text."""
        entry["body"] = self._without_keys(body[:_MAX_BODY_BYTES].decode("utf-8", "replace"))

    def finish(self) -> None:
        """Count a request as answered."""
        self.in_flight -= 1

    def clear(self) -> None:
        """Remove all entries."""
        self.entries = []
        self._count = 0

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
        return {
            name.decode("latin-1"): "***" if name == b"apikey" else self._without_keys(value.decode("latin-1"))
            for name, value in headers
        }

    def _without_keys(self, text: str) -> str:
        for value in self._keys:
            if value in text:
                text = text.replace(value, "***")
        return text
