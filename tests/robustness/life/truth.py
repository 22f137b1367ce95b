"""What the server was left with, and what the user meant: the two things that nobody can argue with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from emulator.account.clock import parse_time

from .case import DELETING, ENDING, Row
from .rules import decider
from .runs import Ran
from .shelf import savable
from .tasks import hidden
from .words import NONE

WRONG, LOST, LIE, LEAK, BROKEN = "wrong", "lost", "lies", "leaks", "broken down"
Fault = tuple[str, str]
"""Its kind, and a description."""
MARGIN = 13 * 3600
"""Seconds past the limit at which a session is old for every reader, of times without a zone too."""
_ENDING = ("terminating", "stopping", "killing", "termination_requested")
_IDENTITY = ("id", "kind", "app_name", "owner", "created_at")


def identity(row: Row) -> tuple[Any, ...]:
    """The fields by which two rows are the same session."""
    return tuple(row[name] for name in _IDENTITY)


def over(row: Row) -> bool:
    """Whether the session has ended, or its record is gone."""
    return row["removed"] is not None or not (row["active"] or row["state"] in _ENDING)


def ours(row: Row) -> bool:
    """Whether a request with a key ended it, or deleted its record."""
    return row["ended_by"] not in (None, "another") or row["removed_by"] not in (None, "another")


def age(ran: Ran, row: Row) -> float:
    """Seconds since its creation."""
    return float(ran.now - parse_time(row["created_at"]))


def old(ran: Ran, row: Row) -> bool:
    """Whether it is surely past the limit. With rules: whether the same one decides for every reader of its age."""
    found, now = ran.case.meaning.rules, age(ran, row)
    if found:
        return decider(found, row, now + MARGIN) is decider(found, row, now - MARGIN)
    return now > ran.case.meaning.older + MARGIN


def sure(ran: Ran, row: Row) -> bool:
    """Whether it must be found: it is old, and no protection of another user may be taken for one of this user.

    A mail address may be the name of the user or of somebody else, so a guard may spare it. The owner of a task that
    works in another one's session may be protected. A record stays if its log cannot be saved. The last line of a log
    may have a time without a zone, as the creation may.
    """
    mine = row["owner"].count("@") == 1 and row["id"] not in ran.case.tasks.lent
    quiet = ran.case.meaning.quiet
    rests = not quiet or ran.now - parse_time(row["last_log_at"]) > quiet + MARGIN
    return old(ran, row) and rests and mine and (not ran.logs or savable(ran, ran.logs, row["id"]))


def asked_for(ran: Ran, row: Row) -> bool:
    """Whether it is selected and not protected."""
    meaning = ran.case.meaning
    return meaning.selects(row, age(ran, row)) and not meaning.protects(row) and _rests(ran, row)


def _rests(ran: Ran, row: Row) -> bool:
    """Whether its end, and the last line of its log, are as long ago as is asked.

    The service does not tell the end of a `webui` session, so the last line counts. An end before the creation is no
    end.
    """
    meaning = ran.case.meaning
    if meaning.quiet and ran.now - parse_time(row["last_log_at"]) <= meaning.quiet:
        return False
    if not meaning.ended or row["active"]:
        return True
    lines = ran.logs.get(row["id"], [])
    if row["kind"] == "webui":
        return bool(lines) and lines[-1][0] > meaning.ended and age(ran, row) > meaning.ended
    ended = float(parse_time(row["ended_at"]))
    return ended >= parse_time(row["created_at"]) and ran.now - ended > meaning.ended


def waits(ran: Ran, row: Row) -> bool:
    """Whether its task waits by its schedule, as far as the service tells."""
    before = ran.before.get(row["id"], row)
    return ran.case.entry in ENDING and ran.case.tasks.waits(before)


def was_due(ran: Ran, row: Row) -> bool:
    """Whether it was there at the start, in a state in which it may be changed."""
    before = ran.before.get(row["id"])
    if before is None:
        return False
    deleting = ran.case.entry in DELETING
    return bool(before["active"]) != deleting or (deleting and row["ended_by"] == "another")


def meant(ran: Ran, row: Row) -> bool:
    """Whether the user wants it to be ended, or its record to be deleted."""
    return asked_for(ran, row) and was_due(ran, row) and ran.case.applies and not waits(ran, row)


def beyond(ran: Ran) -> int:
    """How many sessions were ended that ``max_active`` keeps, where nobody else ends any."""
    if ran.case.limit is None or not ran.case.harmless:
        return 0
    kinds = ran.case.meaning.kinds or ("webui", "task", "solve")
    there = sum(bool(row["active"]) for row in ran.before.values() if row["kind"] in kinds)
    left = sum(not over(row) for row in ran.after if row["kind"] in kinds)
    return max(0, min(there, ran.case.limit) - left)


def unseated(ran: Ran) -> Iterator[str]:
    """What ``max_seats`` forbids, where nobody else ends any: a person ended by half, or without need."""
    if ran.case.seats is None or not ran.case.harmless:
        return
    people: dict[str, list[Row]] = {}
    for row in ran.after:
        before = ran.before.get(row["id"])
        if row["kind"] == "webui" and before and before["active"]:
            people.setdefault(unicodedata.normalize("NFKC", str(row["owner"]).casefold()), []).append(row)
    left = [owner for owner, rows in people.items() if not all(map(over, rows))]
    for owner in left:
        if any(map(ours, people[owner])):
            yield f"{owner} is ended by half with max_seats, {ran.case.seats}"
    if len(left) < min(len(people), ran.case.seats):
        yield f"{len(left)} of {len(people)} people are left with max_seats, {ran.case.seats}"


def able(ran: Ran) -> bool:
    """Whether the server can do what is asked: records cannot be deleted on the legacy one."""
    legacy = ran.case.entry in DELETING and ran.case.generation == "legacy"
    return not legacy and "account" not in ran.case.options


def unseen(ran: Ran, row: Row) -> bool:
    """Whether it is of a kind that the legacy generation does not have, and that generation is all that was told."""
    legacy = ran.case.trouble.blind or ran.case.options.get("api_generation") == "legacy"
    return legacy and row["kind"] == "solve"


def why_not(ran: Ran, row: Row) -> str:
    """Why the session must not be changed; empty if it may."""
    before = ran.before.get(row["id"])
    if not ran.case.applies:
        return f"apply is {ran.case.apply!r}"
    if before is None or identity(before) != identity(row):
        return (
            ""
            if _listed_as_it_is(ran, row) or _nobody_could_tell(ran, row)
            else "another session has this id now, or it was not there at the start"
        )
    if ran.case.entry == "interrupt":
        return "" if ran.case.tasks.asked(before, list(ran.before.values())) else "its task was not asked for"
    lent = row["id"] in ran.case.tasks.lent and ran.case.meaning.protects(row)
    if lent or waits(ran, row):
        if hidden(ran):
            return ""
        return "waits by its schedule" if waits(ran, row) else "the owner of its task is protected"
    if ran.case.meaning.protects(row):
        return "protected"
    if ran.case.meaning.older == NONE:
        return "nobody knows for how long"
    if not was_due(ran, row):
        return "in a state in which it may not be changed"
    return "" if meant(ran, row) else "not selected"


def _nobody_could_tell(ran: Ran, row: Row) -> bool:
    """Whether a request was carried out after its id had passed on, or no list told to whom a session belongs."""
    trouble = ran.case.trouble
    late = any(fault["kind"] == "late" for fault in trouble.faults)
    untold = bool(trouble.settings.get("list_omit") or trouble.settings.get("list_names"))
    return bool(row["replaced"]) and (late or (untold and asked_for(ran, row) and ran.case.applies))


def _listed_as_it_is(ran: Ran, row: Row) -> bool:
    """Whether a list before the first change showed this session (the first list, where a plan was made of it)."""
    for entry in ran.requests:
        if row["id"] in entry["path"] and entry["method"] != "GET":
            return False
        shown = [one for one in entry.get("subjects", ()) if one["id"] == row["id"]]
        if shown and entry["fault"] in (None, "cookie") and row["id"] not in entry["path"]:
            same = shown[0]["owner"] == row["owner"] and abs(shown[0]["created"] - parse_time(row["created_at"])) < 1
            if same or ran.case.entry == "plan":
                return same and asked_for(ran, row) and ran.case.applies
    return False


def said_of(ran: Ran, one: str) -> str:
    """The result of a session."""
    entries = [entry for entry in (ran.told.result or {}).get("sessions") or [] if entry.get("id") == one]
    return str(entries[0].get("result", "")) if entries else ""


def story(ran: Ran, one: str) -> str:
    """What was said of a session, and its requests, for a note. A star: something else than the service answered."""
    entries = [entry for entry in (ran.told.result or {}).get("sessions") or [] if entry.get("id") == one]
    trail = [f"{e['method']} {e['status']}{'*' if e['fault'] else ''}" for e in ran.requests if one in e["path"]]
    told = "; ".join(f"{entry.get('result')} ({entry.get('msg')})" for entry in entries) or "nothing"
    return f"said {told}; seen {', '.join(trail)}"
