"""Compare what the modules, the lookup, the event source and the role say with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from emulator.dialects.dialect import DIALECTS

from .case import DELETING, Row
from .runs import Ran
from .truth import (
    LIE,
    LOST,
    WRONG,
    Fault,
    able,
    asked_for,
    identity,
    meant,
    ours,
    over,
    story,
    sure,
    unseen,
)

_FAILED = ("failed", "unknown", "not_tried")
_OTHERS = {"others", "ids of others", "ended ones refused"}
_DONE = ("terminated", "deleted")
ENDED = ("terminated", "completed", "finished", "failed", "crashed")


def read_faults(ran: Ran) -> Iterator[Fault]:
    """Of a list of sessions: who is in it and must not be, and who is left out of a list that is called complete."""
    result = ran.told.result or {}
    if "sessions" not in result:
        return
    listed = {entry["id"] for entry in result["sessions"] if isinstance(entry, dict) and "id" in entry}
    settings = ran.case.trouble.settings
    silent = result.get("complete", True) and not result.get("warnings") and not result.get("failed")
    for one in sorted(listed) if silent or not ran.case.trouble.stale else ():
        rows = [row for row in (*ran.before.values(), *ran.after) if row["id"] == one]
        if rows and not any(asked_for(ran, row) for row in rows):
            why = "protected" if all(map(ran.case.meaning.protects, rows)) else "not selected"
            yield WRONG, f"{one} {rows[0]['owner']} {rows[0]['app_name']!r} is told, and is {why}"
    if not silent or settings.get("date_offset") or settings.get("list_omit") or settings.get("list_names"):
        return
    for row in ran.before.values():
        there = (row["active"] or ran.case.entry != "source") and row["id"] not in ran.touched
        there = there and not unseen(ran, row)
        if row["id"] not in listed and there and sure(ran, row) and asked_for(ran, row):
            yield LIE, f"{row['id']} {row['owner']} {row['app_name']!r} is left out of a list that is called complete"


def change_faults(ran: Ran) -> Iterator[Fault]:
    """Of a bulk change."""
    result = ran.told.result
    mine = [row for row in ran.after if ours(row)]
    if result is None or "sessions" not in result:
        yield from _without_result(ran, mine)
        return
    if ran.case.entry == "plan" and "kept" not in result:
        return  # there was nothing to plan
    entries = [entry for entry in result["sessions"] if isinstance(entry, dict)]
    listed = Counter(entry["id"] for entry in entries)
    for row in mine:
        if listed[row["id"]] != 1:
            yield LOST, f"{row['id']} was changed and has {listed[row['id']]} entries"
    for entry in entries:
        yield from _entry_faults(ran, entry)
    yield from _sums(ran, result, entries, mine)
    yield from _once(ran)
    if ran.case.harmless and able(ran):
        yield from _useless(ran, listed)


def _without_result(ran: Ran, mine: list[Row]) -> Iterator[Fault]:
    said = (ran.told.result or {}).get("msg", ran.told.broken)
    if mine or any(entry["acted"] for entry in ran.changes):
        yield LOST, f"{len(mine)} sessions were changed, and no result tells of it: {said!r}"
    elif ran.case.harmless and ran.case.clear and able(ran) and not ran.case.twice:  # whose lists move meanwhile
        yield LIE, f"refused, and nothing was wrong: {said!r}"


def _sums(ran: Ran, result: dict[str, Any], entries: list[Row], mine: list[Row]) -> Iterator[Fault]:
    """Whether the parts of a result agree with each other, and with the server."""
    said = Counter(str(entry.get("result")) for entry in entries)
    if dict(said) != result.get("summary"):
        yield LIE, f"the summary is {result.get('summary')}, the entries {dict(said)}"
    if not result.get("failed") and any(said[bad] for bad in _FAILED):
        yield LIE, f"not failed with {dict(said)}"
    if mine and not result.get("changed") and not _told_so(ran):
        yield LOST, f"{len(mine)} sessions were changed, and changed is false"
    if result.get("changed") and not any(entry["acted"] or entry["fault"] for entry in ran.changes):
        yield LIE, "changed, and nothing was asked"


def _entry_faults(ran: Ran, entry: Row) -> Iterator[Fault]:
    """Whether the result of one session is so."""
    said, before = str(entry.get("result")), ran.before.get(entry["id"])
    if before is None:
        return
    row = next((row for row in ran.after if identity(row) == identity(before)), None)
    deleting = ran.case.entry in DELETING
    done = row is None or (row["removed"] is not None if deleting else over(row))
    here = row is not None and row["removed"] is None
    asked = row is not None and row["terminate_requests"] + row["interrupt_requests"]
    changed = row is not None and ours(row) and (row["removed_by"] is not None if deleting else asked)
    same = row is not None and bool(row["active"]) == bool(before["active"]) and before["id"] not in ran.touched
    other_node = any(fault["kind"] == "node" for fault in ran.case.trouble.faults) and before["kind"] == "solve"
    untrue = {
        "terminated": not done,
        "interrupted": not done,
        "already_ended": row is not None and not over(row) and not other_node,
        "deleted": not done,
        "not_found": here and not other_node,
        "changed_since": here and same,
        "failed": bool(changed)
        or (done and ran.case.dialect in DIALECTS and _OTHERS.issuperset(ran.case.trouble.names)),
        "not_tried": bool(changed),
        "unknown": ran.case.harmless,
    }
    told_so = ran.case.trouble.moved or _told_so(ran)
    if untrue.get(said) or (said in ("already_ended", "not_found") and changed and not told_so):
        yield (
            LIE,
            f"{before['id']} is {(row or before)['state']}, {(row or {}).get('removed')}: {story(ran, before['id'])}",
        )


def _told_so(ran: Ran) -> bool:
    """Whether an error in JSON may be taken for the service's own word that there was nothing to do."""
    return any("-json" in str(fault.get("page")) for fault in ran.case.trouble.faults)


