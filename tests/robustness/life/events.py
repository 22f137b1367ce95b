"""What happens in an account between the looks of the event source, and of whom each look must tell.

A session that becomes stale is told of once, and again after it was seen at work. What a look tells of is judged by the
account just before it, and by what the looks before told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runs import Ran
    from .truth import Fault

Row = dict[str, Any]
Step = list[list[Any]]
"""Requests of the emulator's control API (method, path, body), or `WAIT` and seconds."""
AT_WORK = 60.0
"""Seconds since the last line of a log of a session at work."""
_OLD, _QUIET = 30 * 3600.0, 28 * 3600.0


def drawn(chance: Random, rows: list[Row], options: Row, *, harmless: bool) -> list[Step]:
    """Steps. With a repetition after a second each look is more than a second after the one before."""
    for row in rows:
        row["quiet"] = chance.choice((AT_WORK, _QUIET, _QUIET, _QUIET)) if row["age"] >= 24 * 3600 else 0.0
    repeats = harmless and chance.random() < 0.1
    options |= {"repeat_after": "1s"} if repeats else {}
    steps: list[Step] = [_step(chance, rows) for _number in range(chance.randint(2, 5))]
    for row in chance.sample([row for row in rows if row["quiet"] > AT_WORK], 2):  # at work for one look
        for step, quiet in zip(steps[-2:], (AT_WORK, _QUIET)):
            step.append(["PATCH", f"/sessions/{row['id']}", {"quiet": quiet}])
    for step in steps if repeats else ():
        step.append(["WAIT", "", 1.2])
    if not repeats and chance.random() < 0.25:
        steps[chance.randrange(len(steps))].append(["POST", "/settings", {"expired_keys": True}])
    elif harmless and not repeats and chance.random() < 0.25:
        outage = {"kind": "status", "status": 503, "method": "GET", "path": "/sessions/"}
        at = chance.randrange(len(steps))
        steps[at].append(["POST", "/faults", outage])
        if at + 1 < len(steps):
            steps[at + 1].append(["DELETE", "/faults", None])
    return steps


def _step(chance: Random, rows: list[Row]) -> Step:
    happens: tuple[Row, ...] = (
        {"quiet": AT_WORK}, {"quiet": AT_WORK}, {"quiet": AT_WORK}, {"quiet": _QUIET}, {"quiet": _QUIET},
        {"state": "terminated"}, {"state": "running"}, {"owner": "new.owner@EMEA"}, {"age": _OLD, "quiet": _QUIET},
        {"age": 600.0, "quiet": AT_WORK},
    )  # fmt: skip
    chosen = chance.sample(rows, chance.randint(0, 6))
    return [["PATCH", f"/sessions/{row['id']}", chance.choice(happens)] for row in chosen]


def _name(row: Row) -> tuple[Any, ...]:
    return row["kind"], row["id"], row["created_at"]


def _remarks(look: Row) -> set[str]:
    return {re.sub(r"\d+", "0", line) for line in look["log"] if "WARNING" in line and "is watched again" not in line}


def faults(ran: Ran) -> Iterator[Fault]:
    """Of all looks."""
    from .truth import LIE, WRONG

    looks = (ran.told.result or {}).get("looks") or []
    yield from _refusals(ran, looks)
    before: Row | None = None
    for look in looks:
        if look["failed"] and look["told"]:
            yield WRONG, "a look that failed tells of sessions"
        for told in look["told"]:
            row = look["state"]["sessions"].get(told["id"])
            if not ran.case.trouble.stale and not ran.case.trouble.moved and not (row and _stale(ran, look, row)):
                yield WRONG, f"{told['id']} is told of: {row and _story(row)}"
        if before and not look["failed"] and not before["failed"] and (twice := _remarks(look) & _remarks(before)):
            yield LIE, f"said again at the next look: {min(twice)}"
        before = look
    if ran.case.harmless:
        yield from _story_faults(ran, looks)


def _refusals(ran: Ran, looks: list[Row]) -> Iterator[Fault]:
    """Whether it ends when its key is refused, and for no reason if there is none."""
    from .truth import LIE, WRONG, able

    refused = [look for look in looks if look["state"]["settings"]["expired_keys"]]
    if refused and not refused[0]["ended"] and ran.case.harmless and able(ran):
        yield WRONG, f"the key is refused, and it looks again: {refused[0]['log']}"
    if ran.case.harmless and ran.case.clear and able(ran):
        ended = not looks or (looks[-1]["ended"] and not refused)
        outage = looks and looks[-1]["failed"] and len(looks) > 1
        if ended and not outage:
            yield LIE, f"ended, and nothing was wrong: {(ran.told.result or {}).get('msg')!r}"


def _stale(ran: Ran, look: Row, row: Row) -> bool:
    from .truth import asked_for

    return bool(row["active"]) and asked_for(_at(ran, look), row)


def _at(ran: Ran, look: Row) -> Ran:
    from emulator.account.clock import parse_time

    return replace(ran, now=parse_time(look["state"]["now"]))


def _story_faults(ran: Ran, looks: list[Row]) -> Iterator[Fault]:
    """Of whom each look had to tell, and must not tell again.

    One that was told of and stopped being stale for another reason than work may be told of again, or not.
    """
    from .truth import LIE, sure

    known: dict[tuple[Any, ...], bool] = {}  # told of, and whether it was stale ever since
    again = "repeat_after" in ran.case.options
    for number, look in enumerate(look for look in looks if not look["failed"]):
        told = {entry["id"] for entry in look["told"]}
        for row in look["state"]["sessions"].values():
            name, stale = _name(row), _stale(ran, look, row)
            said = f"look {number} of {len(looks)}: {row['id']} {_story(row)}"
            if stale and name not in known and row["id"] not in told and sure(_at(ran, look), row):
                yield LIE, f"{said} is not told of"
            elif stale and known.get(name) and (row["id"] in told) != again:
                yield LIE, f"{said} is told of {'only once' if again else 'again'}"
            if row["id"] in told:
                known[name] = True
            elif not stale and name in known:
                known[name] = False
                if _at_work(ran, look, row):
                    del known[name]


def _at_work(ran: Ran, look: Row, row: Row) -> bool:
    """Whether its log alone keeps it from being stale."""
    quiet, row = ran.case.meaning.quiet, {**row, "last_log_at": row["created_at"]}
    return bool(quiet) and _stale(ran, look, row)


def _story(row: Row) -> str:
    names = ("kind", "owner", "app_name", "state", "created_at", "last_log_at")
    return ", ".join(str(row[name]) for name in names)
