"""Which requests a rule is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any, TypeVar

_Made = TypeVar("_Made", bound="Rule")
_INNER = ("rng", "hits", "over")


@dataclass
class Rule:
    """It skips the first `skip` matching requests, then affects `count` (None: all) at a `rate` (0 to 1)."""

    kind: str
    method: str | None = None
    path_contains: str | None = None  # in path and query
    path: str | None = None  # a regular expression found in path and query
    count: int | None = None
    rate: float = 1.0
    seed: int = 0
    skip: int = 0
    hits: int = 0
    over: bool = False  # removed: what it holds back goes on
    rng: Random = field(default_factory=Random, repr=False)

    @classmethod
    def of(cls: type[_Made], values: dict[str, Any]) -> _Made:
        """Make a rule from JSON. Raises ValueError for an unknown field or a path that is no regular expression."""
        unknown = sorted(set(values) - ({item.name for item in fields(cls)} - set(_INNER)))
        if unknown:
            raise ValueError(f"unknown in a {cls.__name__.lower()}: {', '.join(unknown)}")
        made = cls(**values)
        try:
            re.compile(made.path or "")
        except re.error as wrong:
            raise ValueError(f"path: {wrong}") from None
        made.rng = Random(f"{cls.__name__.lower()}-{made.seed}")
        return made

    def fits(self, method: str, target: str) -> bool:
        """Whether the request is one of those that the rule is about. :param target: path and query."""
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path_contains is not None and self.path_contains not in target:
            return False
        return self.path is None or re.search(self.path, target) is not None

    def hit(self, method: str, target: str, carried: int = 1) -> bool:
        """Whether the rule affects this request; if so, it is counted.

        :param target: path and query. :param carried: requests on the connection, this one included.
        """
        if not self.fits(method, target) or (self.count is not None and self.hits >= self.count):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.rate < 1.0 and self.rng.random() >= self.rate:
            return False
        self.hits += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """The rule as JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("rng", "over")}
