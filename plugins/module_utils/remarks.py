# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is odd about the sessions that were listed: unknown states and types, times that cannot be relied on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models import states as known
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

_CLOCKS_APART = 120  # seconds
MOST_STATES = 5
"""How many unknown states or types the warnings name; the others are only counted."""


def unknowns(sessions: Iterable[Session]) -> list[str]:
    """Warnings about unknown states and types."""
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for (kind, state), number in Counter((session.kind, session.state) for session in sessions).items():
        states.update({} if known.is_active(state) or known.is_ended(state) else {state: number})
        kinds.update({} if kind in known.KINDS else {kind: number})
    texts = []
    for state, number in sorted(states.most_common(MOST_STATES)):
        texts.append(f"{number} sessions are in the unknown state '{shown(state)}': they count as not active.")
    if len(states) > MOST_STATES:
        texts.append(f"There are {len(states) - MOST_STATES} more unknown states.")
    for kind, number in sorted(kinds.most_common(MOST_STATES)):
        texts.append(f"{number} sessions are of the unknown type '{shown(kind)}': they are never changed.")
    if len(kinds) > MOST_STATES:
        texts.append(f"There are {len(kinds) - MOST_STATES} more unknown types.")
    return texts


def remarks(sessions: Iterable[Session], criteria: Criteria, clock: Clock) -> list[str]:
    """Warnings about the times of the listed sessions."""
    listed, warnings = list(sessions), []
    naive = count_assumed(listed, criteria)
    if naive:
        warnings.append(
            f"The times of {naive} sessions name no zone: they are read as UTC, with 12 hours allowed for the error. "
            "Set naive_timezone to the zone of the server."
        )
    aged = criteria.older_than is not None or criteria.newer_than is not None
    unstarted = sum(session.started_at is None and session.active for session in listed)
    if unstarted and aged and criteria.age_from == "started":
        warnings.append(
            f"{unstarted} active sessions have no known start, so with age_from: started they have no age "
            "and are not selected."
        )
    examples: dict[str, list[str]] = {}
    for name, value in (told for session in listed for told in session.unread_times):
        examples.setdefault(name, []).append(value)
    warnings += [
        f"The {name} of {len(values)} sessions cannot be read as a time, for example '{values[0]}': "
        "it counts as not known, so no session counts as old by it."
        for name, values in examples.items()
    ]
    apart = 0 if clock.server is None else abs(clock.server - clock.local)
    if clock.server is None and listed:  # without sessions, perhaps no answer with a time was needed
        warnings.append("The server sends no Date header: no age can be relied on, so no session counts as old or new.")
    elif apart > _CLOCKS_APART:
        warnings.append(
            f"The clocks of the server and of this machine differ by {round(apart / 60)} minutes: a session counts as "
            "old only if it is so by both clocks."
        )
    return warnings


def count_assumed(sessions: Iterable[Session], criteria: Criteria) -> int:
    """How many sessions have a time without a zone as the beginning of their age."""
    times = (criteria.began(session) for session in sessions)
    return sum(1 for began in times if began and began.assumed_utc)
