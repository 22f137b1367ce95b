# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named rules over one list of sessions: the first one that matches a session decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded, matches
from ansible_collections.aimms.cloud.plugins.module_utils.models import states as known
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.rules.windows import Window
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    MAX_ACTIVE,
    MAX_SEATS,
    NO_RELIABLE_TIME,
    NOT_SELECTED,
    PROTECTED,
    RECENT_LOG,
    SCHEDULED,
    TOO_YOUNG,
    UNKNOWN_KIND,
    Breakers,
    Criteria,
    Globs,
    app_version_of,
    may_change,
    protected,
    reason_not_to_change,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

POLICY = "policy"
"""Why a session is kept that a rule with ``action: keep`` matches."""
_TELLING = (PROTECTED, POLICY, MAX_SEATS, MAX_ACTIVE, RECENT_LOG, "busy", SCHEDULED, NO_RELIABLE_TIME, TOO_YOUNG)
"""Reasons, the one that tells most first; all others come after them, ``not_selected`` last."""
_SURE = (None, SCHEDULED, UNKNOWN_KIND)
"""Reasons, or none, that leave no doubt whether a session is one that a rule means."""


@dataclass(frozen=True)
class Policy:
    """A rule. ``keep``: it keeps what it matches. ``options``: how it ends what it matches, as the module's options.

    The protections are in the criteria of each rule.
    """

    name: str
    keep: bool
    criteria: Criteria
    breakers: Breakers = field(default_factory=Breakers)
    window: Optional[Window] = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def in_force(self, clock: Clock) -> bool:
        """Whether its part of the day is now. To end, both clocks must say so; to keep, one of them is enough."""
        return any(self._now(clock)) if self.keep else all(self._now(clock))

    def keeps(self, session: Session, clock: Clock) -> bool:
        """Whether it keeps the session. What is not told of the session, or not certain, may be what it is to keep."""
        return self.keep and self.in_force(clock) and self._may_match(session, clock)

    def in_doubt(self, session: Session, clock: Clock) -> bool:
        """Whether it ends sessions, and nobody knows if this one: the rules below must leave it alone then.

        What a log, a task or a limit decides is no doubt.
        """
        if self.keep or not any(self._now(clock)) or not may_change(session, self.criteria):
            return False
        if self.in_force(clock) and reason_not_to_change(session, self.criteria, clock) in _SURE:
            return False
        return self._may_match(session, clock)

    def _now(self, clock: Clock) -> set[bool]:
        """Whether its part of the day is now, by each clock."""
        return {self.window is None or self.window.contains(seconds) for seconds in (clock.earliest, clock.latest)}

    def _may_match(self, session: Session, clock: Clock) -> bool:
        """As ``reason_to_keep`` without protections, but what is not told or not certain matches."""
        asked, began = self.criteria, self.criteria.began(session)
        return (
            (asked.kinds is None or session.kind in asked.kinds)
            and (asked.session_ids is None or id_key(session.id) in asked.id_keys)
            and (asked.states is None or not session.state or known.same_state(session.state, asked.states))
            and (asked.apps is None or protected(session, Criteria(protect_apps=asked.apps)))
            and (asked.owners is None or protected(session, Criteria(protect_owners=asked.owners)))
            and (
                asked.app_versions is None
                or session.app_version is None
                or matches(session.app_version, asked.app_versions)
            )
            and (asked.older_than is None or not clock.newer(began, asked.older_than))
            and (asked.newer_than is None or not clock.older(began, asked.newer_than))
            and (asked.quiet_for is None or not clock.newer(session.created_at, asked.quiet_for))
            and (
                asked.keep_versions is None
                or None in (session.app_name, session.app_version)
                or _is_old(session, asked)
            )
        )


def _is_old(session: Session, asked: Criteria) -> bool:
    return app_version_of(session) in asked.outdated


def most_telling(reasons: Sequence[tuple[str, Optional[str]]]) -> tuple[str, Optional[str]]:
    """Of the reasons why rules did not end a session, each with the rule's name, the one that tells most.

    ``protected`` and ``not_selected`` are of no rule.
    """

    def rank(one: tuple[str, Optional[str]]) -> int:
        if one[0] in _TELLING:
            return _TELLING.index(one[0])
        return len(_TELLING) + (one[0] == NOT_SELECTED)

    reason, name = min(reasons, key=rank, default=(NOT_SELECTED, None))
    return reason, None if reason in (PROTECTED, NOT_SELECTED) else name


