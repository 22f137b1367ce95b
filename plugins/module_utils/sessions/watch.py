# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists an account repeatedly and returns an event for each stale session, once. Nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    BREAKERS,
    CONNECTION,
    PACE,
    SELECTION,
    Spec,
    breakers_from,
    criteria_from,
    narrowed_by,
)
from ansible_collections.aimms.cloud.plugins.module_utils.selection import is_active
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

NARROWING = ("older_than", "quiet_for", "apps", "owners", "states")
WATCH: Spec = {
    **CONNECTION,
    **SELECTION,
    **{name: {"type": entry["type"]} for name, entry in BREAKERS.items()},
    "interval": {"type": "str", "default": "5m"},
}
"""The options of an event source."""

_LOOKS_ABSENT = 3  # a session is forgotten when so many lists in a row do not contain it
_LONGEST_PAUSE = 900  # seconds
_BRACE = re.compile(r"\{(?=[{%#])")

Identity = tuple[Any, ...]
Records = list[dict[str, Any]]


class Watch:
    """Watches one account. Its memory: the sessions that had an event and that the server still lists."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        """Sends nothing. :param params: the options of ``WATCH``. :raises OptionError: for unusable options."""
        self.interval = interval_from(params["interval"])
        self.url = Connection.from_params(params).base_url
        criteria_from(params)
        breakers_from(params)
        if not narrowed_by(params, NARROWING):
            raise OptionError(
                "Without a criterion every session would be stale.", f"Give at least one of {', '.join(NARROWING)}."
            )
        self._params = dict(params)
        self._absences: dict[Identity, int] = {}  # lists in a row without the session
        self._warned: frozenset[str] = frozenset()

    def look(self, warn: Callable[[str], None]) -> list[dict[str, Any]]:
        """An event for each stale session that is not in the memory, the oldest first.

        :param warn: called with each warning that the look before did not give.
        :raises AimmsError: when the list cannot be read or is incomplete, or a breaker trips; the memory stays then.
        """
        warnings: list[str] = []
        selected, kept, cutoff = _selection(self._params, warnings.append)
        for text in dict.fromkeys(warnings):
            if text not in self._warned:
                warn(text)
        self._warned = frozenset(warnings)
        fresh = [record for record in selected if _identity(record) not in self._absences]
        self._remember(map(_identity, [*selected, *kept]), map(_identity, fresh))
        return [{"session": _inert(record), "url": self.url, "cutoff": cutoff} for record in fresh]

    def _remember(self, listed: Iterable[Identity], fresh: Iterable[Identity]) -> None:
        present = set(listed)
        absences = {known: 0 if known in present else count + 1 for known, count in self._absences.items()}
        self._absences = {known: count for known, count in absences.items() if count < _LOOKS_ABSENT}
        self._absences.update(dict.fromkeys(fresh, 0))

    def pause(self, failures: int) -> float:
        """Seconds to the next look; doubled for each further failure in a row, up to 15 minutes or ``interval``."""
        doubled: float = self.interval * 2 ** min(max(failures - 1, 0), 20)
        return min(doubled, max(self.interval, _LONGEST_PAUSE))


def _selection(params: Mapping[str, Any], warn: Callable[[str], None]) -> tuple[Records, Records, Optional[str]]:
    """The records of the stale sessions and of the kept ones, and the cutoff; raises as ``Watch.look``."""
    criteria = criteria_from(params)
    manager = SessionManager.connect(params, criteria.zone)
    with WorkerPool(PACE["concurrency"]["default"]) as workers:
        planner = Planner(manager, criteria, breakers_from(params), QuietCheck(manager, criteria), workers)
        plan = planner.by_selection(is_active)
    cutoff = planner.checked(plan, "announced", "active sessions", warn)["cutoff"]
    now = manager.clock().earliest
    kept = [session.as_dict(now) for session, _reason in plan.kept]
    return [session.as_dict(now) for session in plan.selected], kept, cutoff


def may_succeed_later(error: AimmsError) -> bool:
    """Whether a later look may succeed with the same options."""
    return isinstance(error, RefusedError) or (isinstance(error, (HttpError, TransportError)) and error.retryable)


def interval_from(value: Union[str, int]) -> int:
    """Seconds between two looks, from a duration or a number of seconds, as in other event sources.

    :raises OptionError: for anything else, and for less than a second.
    """
    text = str(value).strip()
    seconds: Optional[int] = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    seconds = parse_duration(text, "interval") if seconds is None else seconds
    if seconds < 1:
        raise OptionError("interval: must be at least one second.")
    return seconds


def _inert(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with template expressions disabled: rulebooks put events into templates and playbooks."""
    return {name: _BRACE.sub("{ ", value) if isinstance(value, str) else value for name, value in record.items()}


def _identity(record: Mapping[str, Any]) -> Identity:
    return (record["kind"], record["id"], record["created_at"])
