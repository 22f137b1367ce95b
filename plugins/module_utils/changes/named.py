# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a change of named sessions: by id, or by the records of an earlier plan.

Where a list takes fewer requests than reading each session, it is read instead. A list only shows that a session can be
changed: it is read again right before the change. A session that the list does not contain, shows otherwise than it was
named, or tells too little of, is read individually.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import FAILED, Outcome, verdict
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import LIST_ATTEMPTS, SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.rules import untold
from ansible_collections.aimms.cloud.plugins.module_utils.selection import distinct

_FEW = 4  # sessions that are read at once, and twice, as it takes no longer than a list

Item = Union[Session, Outcome[Session]]


def plan_of(planner: Planner, change: SessionChange, ids: Optional[Sequence[str]], records: Sequence[Session]) -> Plan:
    """The plan for the sessions with these ids, looked for if they may be of several kinds; or for those of records.

    :param ids: None: the ``records``.
    """
    if ids is None:
        return _plan(planner, change, records, identified=True)
    every = planner.manager.routes.checked_kinds(planner.criteria.kinds)
    kinds = tuple(dict.fromkeys(planner.criteria.kinds or every))
    names = [checked_id(session_id) for session_id in {id_key(one): one for one in ids}.values()]
    if len(kinds) == 1 and all(name == id_key(name) for name in names):
        return _plan(planner, change, [Session(name, kinds[0]) for name in names], identified=False)
    from ansible_collections.aimms.cloud.plugins.module_utils.api.any_kind import each_one

    listed = _listed_if_cheap(planner, change, kinds, names)
    found = _only_ones(names, listed or ())
    left = [name for name in names if name not in {session.id for session in found}]
    read, others = each_one(planner.manager, kinds, left, planner.workers)
    plan = _plan(planner, change, [*found, *read], identified=True, listed=listed)
    kind = kinds[0] if len(kinds) == 1 else ""
    told = (Outcome(Session(session_id, kind), result or FAILED, why) for session_id, result, why in others)
    return replace(plan, settled=(*told, *plan.settled))


def _plan(
    planner: Planner,
    change: SessionChange,
    wanted: Sequence[Session],
    *,
    identified: bool,
    listed: Optional[Sequence[Session]] = None,
) -> Plan:
    """The plan for these sessions.

    :param identified: whether ``wanted`` are complete records to compare with, not only ids.
    :param listed: what matters of all sessions of their kinds, if it was listed.
    """
    kinds = sorted({session.kind for session in wanted})
    percent = bool(wanted) and planner.breakers.max_percent is not None
    needs_all = percent or planner.criteria.keep_versions is not None
    if listed is None and wanted and needs_all:
        listed = planner.listed(change.is_eligible, kinds, ())
    elif listed is None:
        listed = _listed_if_cheap(planner, change, kinds, [session.id for session in wanted])
    read = _read(planner, change, wanted, listed or (), identified=identified)
    found = [session for session in read if isinstance(session, Session)]
    planner.odd[:] = unknowns(found) or (planner.odd if needs_all else ())
    planner.find_outdated([*(listed or ()), *found])
    settled = [outcome for outcome in read if isinstance(outcome, Outcome)]
    unfit = (one for one in found if not change.is_eligible(one))
    settled += [Outcome(one, *(change.precondition_failure(one) or ("", ""))) for one in unfit]
    plan = planner.decided(change.is_eligible, found, planner.criteria)
    out_of = len(distinct(one for one in listed or () if change.is_eligible(one) and one.kind in kinds))
    return replace(plan, settled=tuple(settled), out_of=out_of if percent else None)


def _read(
    planner: Planner, change: SessionChange, wanted: Sequence[Session], listed: Iterable[Session], *, identified: bool
) -> list[Item]:
    """As ``read_each``, but those that ``listed`` shows as sessions that can be changed are not read now."""
    shown = {session.reference: session for session in listed if change.is_eligible(session)}
    told: dict[str, Session] = {}
    for planned in wanted:
        live = shown.get(planned.reference)
        known = planned if identified else live
        if live is None or known is None or verdict(change, known, live, asked=False) is not None:
            continue
        if untold.suffices(live, planner.criteria, planner.breakers, None, by_person=planner.by_person):
            told[live.reference] = live.completed(known)
    left = [planned for planned in wanted if planned.reference not in told]
    read = iter(read_each(change, left, planner.workers, identified=identified))
    return [told[planned.reference] if planned.reference in told else next(read) for planned in wanted]


def _only_ones(ids: Sequence[str], listed: Iterable[Session]) -> list[Session]:
    """The listed sessions that have one of these ids and are the only one with it."""
    by_id: dict[str, list[Session]] = {}
    for session in listed:
        by_id.setdefault(id_key(session.id), []).append(session)
    found = ((name, by_id.get(id_key(name), [])) for name in ids)
    return [sessions[0] for name, sessions in found if [session.id for session in sessions] == [name]]


def _listed_if_cheap(
    planner: Planner, change: SessionChange, kinds: Sequence[str], ids: Collection[str]
) -> Optional[list[Session]]:
    """The sessions that can be changed or have one of ``ids``, if a list takes fewer requests than reading each.

    None also where the list is not whole, or cannot be read: what is wrong is told when each session is read.
    """
    if len(ids) <= _FEW:
        return None
    wanted, short = set(map(id_key, ids)), _ShortLists(len(ids) - 1)

    def matters(session: Session) -> bool:
        return change.is_eligible(session) or id_key(session.id) in wanted

    try:
        return planner.listed(matters, kinds, (), attempts=LIST_ATTEMPTS, check=short.check)
    except (AimmsError, _TooLongError):
        return None


class _TooLongError(Exception):
    """A list takes more requests than reading each session that is wanted."""


class _ShortLists:
    """Gives up lists that have more pages than ``most``: as the server counts, else as far as they were read."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._read: Counter[str] = Counter()
        self._largest: Counter[str] = Counter()
        self._pages: dict[str, float] = {}

    def check(self, kind: str, page: Page) -> Page:
        """The page of the list of a kind. :raises _TooLongError: when the lists are too long."""
        self._read[kind] += 1
        self._largest[kind] = max(self._largest[kind], len(page.records))
        most = self._largest[kind]
        self._pages[kind] = self._read[kind] if page.total is None or not most else page.total / most
        if sum(list(self._pages.values())) > self._most:
            raise _TooLongError
        return page
