"""Which requests go wrong, and how."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

SPOILS = frozenset({"truncate", "drip_headers", "drip_body", "bom"})  # spoil the true answer, so act first
KINDS = SPOILS | {
    "status", "reset", "close", "timeout", "html", "empty", "no_content", "wrong_json", "nan", "deep", "bigint",
    "gzip_bomb", "big_body", "redirect", "echo_key", "stale_keepalive",
}  # fmt: skip


@dataclass
class Fault:
    """One rule. It hits matching requests, after `skip` of them, `count` times (None: always) or at a `rate`."""

    kind: str
    method: str | None = None
    path_contains: str | None = None
    count: int | None = None
    rate: float = 1.0
    seed: int = 0
    skip: int = 0
    before: bool | None = None  # before the server acts; None: as fits the kind
    status: int = 503
    retry_after: str | None = None  # as it is, or date+N / date-N for an HTTP date N seconds from now
    body: str | None = None  # status: json, html, empty
    seconds: float | None = None  # timeout: how long; drips: between two bytes
    location: str = "https://elsewhere.example/"
    value: Any = "not an object"  # wrong_json
    mib: int = 64  # gzip_bomb, big_body
    headers: dict[str, str] = field(default_factory=dict)
    hits: int = 0
    over: bool = False  # removed: what it holds back goes on
    rng: Random = field(default_factory=Random, repr=False)

    @classmethod
    def make(cls, values: dict[str, Any]) -> Fault:
        """A fault from JSON. Raises ValueError naming what is wrong."""
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
            made.before = made.kind not in SPOILS
        return made

    def hit(self, method: str, target: str, carried: int) -> bool:
        """Does the fault hit this request? Counts it when it does."""
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
    """All faults in force; the first that hits a request is the one."""

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
