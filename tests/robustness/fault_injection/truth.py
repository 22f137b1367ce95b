"""Compare the results of a run with the emulator's real state and the proxy's records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .account import TASKS, Account, Row, identity
from .kinds import BEFORE, SAYS_YES, TOO_MANY
from .proxy import Seen

_ACTIVE = frozenset({"queued", "assigned", "launching", "running", "solving", "closing"})
_DONE = {"terminate": "terminated", "delete": "deleted", TASKS: "deleted"}
_NOTHING_TO_DO = ("already_ended", "not_found", "changed_since")
BAD = ("failed", "unknown", "not_tried")
_MOST_NOTES, _MOST_CHANGES = 12, 3
_STOPPED = "No further session"
Result = dict[str, Any]


@dataclass
class Tally:
    """Counts of all runs, and notes about errors."""

    counts: Counter[str] = field(default_factory=Counter)
    most_changes: int = 0
    most_reads: int = 0
    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def miss(self, what: str, text: str) -> None:
        """Count an error, and add a note about it."""
        self.counts[what] += 1
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(f"{what}: {text}")


@dataclass
class Run:
    """One run. ``result``: of its task (None: no result); ``seen``: the requests that the proxy recorded."""

    name: str
    account: Account
    result: Result | None
    rows: list[Row]
    seen: list[Seen]

    def __post_init__(self) -> None:
        self.trails: defaultdict[str, list[Seen]] = defaultdict(list)
        for one in self.seen:
            if one.session:
                self.trails[one.session].append(one)

    @property
    def refused(self) -> bool:
        """Whether it ended with an error before any changing request, and reported that."""
        result = self.result or {}
        said = bool(result.get("failed") and result.get("msg")) and "sessions" not in result
        return said and "Unexpected" not in result["msg"] and not any(one.change for one in self.seen)

    def describe(self, one: str) -> str:
        """The entries and requests of a session, for a note."""
        entries = [entry for entry in (self.result or {}).get("sessions", []) if entry["id"] == one]
        said = ", ".join(f"{entry['result']} ({entry['msg']})" for entry in entries) or "nothing"
        trap = " trapped" if one in self.account.traps else f" {self.account.rough.get(one, '')}".rstrip()
        return f"{self.name} {one}{trap}: said {said}; seen {'; '.join(map(str, self.trails[one]))}"


def judge(run: Run, tally: Tally) -> None:
    """Count all results and errors of one run."""
    account = run.account
    tally.counts["selected"] += len(account.selected)
    _count_wrong(run, tally)
    _count_lost(run, tally)
    truth = {identity(row): row for row in run.rows}
    for entry in (run.result or {}).get("sessions", []):
        if entry["id"] in account.selected:
            _judge_entry(run, tally, entry, truth.get(identity(account.selected[entry["id"]])))
    for one, trail in run.trails.items():
        _judge_trail(run, tally, one, trail)
    tally.counts["sprung"] += sum(trap.sprung for trap in account.traps.values())


def ours(row: Row) -> bool:
    """Whether a request with a key made the server do it."""
    return bool(row["ended_by"] or row["terminate_requests"] or row["removed_by"])


def over(run: Run, row: Row) -> bool:
    """Whether the session has ended (or its record is deleted), by anybody's request."""
    return row["removed"] is not None or (run.account.operation == "terminate" and not row["active"])


def _count_wrong(run: Run, tally: Tally) -> None:
    """Count sessions that were wrongly ended or destroyed, and failed requests for that."""
    meant = set(map(identity, run.account.selected.values()))
    how = (None, "control") if run.account.operation == "terminate" else ("delete",)
    for row in run.rows:
        if ours(row) and (identity(row) not in meant or row["removed"] not in how):
            tally.miss("wrong", f"{row['state']}, {row['removed']}: {run.describe(row['id'])}")
    for one, trail in run.trails.items():
        if any(seen.change and (one not in run.account.selected or seen.sprung) for seen in trail):
            tally.miss("wrong", f"a request: {run.describe(one)}")


