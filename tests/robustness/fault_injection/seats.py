"""``max_seats`` under faults: four people for one seat, of whom three are to go. One of them has two sessions.

Just before the last of the three is read, the fourth one logs off, so that nobody else has to go: people are counted
again before each. Where a session of the second one cannot be read, that person stays, and the third one has to go.
Only counts and changes fail, as all other requests are those of any other run.
"""

from __future__ import annotations

from typing import Any

from .account import Account, Builder
from .proxy import UNREAD, Trap
from .truth import BAD, Run, Tally, ours, over

_MOST = 1
_TWO, _LAST, _STAYS = "bob@ROOT", "cy@PLANNING", "eve@ROOT"
_PEOPLE = {"ann@ROOT": 1, _TWO: 2, _LAST: 1}


class SeatsBuilder(Builder):
    """Fills an emulator with people, those who are active the longest first."""

    unread = False

    def build(self, selected: int, traps: int) -> Account:
        """The same people whatever the numbers are: each of them takes a count of all the others."""
        account, ages = self._account, iter(range(99, 0, -10))
        for owner, number in _PEOPLE.items():
            rows = [self._person(owner, next(ages)) for _number in range(number)]
            account.selected.update((row["id"], row) for row in rows)
            account.people[owner] = [row["id"] for row in rows]
        stays = self._person(_STAYS, next(ages))
        account.bystanders[stays["id"]] = stays
        account.kept.add(stays["id"])
        leave = Trap(False, lambda: self._emulator.update_session(stays["id"], state="terminated"), forbids=False)
        account.traps[account.people[_LAST][0]] = leave
        account.rough = {account.people[_TWO][-1]: UNREAD} if self.unread else {}
        account.options = {"kinds": ["webui"], "max_seats": _MOST}
        return account

    def _person(self, owner: str, hours: int) -> dict[str, Any]:
        return self._add(kind="webui", owner=owner, state="running", age=3600.0 * hours)


class UnreadBuilder(SeatsBuilder):
    """The same with a session that cannot be read."""

    unread = True


def judge_people(run: Run, tally: Tally) -> None:
    """Count people who were ended half, or needlessly, or without a new count, and those who freed a seat."""
    rows = {row["id"]: row for row in run.rows}
    ended = {one for one in run.account.selected if one in rows and ours(rows[one]) and over(run, rows[one])}
    said = {entry["id"]: entry["result"] for entry in (run.result or {}).get("sessions", [])}
    for owner, ids in run.account.people.items():
        left = [one for one in ids if one not in ended]
        tally.counts["people ended"] += not left
        asked = [one for one in left if any(seen.change for seen in run.trails[one]) and said.get(one) in BAD]
        if len(left) < len(ids) and asked != left:  # each of them was to end too, and is told
            tally.miss("half a person", f"{owner}: {' '.join(map(run.describe, ids))}")
        if not _counted(run, ids):
            tally.miss("people not counted again", f"{owner}: {' '.join(map(run.describe, ids))}")
    active = {row["owner"] for row in run.rows if not over(run, row)}
    if ended and len(active) < _MOST:
        tally.miss("more people than needed", f"{run.name}: {sorted(ended)}")
    told = {one["owner"]: one["result"] for one in ((run.result or {}).get("seats") or {}).get("people", [])}
    freed = {owner for owner, ids in run.account.people.items() if ended.issuperset(ids)}
    for owner in {owner for owner, result in told.items() if result == "freed"} - freed:
        tally.miss("false done", f"{run.name}: {owner}: freed")


def _counted(run: Run, ids: list[str]) -> bool:
    """Whether a list was delivered between the first read of these sessions and the first request to end one."""
    trail = [seen for one in ids for seen in run.trails[one]]
    first = min((seen.arrived for seen in trail if seen.change), default=0)
    read = min((seen.arrived for seen in trail if not seen.change), default=0)
    return not first or any(seen.listed and read < seen.delivered < first for seen in run.seen)