def wide(policies: Sequence[Policy], base: Criteria) -> Criteria:
    """Criteria that ask for all that one of the rules asks for, so that what a list does not tell is read.

    :param base: what holds for all rules.
    """
    every = [policy.criteria for policy in policies]
    kinds = [one.kinds for one in every]
    asked: dict[str, Any] = {
        name: ("*",) for name in ("apps", "owners", "app_versions") if any(getattr(one, name) for one in every)
    }
    if any(one.keep_versions for one in every):
        asked.update(apps=("*",), app_versions=("*",))
    if any((one.older_than, one.newer_than, one.quiet_for) != (None, None, None) for one in every):
        asked["older_than"] = 0
    if any(one.age_from == "started" for one in every):
        asked["age_from"] = "started"
    listed = None if None in kinds else tuple(dict.fromkeys(kind for own in kinds for kind in own or ()))
    return replace(base, kinds=listed, **asked)


def notes(policies: Sequence[Policy]) -> dict[str, list[str]]:
    """By name, what is odd about the rules themselves, whatever sessions there are."""
    found: dict[str, list[str]] = {policy.name: list(_impossible(policy.criteria)) for policy in policies}
    for number, policy in enumerate(policies):
        above = next((one for one in policies[:number] if _covers(one, policy)), None)
        if above is None:
            continue
        if above.keep != policy.keep:
            done = "keeps" if above.keep else "ends"
            text = f"It contradicts '{above.name}' above, which {done} all that it matches: it is never reached."
        else:
            text = f"It is never reached: '{above.name}' above decides all that it matches."
        found[policy.name].append(text)
    return found


def _impossible(asked: Criteria) -> Iterator[str]:
    if asked.older_than is not None and asked.newer_than is not None and asked.newer_than <= asked.older_than:
        yield "It matches nothing: no session is older than older_than and newer than newer_than."
    if asked.states is not None and all(map(known.is_ended, asked.states)):
        yield "It matches nothing: sessions in these states have ended."


def _covers(above: Policy, below: Policy) -> bool:
    """Whether the rule above surely matches whatever the one below matches."""
    wider, narrower = above.criteria, below.criteria
    if above.window not in (None, below.window):
        return False
    if not above.keep and not _alike(above, below):
        return False
    return (
        _has_all(wider.kinds, narrower.kinds)
        and (wider.kinds is not None or narrower.kinds is None or not set(narrower.kinds) & set(known.KINDS_ON_REQUEST))
        and (wider.session_ids is None or (narrower.session_ids is not None and narrower.id_keys <= wider.id_keys))
        and _has_all(wider.states, narrower.states)
        and all(_names(getattr(wider, name), getattr(narrower, name)) for name in ("apps", "app_versions", "owners"))
        and _less(wider.older_than, narrower.older_than)
        and _less(wider.quiet_for, narrower.quiet_for)
        and _less(narrower.newer_than, wider.newer_than, unlimited=True)
        and _less(wider.keep_versions, narrower.keep_versions)
        and (wider.age_from == narrower.age_from or (wider.older_than, wider.newer_than) == (None, None))
    )


def _alike(above: Policy, below: Policy) -> bool:
    """Whether both look at the tasks and the seats in the same way, so that both keep the same ones for these."""
    names = ("task_activity", "interrupt_tasks", "max_seats")
    return all(above.options.get(name) == below.options.get(name) for name in names)


def _has_all(wider: Optional[Sequence[str]], narrower: Optional[Sequence[str]]) -> bool:
    return wider is None or (narrower is not None and set(narrower) <= set(wider))


def _less(smaller: Optional[int], larger: Optional[int], *, unlimited: bool = False) -> bool:
    """Whether one limit is not above another. None: no limit, which is ``unlimited``, or else nothing."""
    if unlimited:
        return larger is None or (smaller is not None and smaller <= larger)
    return smaller is None or (larger is not None and smaller <= larger)


def _names(wider: Optional[Globs], narrower: Optional[Globs]) -> bool:
    """Whether the globs of one surely match what those of the other match."""
    if wider is None or narrower is None:
        return wider is None
    plain = {folded(glob) for glob in wider}
    stars = tuple(glob for glob in wider if not set(glob) & set("?[]"))
    return all(folded(glob) in plain or matches(glob, stars) for glob in narrower)