def _count_lost(run: Run, tally: Tally) -> None:
    """Count sessions without exactly one entry, and counts in the result that do not match its entries."""
    account, result = run.account, run.result or {}
    if "sessions" not in result:
        tally.counts["lost"] += len(account.selected) - 1
        tally.miss("lost", f"{run.name}: all of them: {result.get('msg', 'no result')}")
        return
    spared = [entry["id"] for entry in result["kept"] if account.people and entry["reason"] == "max_seats"]
    spared = [one for one in spared if one in account.selected]
    listed = Counter([*(entry["id"] for entry in result["sessions"]), *spared])
    for one in account.selected.keys() | listed.keys():
        if listed[one] != 1 or one not in account.selected:
            what = "lost" if one in account.selected else "wrong"
            tally.miss(what, f"{listed[one]} entries: {run.describe(one)}")
    said = Counter(entry["result"] for entry in result["sessions"])
    if dict(said) != result["summary"]:
        tally.miss("lost", f"{run.name}: the summary is {result['summary']}, the entries {dict(said)}")
    if result["failed"] != any(said[bad] for bad in BAD):
        tally.miss("lost", f"{run.name}: failed is {result['failed']} with {dict(said)}")
    acted = any(ours(row) for row in run.rows)
    if result["changed"] != acted and (acted or not any(seen.change for seen in run.seen)):
        tally.miss("lost", f"{run.name}: changed is {result['changed']}")
    kept = sorted(entry["id"] for entry in result["kept"] if entry["id"] not in spared)
    if kept != sorted(account.kept):
        tally.miss("lost", f"{run.name}: kept are not {sorted(account.kept ^ set(kept)) or 'each once'}")


def _judge_entry(run: Run, tally: Tally, entry: Row, row: Row | None) -> None:
    """Compare the entry of one session with its real state (None: the id has another session now)."""
    account, said, one = run.account, entry["result"], entry["id"]
    trapped = one in account.traps and account.traps[one].sprung
    rough = one in account.rough
    alone = not trapped and not rough
    tally.counts["failed truly"] += alone and said in ("failed", "not_tried")
    tally.counts["free"] += alone
    tally.counts["stopped"] += alone and said != _DONE[account.operation] and _stopped(run, entry)
    tally.counts["met a rate"] += not rough
    if said == "unknown" and trapped:  # what others changed must not be asked again, so nothing can settle it
        tally.counts["unknown, trapped"] += 1
    elif said == "unknown" and not rough and _spent(run, one):
        tally.counts["unknown, spent"] += 1
    elif said == "unknown" and not rough:
        tally.counts["unknown"] += 1
        tally.unknown.append(run.describe(one))
    done = said == _DONE[account.operation]
    if alone and not done and _hindered(run, entry):
        tally.counts["hindered"] += 1
    elif alone and not done:
        tally.miss("not done", run.describe(one))
    tally.counts["done"] += done and alone
    if (done or said in _NOTHING_TO_DO) and row is not None and not over(run, row):
        tally.miss("false done", run.describe(one))
    if done and not _shown(run, one):
        tally.miss("unseen", run.describe(one))
    if said not in (_DONE[account.operation], "unknown") and row is not None and ours(row) and over(run, row):
        tally.miss("false failed", run.describe(one))


def _spent(run: Run, one: str) -> bool:
    """Whether nothing could be known: all three requests to change it met a fault, one got a false status of success,
    or none of the reads after them was answered.
    """
    trail = run.trails[one]
    changes = [seen for seen in trail if seen.change and seen.kind != TOO_MANY]
    accepted = any(seen.phase == BEFORE and seen.kind in SAYS_YES for seen in changes)
    spent = len(changes) == _MOST_CHANGES and all(seen.kind for seen in changes)
    after = [seen for seen in trail if changes and seen.arrived > changes[-1].arrived]
    return accepted or spent or (bool(after) and all(seen.kind for seen in after))


