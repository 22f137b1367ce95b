# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists an account repeatedly and returns an event for each stale session, once. Nothing is changed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import BUSY, TaskActivity
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
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
from ansible_collections.aimms.cloud.plugins.module_utils.selection import RECENT_LOG, is_active
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

NARROWING = ("older_than", "quiet_for", "apps", "owners", "states", "keep_versions")
WATCH: Spec = {
    **CONNECTION,
    **SELECTION,
    **{name: {"type": entry["type"]} for name, entry in BREAKERS.items()},
    "interval": {"type": "str", "default": "5m"},
    "repeat_after": {"type": "str", "default": "1d"},
}
"""The options of an event source."""

_LOOKS_ABSENT = 3  # a session is forgotten when so many lists in a row do not contain it
_LONGEST_PAUSE = 900  # seconds
_NUMBERS = re.compile(r"\d+")
_BRACE = re.compile(r"\{(?=[{%#])")

Identity = tuple[Any, ...]
Records = list[dict[str, Any]]


class Watch:
    """Watches one account. Its memory: the sessions that had an event, that the server lists and that stay stale."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        """Sends nothing. :param params: the options of ``WATCH``. :raises OptionError: for unusable options."""
        self.interval = interval_from(params["interval"])
        self._repeat_after = parse_duration(params["repeat_after"], "repeat_after") or float("inf")
        self.url = Connection.from_params(params).base_url
        criteria_from(params)
        breakers_from(params)
        if not narrowed_by(params, NARROWING):
            raise OptionError(
                "Without a criterion every session would be stale.", f"Give at least one of {', '.join(NARROWING)}."
            )
        self._params = dict(params)
        self._absences: dict[Identity, int] = {}  # lists in a row without the session
        self._told: dict[Identity, float] = {}  # when, on the monotonic clock
        self._warned: frozenset[str] = frozenset()

    def look(self, warn: Callable[[str], None]) -> list[dict[str, Any]]:
        """An event for each stale session that is not in the memory, or has been there for too long; the oldest first.

        :param warn: called with each warning that the look before did not give, whatever the numbers in it.
        :raises AimmsError: when the list cannot be read or is incomplete, or a breaker trips; the memory stays then.
        """
        warnings: list[str] = []
        selected, kept, cutoff = _selection(self._params, warnings.append)
        for text in dict.fromkeys(warnings):
            if _NUMBERS.sub("0", text) not in self._warned:
                warn(text)
        self._warned = frozenset(_NUMBERS.sub("0", text) for text in warnings)
        now = time.monotonic()
        for record, at_work in kept:
            if at_work:
                self._absences.pop(_identity(record), None)
        known = {name for name in self._absences if now - self._told[name] < self._repeat_after}
        fresh = [record for record in selected if _identity(record) not in known]
        self._remember(map(_identity, [*selected, *(record for record, _at_work in kept)]), map(_identity, fresh), now)
        return [{"session": _inert(record), "url": self.url, "cutoff": cutoff} for record in fresh]

    def _remember(self, listed: Iterable[Identity], fresh: Iterable[Identity], now: float) -> None:
        present = set(listed)
        absences = {known: 0 if known in present else count + 1 for known, count in self._absences.items()}
        self._absences = {known: count for known, count in absences.items() if count < _LOOKS_ABSENT}
        told = dict.fromkeys(fresh, now)
        self._absences.update(dict.fromkeys(told, 0))
        self._told = {name: told.get(name, self._told.get(name, now)) for name in self._absences}

    def pause(self, failures: int) -> float:
        """Seconds to the next look; doubled for each further failure in a row, up to 15 minutes or ``interval``."""
        doubled: float = self.interval * 2 ** min(max(failures - 1, 0), 20)
        return min(doubled, max(self.interval, _LONGEST_PAUSE))


def _selection(
    params: dict[str, Any], warn: Callable[[str], None]
) -> tuple[Records, list[tuple[dict[str, Any], bool]], Optional[str]]:
    """The records of the stale sessions, those of the kept ones with whether each is at work, and the cutoff.

    :param params: later looks ask for no tasks if the Task API refuses the key. Raises as ``Watch.look``.
    """
    criteria = criteria_from(params)
    manager = SessionManager.connect(params, criteria.zone)
    with WorkerPool(PACE["concurrency"]["default"]) as workers:
        activity = TaskActivity(params, criteria, manager.clock)
        planner = Planner(manager, criteria, breakers_from(params), QuietCheck(manager, criteria), workers, activity)
        plan = planner.by_selection(is_active)
    if activity.key_refused:
        params["task_activity"] = "ignore"
    cutoff = planner.checked(plan, "announced", "active sessions", warn)["cutoff"]
    now = manager.clock().earliest
    kept = [(session.as_dict(now), _at_work(plan, session, reason)) for session, reason in plan.kept]
    return [session.as_dict(now) for session in plan.selected], kept, cutoff


def _at_work(plan: Plan, session: Session, reason: str) -> bool:
    """Whether a kept session was seen at work. A log that could not be read shows nothing."""
    text = plan.vetoes.get((session.kind, session.id), "")
    return reason == BUSY or (reason == RECENT_LOG and bool(text) and not unread([text]))


def key_is_refused(error: AimmsError) -> bool:
    """Whether the service refuses the key: repeated failed logins block an account, so it must not be asked again."""
    return isinstance(error, HttpError) and error.status == 401


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
