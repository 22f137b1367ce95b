"""The faults that a test injects, and which requests they affect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .pages import PAGES
from .rule import Rule

MODIFYING = frozenset({"truncate", "drip_headers", "drip_body", "bom", "no_length"})
"""Kinds that change the true answer: the server acts first by default."""

IN_BETWEEN = frozenset({"page", "late", "cached", "node", "cookie"})
"""Kinds of something that stands between the client and the service (`intermediary.py`)."""

KINDS = MODIFYING | IN_BETWEEN | {
    "status", "reset", "close", "timeout", "html", "empty", "no_content", "wrong_json", "nan", "deep", "bigint",
    "gzip_bomb", "big_body", "redirect", "echo_key", "stale_keepalive",
}  # fmt: skip


@dataclass
class Fault(Rule):
    """What happens to the requests of a rule."""

    before: bool | None = None  # True: the server does not act; None: as the kind needs
    status: int = 503
    retry_after: str | None = None  # header value; date+N or date-N: the HTTP date N seconds from now
    body: str | None = None  # of kind status: json, html, empty
    seconds: float | None = None  # timeout: until the connection is closed; drips: between two bytes; late: 8
    location: str = "https://elsewhere.example/"
    value: Any = "not an object"  # wrong_json
    mib: int = 64  # gzip_bomb, big_body
    headers: dict[str, str] = field(default_factory=dict)
    page: str = "gateway-503-html"  # page, late, no_length: a name of `pages.py`
    age: float = 0.0  # cached: seconds since the copy was made
    told: bool = True  # cached: the answer has Age, X-Cache and the Date of the copy
    obeys: bool = False  # cached: requests with `Cache-Control: no-cache` get through
    dialect: str = "legacy"  # node: of the one that answers
    sees: str = (
        "csrf"  # cookie: what a client meets that sends it back: csrf (403), guest (an account without sessions)
    )

    @classmethod
    def make(cls, values: dict[str, Any]) -> Fault:
        """Make a fault from JSON. Raises ValueError for an unknown field, kind or page."""
        values = dict(values)
        if str(values.get("kind", "")).isdigit():
            values.update(kind="status", status=int(values["kind"]))
        if values.get("kind") not in KINDS:
            raise ValueError(f"kind is one of: {', '.join(sorted(KINDS))} or a status")
        made = cls.of(values)
        if made.page not in PAGES:
            raise ValueError(f"page is one of: {', '.join(sorted(PAGES))}")
        if made.sees not in ("csrf", "guest"):
            raise ValueError("sees is one of: csrf, guest")
        if made.before is None:
            made.before = made.kind not in MODIFYING
        return made

    def hit(self, method: str, target: str, carried: int = 1) -> bool:
        """As of every rule; `stale_keepalive` affects only what comes on a connection that was used before."""
        return (self.kind != "stale_keepalive" or carried >= 2) and super().hit(method, target, carried)


class Faults:
    """The active faults. A request meets the first one that affects it."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def clear(self) -> None:
        """Remove all of them; a request that one keeps waiting ends at once."""
        for rule in self.rules:
            rule.over = True
        self.rules = []

    def match(self, method: str, target: str, carried: int) -> Fault | None:
        """The fault for this request, or None."""
        for rule in self.rules:
            if rule.hit(method, target, carried):
                return rule
        return None