def _hindered(run: Run, entry: Row) -> bool:
    """Whether faults are the reason that it was not done: its last request met one, or others stopped the run.

    A closed port records no request, so there the message counts.
    """
    if entry["result"] == "unknown":
        return any(seen.change and seen.kind for seen in run.trails[entry["id"]])
    if entry["msg"].startswith(_STOPPED):
        return _stopped(run, entry)
    if entry["msg"].startswith(("Not tried: 5 in a row", "The active people could not be counted again")):
        return any(seen.kind for seen in run.seen)
    about = [seen for seen in run.seen if entry["id"] in seen.target]
    return "refused the connection" in entry["msg"] or bool(about and about[-1].kind)


def _stopped(run: Run, entry: Row) -> bool:
    """Whether a false answer that was believed kept the run from ending more by DELETE, which could destroy records."""
    reads = [seen for seen in run.seen if not seen.change and not seen.listing]
    return bool(entry["msg"].startswith(_STOPPED) and any(seen.kind in SAYS_YES for seen in reads))


def _shown(run: Run, one: str) -> bool:
    """Whether a list, or the last delivered read, came after the last change and showed the end."""
    trail = run.trails[one]
    reads = [seen for seen in trail if seen.shown]
    changes = [seen.arrived for seen in trail if seen.change]
    lists = (
        [seen.listed[one] for seen in run.seen if one in seen.listed and seen.arrived > changes[-1]] if changes else []
    )
    if run.account.operation == "terminate" and any(state not in _ACTIVE for state in lists):
        return True
    if changes and run.account.operation != "terminate" and _listed_as_gone(run, one, changes):
        return True
    if not reads or not changes or reads[-1].delivered < changes[-1]:
        return False
    over = reads[-1].shown == "gone" or (run.account.operation == "terminate" and reads[-1].shown not in _ACTIVE)
    return over or reads[-1].sprung


def _listed_as_gone(run: Run, one: str, changes: list[int]) -> bool:
    """Whether a list showed its record before the first change, and a whole one after the last change no longer did."""
    before = any(one in seen.listed for seen in run.seen if seen.arrived < changes[0])
    after = [seen.listed for seen in run.seen if seen.listing and seen.arrived > changes[-1]]
    names = {name for listed in after for name in listed}
    kind = run.account.selected[one]["kind"]  # only the kinds of what is awaited are listed
    left = {row["id"] for row in run.rows if row["removed"] is None and row["kind"] == kind}
    left &= {*run.account.selected, *run.account.kept}
    return before and one not in names and bool(names) and left <= names


def _judge_trail(run: Run, tally: Tally, one: str, trail: list[Seen]) -> None:
    """Count reads and changing requests of a session, and requests without a read that allowed them."""
    put_off = [seen for seen in trail if seen.kind == "429"]
    changes = [seen for seen in trail if seen.change]
    tally.most_changes = max(tally.most_changes, len([seen for seen in changes if seen not in put_off]))
    first = next((seen.arrived for seen in trail if seen.change), float("inf"))
    answered = next((seen.arrived for seen in trail if seen.shown), float("inf"))
    reads = [seen for seen in trail if seen.arrived <= min(first, answered) and not seen.change and seen not in put_off]
    tally.most_reads = max(tally.most_reads, len(reads))
    last = 0
    for change in (seen for seen in trail if seen.change):
        if not _allowed(run, trail, last, change.arrived):
            tally.miss("blind", run.describe(one))
        last = change.arrived


def _allowed(run: Run, trail: Iterable[Seen], after: int, before: int) -> bool:
    """Whether a delivered read between two changes showed a state in which the change is allowed."""
    shown = [seen.shown for seen in trail if seen.shown and after < seen.delivered < before]
    if not shown or shown[-1] == "gone":
        return False
    return (shown[-1] in _ACTIVE) == (run.account.operation == "terminate")