def _once(ran: Ran) -> Iterator[Fault]:
    """Whether a session was asked to end after this run had seen it ended; without trouble, also more than once."""
    seen: dict[str, bool] = {}
    asked: Counter[str] = Counter()
    for entry in ran.requests:
        for shown in entry.get("subjects") or ():
            one = shown["id"]
            if entry["method"] == "GET" and one in entry["path"] and entry["fault"] in (None, "cookie"):
                seen[one] = shown["state"] in ENDED
            elif entry["method"] in ("PATCH", "DELETE"):
                asked[one] += 1
                if ran.case.entry not in DELETING and seen.get(one):
                    yield WRONG, f"{one} is asked to end, and was seen ended; {story(ran, one)}"
    for one, number in asked.items() if ran.case.harmless else ():
        if number > 1:
            yield WRONG, f"{one} is changed {number} times; {story(ran, one)}"


def _useless(ran: Ran, listed: Counter[str]) -> Iterator[Fault]:
    """Without trouble, what is meant and surely old is ended."""
    for row in ran.before.values():
        if (
            row["id"] in ran.touched
            or ran.case.limit is not None
            or ran.case.seats is not None
            or not (sure(ran, row) and meant(ran, row))
        ):
            continue
        if not listed[row["id"]]:
            kept = (ran.told.result or {}).get("kept") or []
            reasons = [entry.get("reason") for entry in kept if entry.get("id") == row["id"]]
            yield LIE, f"{row['id']} {row['owner']} {row['app_name']!r} was meant, and is kept: {reasons}"


def role_faults(ran: Ran) -> Iterator[Fault]:
    """Of the result and the page of the role."""
    told = ran.told.result or {}
    mine = [row for row in ran.after if ours(row)]
    found = told.get("role")
    if not isinstance(found, dict):
        if mine:
            yield LOST, f"{len(mine)} sessions were ended, and there is no result: {told.get('msg')!r}"
        elif ran.case.harmless and ran.case.clear and able(ran) and not ran.case.twice:
            yield LIE, f"refused, and nothing was wrong: {told.get('msg')!r}"
        return
    deleting = ran.case.entry in DELETING
    done, failed = ({entry["id"] for entry in found.get(name) or ()} for name in (_DONE[deleting], "failed"))
    ended = [entry["id"] for entry in found.get("skipped") or () if entry["result"] in ("already_ended", "not_found")]
    for row in mine:
        if row["id"] not in done | failed and not (row["id"] in ended and _told_so(ran)):
            yield LOST, f"{row['id']} was changed, and is neither in {_DONE[deleting]} nor in failed"
    yield from _role_entries(ran, done, failed)
    if failed and not told.get("failed"):
        yield LIE, f"{len(failed)} failed, and the run did not"
    if ran.case.notices is None:
        yield from _role_records(ran, told) if deleting else _role_left(ran, told)


def _role_entries(ran: Ran, done: set[str], failed: set[str]) -> Iterator[Fault]:
    there = {identity(row) for row in ran.before.values()}
    deleting = ran.case.entry in DELETING
    for row in ran.after:
        if row["id"] in done and identity(row) in there and not (row["removed"] if deleting else over(row)):
            yield LIE, f"{row['id']} is told as {_DONE[deleting]}, and is {row['state']}"
        if row["id"] in failed and ours(row) and over(row) and not ran.case.trouble.names:
            yield LIE, f"{row['id']} is in failed, and was changed"


def _role_records(ran: Ran, told: dict[str, Any]) -> Iterator[Fault]:
    """Records that were meant to go, and are there without a word."""
    easy = ran.case.harmless and ran.case.clear and able(ran) and not told.get("failed")
    for row in ran.after if easy else ():
        if not row["removed"] and meant(ran, row) and sure(ran, row):
            yield LIE, f"{row['id']} {row['kind']} {row['owner']} was meant, and its record is there"


def _role_left(ran: Ran, told: dict[str, Any]) -> Iterator[Fault]:
    """What is said of those that live on."""
    left = [row for row in ran.after if not over(row) and meant(ran, row) and row["id"] not in ran.touched]
    left = [row for row in left if not unseen(ran, row)]
    page, planned = str(told.get("page")), {entry["id"] for entry in told["role"].get("planned") or ()}
    if left and "None is running" in page:
        yield LIE, f"{len(left)} that were meant are running, and the page says: None"
    if any(row["id"] in planned for row in left) and "All that was planned has ended" in page:
        yield LIE, "some that were planned are running, and the page says: All that was planned has ended"
    if ran.case.harmless and ran.case.clear and able(ran) and not told.get("failed"):
        for row in left:
            if sure(ran, row):
                yield LIE, f"{row['id']} {row['owner']} {row['app_name']!r} was meant, and lives"
