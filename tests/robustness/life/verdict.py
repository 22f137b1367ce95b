"""Judge cases, and count."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from . import deletions, events, notices, rules, shelf, tasks
from .case import DELETING, ENDING, POLICIES, READING, ROLES
from .runs import Ran
from .said import change_faults, read_faults, role_faults
from .truth import (
    BROKEN,
    LEAK,
    LIE,
    WRONG,
    Fault,
    able,
    age,
    beyond,
    meant,
    ours,
    said_of,
    story,
    sure,
    unseated,
    why_not,
)

_PART = {
    **dict.fromkeys(("retention", "retention role", "archive"), "retention and archives"),
    **dict.fromkeys(("gentle", "interrupt"), "interrupts"), "events": "events",
    **dict.fromkeys(POLICIES, "policies"), "notice": "notices",
    **dict.fromkeys(deletions.ENTRIES, "deletions of tasks"),
}  # fmt: skip


@dataclass
class Tally:
    """Counts of many cases."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, ran: Ran) -> list[Fault]:
        """Judge a case and count it. Returns its faults."""
        found = list(dict.fromkeys(faults(ran)))
        for kind in dict.fromkeys(kind for kind, _text in found):
            self.counts[kind] += 1
            texts = [text for one, text in found if one == kind]
            more = f" (and {len(texts) - 1} more)" if texts[1:] else ""
            self.notes.append(f"{kind}: {ran.case.name()}: {texts[0]}{more}")
        result = ran.told.result or {}
        self.counts["cases"] += 1
        self.counts["refused"] += bool(result.get("failed")) and "sessions" not in result and not ran.changes
        self.counts["without trouble"] += ran.case.harmless
        self.counts["done"] += sum(map(ours, ran.after))
        self.counts[f"of {_PART.get(ran.case.entry, 'sessions')}"] += 1
        self.counts["of two runs at once"] += ran.case.twice
        self.counts["tasks deleted"] += len(deletions.gone(ran))
        self.counts["logs"] += sum(len((save.told.result or {}).get("files") or ()) for save in ran.saves)
        self.counts["destroyed"] += sum(row["removed"] == "record_destroyed" for row in ran.after)
        if (
            ran.case.unlimited
            and ran.case.harmless
            and ran.case.clear
            and able(ran)
            and ran.case.entry in (*ENDING, *DELETING, *ROLES)
        ):
            self.counts["meant"] += sum(sure(ran, row) and meant(ran, row) for row in ran.before.values())
            self.counts["meant and done"] += sum(ours(row) and sure(ran, row) and meant(ran, row) for row in ran.after)
        return found


def faults(ran: Ran) -> Iterator[Fault]:
    """All that is wrong with a case: with each run, if there were two at once."""
    if too_many := beyond(ran):
        yield WRONG, f"{too_many} are ended beyond max_active, {ran.case.limit}"
    for text in (*unseated(ran), *rules.beyond(ran)):
        yield WRONG, text
    yield from notices.faults(ran)
    for one in ran.each():
        yield from _faults(one)


def _faults(ran: Ran) -> Iterator[Fault]:
    forms = {ran.key, quote(ran.key), json.dumps(ran.key)[1:-1], base64.b64encode(ran.key.encode()).decode()}
    output = ran.told.output + "".join(save.told.output for save in ran.saves)
    if any(form in output for form in forms):
        yield LEAK, "the key is in the output"
    message = str((ran.told.result or {}).get("msg", ""))
    if ran.told.broken or "Unexpected " in message:
        yield BROKEN, ran.told.broken or message
    yield from _wrong(ran)
    yield from shelf.saved_faults(ran)
    yield from shelf.record_faults(ran, [row for row in ran.after if row["removed"] and ours(row)])
    if ran.case.entry in (*ROLES, "notice"):
        yield from role_faults(ran)
    elif ran.case.entry == "events":
        yield from events.faults(ran)
    elif ran.case.entry == "interrupt":
        yield from tasks.faults(ran)
    elif ran.case.entry in deletions.ENTRIES:
        yield from deletions.faults(ran)
    elif ran.case.entry in READING:
        yield from read_faults(ran)
    else:
        yield from change_faults(ran)
        yield from rules.faults(ran)


def _wrong(ran: Ran) -> Iterator[Fault]:
    """Sessions that were ended, and must not have been; records that were destroyed; another account that was asked."""
    if ran.elsewhere:
        yield WRONG, f"{ran.elsewhere} connections to another account's address"
    if ran.changes and ran.case.entry in READING:
        yield WRONG, f"{len(ran.changes)} changing requests"
    destroyed = 0
    for row in filter(ours, ran.after) if ran.case.entry not in deletions.ENTRIES else ():
        why, text = why_not(ran, row), story(ran, row["id"])
        if why:
            yield WRONG, f"{row['id']} {row['owner']} {row['app_name']!r}, {age(ran, row) / 3600:.1f} h: {why}; {text}"
        elif row["removed"] == "record_destroyed" or (row["removed"] == "delete" and ran.case.entry not in DELETING):
            destroyed += 1
            if destroyed > _unknowable(ran):
                yield WRONG, f"{row['id']}: the record of an active session is destroyed ({destroyed}); {text}"
            elif said_of(ran, row["id"]) == "terminated" and not (ran.told.result or {}).get("failed"):
                yield LIE, f"{row['id']}: destroyed, and told as terminated; {text}"


def _unknowable(ran: Ran) -> int:
    """How many records may be destroyed: the first one, where the document is of a generation that the server is not.

    Where the nodes are replaced during the run, all that are under way at that time.
    """
    if not ran.case.trouble.blind or ran.case.entry in DELETING:
        return 0
    upgraded = any(fault["kind"] == "node" for fault in ran.case.trouble.faults)
    return int(ran.case.options.get("concurrency") or 8) if upgraded else 1
