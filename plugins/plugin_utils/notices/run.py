# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The announcements of a run: reads the ledger, decides, writes the ledger, and tells whom to notify."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, KINDS_ON_REQUEST
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import parse_instant
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices import ledger_file
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.decision import (
    Clocks,
    NoticeOf,
    Review,
    Seen,
    review,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger import (
    Entry,
    Identity,
    entries_in,
    identity_of,
    written,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.policies import seats_of

Record = Mapping[str, Any]
Data = dict[str, Any]

FACT = "aimms_cleanup_announcements"
"""The cached fact that is the ledger where no file is given."""
_FACT = f"of the fact {FACT}"
_SAYS_NOTHING = ("not_selected", "failed", "unknown")
"""Reasons to keep a session, and results, that do not say whether it is still stale."""


def notice_of(settings: Record) -> NoticeOf:
    """How many seconds before its end each session is to be announced; with rules, as the rule that ends it says."""
    seconds = parse_duration(settings["given"]["notice"], "notice")
    by_rule = settings.get("notices") or {}
    return lambda record: by_rule.get(record.get("policy"), seconds)


def announced(
    settings: Record,
    selection: Record,
    fact: Any,
    clock: Callable[[], float],
    planned: Sequence[Record],
    changes: bool,
) -> Data:
    """What the announcements allow: ``due``, ``announced``, ``to_notify``; ``unannounced``: how many others there are;
    ``first``: whether no run before is known. A plan writes nothing. Without ``changes``, as where a limit refuses,
    nothing is announced, and a run that applies only notes what it saw.

    ``ledger``: the value for the fact, None where there is a file. ``pending``: new announcements, for ``confirmed``.
    ``warning``: what is wrong with the ledger, or empty.

    :param fact: the ledger where no file is given. :param clock: seconds since 1970.
    :raises OptionError: if the ledger cannot be read or written. :raises RefusedError: if the service tells no time.
    """
    seen = _seen(settings, selection, planned)
    server = parse_instant(selection.get("server_time"))
    if planned and server is None:
        raise RefusedError("The service does not tell its time, so nobody knows how long ago a session was announced.")

    def decided(entries: Sequence[Entry]) -> Review:
        now = clock()
        spent = max(0.0, now - float(settings["began"]))
        clocks = Clocks(now, now if server is None else server.seconds, spent)
        return review(entries, account, seen, notice_of(settings), clocks)

    account, path, writes = settings["address"], settings["ledger"], bool(settings["changes"])
    made = _Made(decided, lambda record: identity_of(account, record))
    ledger = made(fact) if path is None else None
    if path is not None and writes:
        ledger_file.update(Path(path), lambda text: _as_text(made(text)))
    elif path is not None:
        made(ledger_file.read(Path(path)))
    found = _told(made.review, _parted(made.review, selection.get("seats") or seats_of(selection)), changes)
    warning = f"The ledger of announcements {path or _FACT} is not used. {made.problem}" if made.problem else ""
    kept = {"ledger": ledger if writes else None, "pending": made.pending if changes else None}
    return {**found, **kept, "warning": warning, "first": made.first}


def confirmed(settings: Record, pending: Any, fact: Any) -> Any:
    """Add announcements to the ledger: what the user is not told, as the run failed before, is not announced.

    :param pending: see ``announced``. :param fact: the ledger where no file is given. :return: its new value, or None.
    :raises OptionError: if the ledger cannot be written.
    """
    new = entries_in(pending)[0]
    if not new:
        return None

    def added(ledger: Any) -> Data:
        before = entries_in(ledger)[0]
        known = {one.identity for one in before}  # another run may have announced it meanwhile
        return written((*before, *(one for one in new if one.identity not in known)))

    if settings["ledger"] is None:
        return added(fact)
    ledger_file.update(Path(settings["ledger"]), lambda text: _as_text(added(text)))
    return None


def addressed(to_notify: Sequence[Record], asked: Record) -> list[Data]:
    """With the e-mail address of each owner. :param asked: the result of ``aimms_user_info``, whatever came of it."""
    emails = {one["owner"]: one["email"] for one in asked.get("users") or ()}
    return [{**one, "email": emails.get(one["owner"])} for one in to_notify]


def check_store(settings: Record, plugin: str, timeout: Any, awx_core: Optional[str]) -> list[str]:
    """Warnings about where the ledger is kept, if that is the cached fact.

    :param plugin: the fact cache of Ansible, and ``timeout``: the seconds after which it forgets; 0: never. In AWX both
        are AWX's own. :param awx_core: in AWX, the version of ansible-core: since 2.19 its files are not where AWX, as
        of 2024, looks for them.
    :raises OptionError: if it would be forgotten at the end of the run: nothing would ever end.
    """
    if settings["ledger"] is not None:
        return []
    option = f"{settings['role']}_notice"
    if str(plugin).rpartition(".")[2] == "memory":
        raise OptionError(
            f"{option}: announcements would be forgotten at the end of this run.",
            f"Give {option}_file, or use a fact cache (in AWX: enable fact storage in the job template).",
        )
    if awx_core is not None:
        newer = tuple(map(int, awx_core.split(".")[:2])) >= (2, 19)
        return (
            [f"{option}: AWX may not keep the facts of ansible-core 2.19 and newer: give {option}_file."]
            if newer
            else []
        )
    if not timeout or int(timeout) > 2 * parse_duration(settings["given"]["notice"], option):
        return []
    return [f"{option}: the fact cache forgets announcements after {timeout} seconds. Set fact_caching_timeout to 0."]


class _Made:
    """Makes the new ledger of the old one, without new announcements: these are ``pending``, a ledger of their own.

    Keeps the ``review``, the old one's ``problem``, and if it is ``first``.
    """

    review: Review
    pending: Data
    first: bool

    def __init__(self, decide: Callable[[Sequence[Entry]], Review], identity: Callable[[Record], Identity]) -> None:
        self._decide, self._identity, self.problem = decide, identity, ""

    def __call__(self, ledger: Any) -> Data:
        entries, self.problem = entries_in(ledger)
        self.first = not ledger
        self.review = self._decide(entries)
        new = set(map(self._identity, self.review.new))
        self.pending = written(one for one in self.review.entries if one.identity in new)
        return written(one for one in self.review.entries if one.identity not in new)


def _as_text(ledger: Data) -> str:
    return json.dumps(ledger, indent=1) + "\n"


def _seen(settings: Record, selection: Record, planned: Sequence[Record]) -> Seen:
    """See ``Seen``. A run that follows a plan sees its sessions only, and a run over some kinds only these."""
    told = {(one["kind"], one["id"]): one["reason"] for one in selection["kept"]}
    told.update({(one["kind"], one["id"]): one["result"] for one in selection["sessions"]})
    kinds = settings["given"]["kinds"] or [kind for kind in KINDS if kind not in KINDS_ON_REQUEST]
    live = {key for key, why in told.items() if why in _SAYS_NOTHING}

    def gone(kind: str, session_id: str) -> bool:
        return (kind, session_id) in told or (not settings["follows"] and kind in kinds)

    return Seen(planned, live, gone)


def _parted(made: Review, seats: Optional[Record]) -> set[str]:
    """The sessions of each person of whom some are not due: all sessions of a person are ended, or none.

    :param seats: the people whose seats are to be freed.
    """
    late = {one["id"] for one in (*made.waiting, *made.new)}
    people = [set(one["sessions"]) for one in (seats or {"people": ()})["people"]]
    return set().union(*(ids for ids in people if ids & late))


def _told(made: Review, parted: Collection[str], changes: bool) -> Data:
    new = made.new if changes else ()
    held = [one for one in made.due if one["id"] in parted]
    return {
        "due": [_bare(one) for one in made.due if one["id"] not in parted],
        "announced": [_bare(one) for one in (*held, *made.waiting, *new)],
        "to_notify": _by_owner([_bare(one) for one in new]),
        "unannounced": 0 if changes else len(made.new),
    }


def _bare(record: Record) -> Data:
    return {name: value for name, value in record.items() if name not in ("result", "msg")}


def _by_owner(records: Sequence[Data]) -> list[Data]:
    owners: dict[Any, list[Data]] = {}
    for one in records:
        owners.setdefault(one["owner"], []).append(one)
    return [
        {"owner": owner, "email": None, "sessions": own, "due_at": min(one["due_at"] for one in own)}
        for owner, own in owners.items()
    ]
