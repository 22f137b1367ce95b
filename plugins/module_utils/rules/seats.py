# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seats: a licence is of a person, so only the end of all sessions of a person frees one. Pure.

A person is an owner, compared as owners are everywhere. An owner without an environment is the same person as each one
of that name with an environment: fewer people are counted then, and all of their sessions end together or not at all.
``jane_acme.com`` is the same person as ``jane@acme.com``.

People are counted by their active sessions. A session that may be active, as its state or type is not known, can keep
its person a seat: then none of that person's sessions is ended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded
from ansible_collections.aimms.cloud.plugins.module_utils.models.names import owner_names
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session

Record = Mapping[str, Any]

WOULD_FREE, FREED, LEFT, KEPT, FAILED = "would_free", "freed", "left", "kept", "failed"
_BAD = ("failed", "unknown", "not_tried")
_ENDED = ("terminated", "already_ended", "not_found")
NOT_WHOLE = "All sessions of a person are ended, or none: {} may not be ended."
_ADDRESS = re.compile(r"_(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:@|\Z))", re.ASCII)
_NOBODY = "Its owner is not told, so it is not known whose seat its end would free."


@dataclass(frozen=True)
class Person:
    """All active sessions of one owner. ``active_at``: their last sign of life, in seconds since 1970."""

    key: str
    sessions: tuple[Session, ...]
    active_at: float

    @property
    def owner(self) -> str:
        """The owner as the sessions tell it, with an environment if one of them does."""
        return max((one.owner or "" for one in self.sessions), key=len)


@dataclass(frozen=True)
class Choice:
    """``active``: how many people have a session that goes on. ``chosen``: whose sessions are to be ended, in order."""

    active: int
    chosen: tuple[Person, ...]


def is_owned(session: Session) -> bool:
    """Whether the owner of a session is told, and not only by an id, which another session may tell by the name."""
    return bool(folded(session.owner or "")) and None not in owner_names((str(session.owner),), (), (), ()).all


def people_of(sessions: Iterable[Session]) -> dict[str, list[Session]]:
    """The sessions of each person, by a key. Those whose owner is not told belong to nobody."""
    owned = {one.reference: one for one in sessions if is_owned(one)}
    owners = {_key(one) for one in owned.values()}
    found: dict[str, list[Session]] = {}
    for one in owned.values():
        found.setdefault(_shortest(_key(one), owners), []).append(one)
    return found


def _key(session: Session) -> str:
    """The owner as owners are compared, with the mail address that a name was made of."""
    return _ADDRESS.sub("@", folded(str(session.owner)))


def count(sessions: Iterable[Session]) -> int:
    """How many people have a session that is active."""
    return len(people_of(one for one in sessions if one.active))


def _shortest(owner: str, owners: Container[str]) -> str:
    """The shortest of the owners that may be this one: the name alone, if a session tells no more."""
    parts = owner.split("@")
    return next(name for name in accumulate(parts, "{}@{}".format) if name in owners)


def choose(
    active: Iterable[Session], endable: Container[str], max_seats: int, active_at: Callable[[Session], float]
) -> Choice:
    """The people whose sessions are to be ended: no more than are active beyond ``max_seats``.

    Only people all of whose sessions may be ended are chosen, those who were active the longest ago first. The
    sessions of a person whose sessions are all about to end free the seat by themselves.

    :param active: all sessions that are or may be active. :param endable: references of those that may be ended.
    :param active_at: the last sign of life of a session, in seconds since 1970.
    """
    counted = {key: own for key, own in people_of(active).items() if any(one.active and not one.ending for one in own)}
    whole = [
        Person(key, tuple(own), max(map(active_at, own)))
        for key, own in counted.items()
        if all(one.reference in endable for one in own)
    ]
    whole.sort(key=lambda person: (person.active_at, person.key))
    return Choice(len(counted), tuple(whole[: max(0, len(counted) - max_seats)]))


