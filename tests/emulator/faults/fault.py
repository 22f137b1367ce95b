"""The faults that a test injects, and which requests they affect."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

MODIFYING = frozenset({"truncate", "drip_headers", "drip_body", "bom"})
"""Kinds that change the true answer: the server acts first by default."""

KINDS = MODIFYING | {
    "status", "reset", "close", "timeout", "html", "empty", "no_content", "wrong_json", "nan", "deep", "bigint",
    "gzip_bomb", "big_body", "redirect", "echo_key", "stale_keepalive",
}  # fmt: skip


@dataclass
class Fault:
    """One rule. It skips the first `skip` matching requests, then affects `count` (None: all) at a `rate` (0 to 1)."""

    kind: str
    method: str | None = None
    path_contains: str | None = None
    count: int | None = None
    rate: float = 1.0
    seed: int = 0
    skip: int = 0
    before: bool | None = None  # True: the server does not act; None: as the kind needs
    status: int = 503
    retry_after: str | None = None  # header value; date+N or date-N: the HTTP date N seconds from now
    body: str | None = None  # of kind status: json, html, empty
    seconds: float | None = None  # timeout: until the connection is closed; drips: between two bytes
    location: str = "https://elsewhere.example/"
    value: Any = "not an object"  # wrong_json
    mib: int = 64  # gzip_bomb, big_body
    headers: dict[str, str] = field(default_factory=dict)
    hits: int = 0
    over: bool = False  # removed: what it holds back goes on
    rng: Random = field(default_factory=Random, repr=False)

    @classmethod
    def make(cls, values: dict[str, Any]) -> Fault:
        """Make a fault from JSON. Raises ValueError for an unknown field or kind."""
        unknown = sorted(set(values) - ({item.name for item in fields(cls)} - {"rng", "hits", "over"}))
        if unknown:
            raise ValueError(f"unknown in a fault: {', '.join(unknown)}")
        values = dict(values)
        if str(values.get("kind", "")).isdigit():
            values.update(kind="status", status=int(values["kind"]))
        if values.get("kind") not in KINDS:
            raise ValueError(f"kind is one of: {', '.join(sorted(KINDS))} or a status")
        made = cls(**values)
        made.rng = Random(f"fault-{made.seed}")
        if made.before is None:
            made.before = made.kind not in MODIFYING
        return made

    def hit(self, method: str, target: str, carried: int) -> bool:
        """Whether the fault affects this request; if so, it is counted.

        :param target: path and query. :param carried: requests on the connection, this one included.
        """
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path_contains is not None and self.path_contains not in target:
            return False
        if self.kind == "stale_keepalive" and carried < 2:
            return False
        if self.count is not None and self.hits >= self.count:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.rate < 1.0 and self.rng.random() >= self.rate:
            return False
        self.hits += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("rng", "over")}


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
