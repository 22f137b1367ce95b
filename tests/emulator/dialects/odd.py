"""Dialects of services that are of neither generation, or of both: a client should refuse to change anything there,
or find its way by what the document says. They are not in DIALECTS, whose services a client can work with.
"""

from __future__ import annotations

from .dialect import DIALECTS, Dialect

ODD: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("third-stop", "current", end_route="post stop"),
        Dialect("third-put-end", "current", end_route="put end"),
        Dialect("third-stop-old-logs", "current", end_route="post stop", old_logs=True),
        Dialect("current-old-logs", "current", old_logs=True),
    )
}
"""`third-*`: sessions are ended by another route, and DELETE destroys the record. `current-old-logs`: the current
generation, which also has the (deprecated) log route of the legacy one."""


def dialect_of(name: str) -> Dialect:
    """The dialect of this name. Raises KeyError."""
    return DIALECTS[name] if name in DIALECTS else ODD[name]