def refusal(active: Collection[Session], own: Sequence[Session], max_seats: int) -> Optional[tuple[bool, str]]:
    """Why the sessions of one person must not be ended, as things are now; None: they may be.

    :param active: all sessions that are or may be active now. :param own: the person's, as they were chosen.
    :return: whether no one else's may be ended either, and a sentence.
    """
    if count(active) <= max_seats:
        return True, "Few enough people are active without ending it."
    if not all(map(is_owned, own)):
        return False, _NOBODY
    ids = {one.id for one in own}
    if not ids & {one.id for one in active}:
        return False, "The list of active sessions does not have it any more."
    theirs = [group for group in people_of([*active, *own]).values() if ids & {one.id for one in group}]
    others = [one for group in theirs for one in group if one.id not in ids]
    if others:
        is_so = "is" if others[0].active else "may be"
        return (
            False,
            f"All sessions of a person are ended, or none: {others[0].id} {is_so} active too, and not planned.",
        )
    if len(theirs) > 1:
        return False, "It is no longer known whether its owner and that of another planned session are one person."
    return None


def reasons(
    active: Iterable[Session], endable: Container[str], spared: Iterable[Session]
) -> dict[tuple[str, str], str]:
    """Why sessions that may be ended are kept all the same, by kind and id; nothing of those that need not be."""
    blocked: dict[str, str] = {}
    for own in people_of(active).values():
        others = [one for one in own if one.reference not in endable]
        blocked.update((one.reference, NOT_WHOLE.format(others[0].id)) for one in own if others)
    found = {(one.kind, one.id): blocked.get(one.reference, "") if is_owned(one) else _NOBODY for one in spared}
    return {key: text for key, text in found.items() if text}


def unowned(active: Iterable[Session]) -> list[str]:
    """A warning about active sessions whose owner is not told."""
    number = sum(one.active and not is_owned(one) for one in active)
    text = f"{number} active sessions tell no owner: max_seats neither counts nor ends them."
    return [text] if number else []


def figures(
    active: int, max_seats: int, people: Iterable[Person], shown: Callable[[float], Optional[str]]
) -> dict[str, Any]:
    """The figures of a result. :param shown: makes a time of seconds since 1970."""
    return {
        "active": active,
        "max": max_seats,
        "to_free": max(0, active - max_seats),
        "freed": 0,
        "people": [
            {
                "owner": one.owner,
                "sessions": [own.id for own in one.sessions],
                "active_at": shown(one.active_at) if one.active_at < inf else None,
            }
            for one in people
        ],
    }


def with_results(planned: Record, sessions: Iterable[Record], kept: Iterable[Record] = ()) -> dict[str, Any]:
    """The figures with what became of each person. :param sessions: of the result of a module; also ``kept``."""
    told = {one["id"]: (one["result"], one.get("msg")) for one in sessions}
    told.update((one["id"], (KEPT, one.get("msg"))) for one in kept)
    people = [{**one, **_result([told.get(name) for name in one["sessions"]])} for one in planned["people"]]
    return {**planned, "people": people, "freed": sum(one["result"] == FREED for one in people)}


def _result(outcomes: Iterable[Optional[tuple[str, Optional[str]]]]) -> dict[str, str]:
    """What became of a person, by what became of their sessions: the worst of it, and its message."""
    known = [one or ("not_tried", None) for one in outcomes]
    results = [result for result, _msg in known]
    ended = [result for result in results if result in _ENDED]
    if len(ended) == len(results):
        return {"result": FREED if "terminated" in ended else LEFT, "msg": ""}
    rest, msg = next(one for one in known if one[0] not in _ENDED)
    bad = [one for one in known if one[0] in _BAD]
    if bad or "terminated" in ended:
        rest, msg = bad[0] if bad else (rest, msg)
        return {"result": "not_tried" if set(results) == {"not_tried"} else FAILED, "msg": msg or ""}
    names = {"would_terminate": WOULD_FREE, "requested": "requested"}
    return {"result": names.get(rest, KEPT), "msg": msg or ""}
