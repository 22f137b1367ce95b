# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions may be ended now, as their end was announced long enough ago; and which announcements remain. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger import Entry, Identity, identity_of

Record = Mapping[str, Any]
Data = dict[str, Any]
NoticeOf = Callable[[Record], Optional[int]]
"""How many seconds before its end a session is to be announced; None: it needs no announcement."""

_TOLERANCE = 300  # seconds: so far may an announcement be in the future, by a clock that differs a little
_FORGOTTEN_AFTER = 90 * 86400  # seconds


@dataclass(frozen=True)
class Clocks:
    """The present time in seconds since 1970, by this machine and by the service, which was read at most ``spent``
    seconds before."""

    local: float
    server: float
    spent: float = 0


@dataclass(frozen=True)
class Seen:
    """What a run has seen of the sessions of an account.

    ``planned``: the stale ones, which it could end. ``live``: kind and id of those of which it cannot say whether they
    are stale. ``gone``: whether an announced session that is neither has gone, is another one, or is not stale: by
    its kind and id.
    """

    planned: Sequence[Record]
    live: Collection[tuple[str, str]] = ()
    gone: Callable[[str, str], bool] = field(default=lambda _kind, _id: False)


@dataclass(frozen=True)
class Review:
    """The sessions by what their announcement allows, each with ``announced_at`` and ``due_at`` where there is one.

    ``due``: they may be ended. ``waiting``: they were announced. ``new``: they are to be announced now.
    ``entries``: the ledger after that, ``new`` among them.
    """

    due: tuple[Data, ...]
    waiting: tuple[Data, ...]
    new: tuple[Data, ...]
    entries: tuple[Entry, ...]


def review(entries: Iterable[Entry], account: str, seen: Seen, notice_of: NoticeOf, clocks: Clocks) -> Review:
    """Decide for each planned session.

    It is due only if the same session was announced at least its notice ago by both clocks, and each run since then
    that saw it found it stale. An announcement keeps the notice that was promised, if that is longer. Those of other
    accounts are left as they are.
    """
    known = {one.identity: one for one in entries if _counts(one, clocks)}
    kept = {key: one for key, one in known.items() if one.account != account or _remains(one, seen)}
    due: list[Data] = []
    waiting: list[Data] = []
    new: list[Data] = []
    for record in seen.planned:
        notice, key = notice_of(record), identity_of(account, record)
        if notice is None:
            due.append({**record, "announced_at": None, "due_at": None})
            continue
        before = known.get(key)
        entry = replace(before, seen_at=_up(clocks.local)) if before else _announced(key, notice, clocks)
        kept[key] = entry
        shown = {**record, "announced_at": iso(entry.announced_at), "due_at": iso(_due_at(entry, notice))}
        (new if before is None else due if _is_due(entry, notice, clocks) else waiting).append(shown)
    return Review(tuple(due), tuple(waiting), tuple(new), tuple(kept.values()))


def _counts(entry: Entry, clocks: Clocks) -> bool:
    """Not one of the future, and not one that no run has confirmed for long."""
    newest = max(entry.announced_at, entry.seen_at)
    if newest > clocks.local + _TOLERANCE or entry.announced_by_server > clocks.server + _TOLERANCE:
        return False
    return clocks.local - entry.seen_at <= _FORGOTTEN_AFTER + entry.notice


def _remains(entry: Entry, seen: Seen) -> bool:
    """Whether an announcement still counts though the same session is not planned."""
    key = (entry.kind, entry.id)
    return key in seen.live or not seen.gone(*key)


def _announced(key: Identity, notice: int, clocks: Clocks) -> Entry:
    """An announcement of now: not before this moment by either clock."""
    now, by_server = _up(clocks.local), _up(clocks.server + clocks.spent) + 1  # the service tells whole seconds
    return Entry(*key, announced_at=now, announced_by_server=by_server, notice=notice, seen_at=now)


def _is_due(entry: Entry, notice: int, clocks: Clocks) -> bool:
    since = min(clocks.local - entry.announced_at, clocks.server - entry.announced_by_server)
    return since >= max(notice, entry.notice)


def _due_at(entry: Entry, notice: int) -> int:
    return max(entry.announced_at, entry.announced_by_server) + max(notice, entry.notice)


def _up(seconds: float) -> int:
    return math.ceil(seconds)
