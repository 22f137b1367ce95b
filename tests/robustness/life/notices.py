"""Announcements before an end (`notice`): runs one after the other, with a ledger between them and clocks that move.

What was announced, and when, is noted here by what the owners were told. No session ends that was not announced as long
ago as its notice says, by the clock of the service and by that of the machine, as the same session, and stale since.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

from emulator.account.clock import parse_time
from emulator.process import EmulatorError

from .rules import UNSURE, Rule, decider

if TYPE_CHECKING:
    from .case import Case
    from .runs import Lane, Ran, Stage, Told
    from .truth import Fault

Row = dict[str, Any]
VARIABLES = (
    "kinds", "older_than", "quiet_for", "apps", "owners", "protect_owners", "protect_apps", "protect_session_ids",
    "policies", "max_sessions",
)  # fmt: skip
"""Options of a case that are variables of the role."""
_NOTICES = {"24h": 86400, "PT6H": 21600, "90m": 5400, "2d": 172800}
_AT_WORK, _QUIET = 60.0, 28 * 3600.0
_MOMENT = 3.0
"""Seconds by which an announcement may count as later than the truth says: the service tells whole seconds."""


@dataclass
class Step:
    """A run, and what happens before it: so many seconds pass by each clock, and sessions change.

    ``ledger``: what happens to it, `lost` or `torn`. ``applies``: whether the run may change anything. ``stops``: it
    ends before it tells anything.
    """

    server: float = 0.0
    local: float = 0.0
    happens: list[tuple[str, Row]] = field(default_factory=list)
    ledger: str = ""
    applies: bool = True
    twice: bool = False
    stops: bool = False


@dataclass
class Notices:
    """``common``: the notice for what no rule has one for, in seconds; None: there is none. ``file``: the ledger is
    one, not a cached fact."""

    common: int | None
    text: str | None
    file: bool
    steps: list[Step]

    def of(self, rules: list[Rule], row: Row, age: float) -> int:
        """The notice of a session, in seconds; the shortest one if it is not certain which rule decides."""
        found = (decider(rules, row, age - hours * 3600) for hours in range(UNSURE + 1))
        return min((self.common if rule is None or rule.notice is None else rule.notice) or 0 for rule in found)


@dataclass
class Part:
    """When a run began by both clocks."""

    server: float = 0.0
    local: float = 0.0
    together: bool = True  # whether both clocks have gone alike since the first run
    known: bool = True  # whether the ledger has been kept since then
    stopped: bool = False


def drawn(chance: Random, rows: list[Row], options: Row, rules: list[Rule]) -> Notices:
    """Three runs, or four. Some rules get a notice of their own."""
    options.pop("wait", None)  # the role always waits
    for row in rows:
        row["quiet"] = chance.choice((_AT_WORK, _QUIET, _QUIET, _QUIET)) if row["age"] > 24 * 3600 else 0.0
    text = chance.choice([*_NOTICES])
    for number, rule in enumerate(rules):
        if not rule.keep and chance.random() < 0.5:
            own = options["policies"][number]["notice"] = chance.choice([*_NOTICES])
            rules[number] = replace(rule, notice=_NOTICES[own])
    ruled = [rule for rule in rules if not rule.keep]
    bare = bool(ruled) and any(rule.notice for rule in ruled) and chance.random() < 0.3
    longest = max([_NOTICES[text], *(rule.notice or 0 for rule in ruled)])
    made = Notices(None if bare else _NOTICES[text], None if bare else text, chance.random() < 0.6, [])
    for number in range(chance.choice((3, 3, 3, 4))):
        made.steps.append(_step(chance, rows, number, longest, made.file))
    for row in chance.sample([row for row in rows if row["quiet"] > _AT_WORK], 2):  # at work for one run
        for step, quiet in zip(made.steps[-2:], (_AT_WORK, _QUIET)):
            step.happens.append((row["id"], {"quiet": quiet}))
    return made


def _step(chance: Random, rows: list[Row], number: int, notice: int, file: bool) -> Step:
    step = Step(applies=chance.random() < 0.85, twice=file and chance.random() < 0.15, stops=chance.random() < 0.1)
    if number:
        step.server = float(chance.choice((notice + 90, notice + 90, notice / 2 + 60, notice - 60, 3 * notice, 600)))
        step.local = step.server if chance.random() < 0.8 else chance.choice((0.0, step.server / 2, -3600.0))
        if chance.random() < 0.05:
            step.server = 0.0
        step.ledger = chance.choice(("lost", "torn")) if chance.random() < 0.08 else ""
        happens: tuple[Row, ...] = (
            {"quiet": _AT_WORK}, {"quiet": _AT_WORK}, {"quiet": _QUIET}, {"state": "terminated"}, {"state": "running"},
            {"owner": "new.owner@EMEA"}, {"age": 600.0}, {"age": 300 * 3600.0},
        )  # fmt: skip
        step.happens = [(row["id"], chance.choice(happens)) for row in chance.sample(rows, chance.randint(0, 4))]
    return step


class _Ledger:
    """Where the announcements are kept between runs."""

    def __init__(self, lane: Lane, *, file: bool) -> None:
        self.path = lane.folder.parent / "announcements.json" if file else None
        self.fact: Any = None

    def spoil(self, how: str) -> None:
        """It is lost, or torn."""
        if self.path and self.path.exists():
            text = self.path.read_text(encoding="utf-8")
            self.path.unlink() if how == "lost" else self.path.write_text(text[:-20], encoding="utf-8")
        elif self.fact:
            self.fact = {**self.fact, "entries": self.fact["entries"][1:]} if how == "torn" else None


def run(lane: Lane, case: Case, notices: Notices, stage: Stage) -> Ran:
    """All runs of a case. What each did is a part of the whole."""
    parts: list[Ran] = []
    first, touched = lane.prepare(case)
    ledger, passed, drift, known, together = _Ledger(lane, file=notices.file), 0.0, 0.0, True, True
    try:
        for step in notices.steps:
            asked = lane.decoy.count
            passed, drift = passed + step.server, drift + step.local
            touched = touched | _happen(lane, step)
            if step.ledger:
                ledger.spoil(step.ledger)
            state = lane.emulator.state()
            together = together and abs(passed - drift) < 1
            known = known and not step.ledger
            server = parse_time(state["now"])
            part = Part(server, server - passed + drift, together, known, step.stops)
            own = replace(case, applies=step.applies, twice=step.twice, clear=case.clear and not step.stops)
            told, also = _tell(lane, own, step, stage, ledger, drift)
            done = lane.finish(own, told, state["sessions"], touched, lane.decoy.count - asked)
            parts.append(replace(_only_this(done, state), part=part, also=also))
    finally:
        lane.emulator.tick(-passed)
    requests = [entry for one in parts for entry in one.requests]
    return replace(done, case=case, before=first, requests=requests, parts=parts)


def _happen(lane: Lane, step: Step) -> set[str]:
    """Time passes, and sessions change. Returns the ids of those that did."""
    lane.emulator.tick(step.server)
    for one, values in step.happens:
        with suppress(EmulatorError):  # it may have been removed
            lane.emulator.update_session(one, **values)
    lane.emulator.clear_requests()
    return {one for one, _values in step.happens}


def _tell(lane: Lane, case: Case, step: Step, stage: Stage, ledger: _Ledger, shift: float) -> tuple[Told, Told | None]:
    """Start the role: once, or twice at once with two keys."""
    options = lane.options(case)
    variables = {name: options.pop(name) for name in VARIABLES if name in options}
    variables |= {"apply": case.applies, "max_percent": 100, "interrupt_tasks": "never"}
    variables |= {"notice": case.notices.text} if case.notices and case.notices.text else {}
    variables |= {"notice_file": str(ledger.path)} if ledger.path else {}
    more = {"variables": variables, "fact": ledger.fact, "shift": shift, "stops": step.stops}

    def start(key: str) -> Told:
        return stage.tell("notice", {**options, "api_key": key}, lane.environment(case), **more)

    keys = (lane.emulator.admin_key, lane.emulator.second_key)
    if case.twice:
        with ThreadPoolExecutor(2) as pool:
            told, also = pool.map(start, keys)
            return told, also
    told = start(keys[0])
    ledger.fact = (told.result or {}).get("ledger") or ledger.fact
    return told, None


def _only_this(ran: Ran, state: Row) -> Ran:
    """What this run did: what was over before is somebody else's."""
    names = ("ended_by", "removed_by")
    gone = {(row["id"], row["created_at"]) for row in state["removed"]}
    after = [row for row in ran.after if row["removed"] is None or (row["id"], row["created_at"]) not in gone]
    before = state["sessions"]
    over = {one for one, row in before.items() if row["ended_by"]}
    after = [
        {**row, **{name: row[name] and "another" for name in names}} if row["id"] in over else row for row in after
    ]
    return replace(ran, after=after)


@dataclass
class _Said:
    """An announcement: when it was made at the earliest and at the latest, and the notice that was promised."""

    server: float
    local: float
    end: float
    notice: int


def faults(ran: Ran) -> Iterator[Fault]:
    """What ends without its notice, of whom nobody is told, or is told twice; in all runs of a case."""
    from .truth import age, asked_for, identity

    book: dict[tuple[Any, ...], _Said] = {}
    for one in ran.parts:
        notices, rules = one.case.notices, one.case.meaning.rules
        if notices is None:
            return
        rows = {identity(row): row for row in one.before.values()}
        needed = {key: notices.of(rules, row, age(one, row)) for key, row in rows.items()}
        yield from _too_soon(one, book, needed)
        told = (one.told.result or {}).get("role")
        if one.case.harmless and (told or one.part.stopped):
            yield from _useless(one, book, needed)
            for key, row in rows.items() if one.case.applies else ():  # a plan forgets nothing
                if key in book and not (row["active"] and asked_for(one, row)):
                    del book[key]  # it was at work meanwhile: it is announced anew
        yield from _announce(one, book, notices)


def _too_soon(one: Ran, book: dict[tuple[Any, ...], _Said], needed: dict[tuple[Any, ...], int]) -> Iterator[Fault]:
    from .truth import WRONG, identity, ours

    local = one.part.local - one.part.server
    for row in filter(ours, one.after):
        key = identity(row)
        said, notice = book.get(key), needed.get(key, 0)
        if said is None and notice:
            yield WRONG, f"{row['id']} is ended, and was not announced {notice} s before"
        elif said is not None:
            passed = min(one.now - said.server, one.now + local - said.local)
            notice = max(notice, said.notice) if notice else 0
            if passed < notice:
                yield WRONG, f"{row['id']} is ended {passed:.0f} s after it was announced, and its notice is {notice} s"


def _told(one: Ran) -> Iterator[Row]:
    """Who was told of what: each session with `to`."""
    for told in (one.told, one.also):
        role = ((told and told.result) or {}).get("role") or {}
        for entry in role.get("to_notify") or ():
            for session in entry["sessions"]:
                yield {**session, "to": entry["owner"]}


def _announce(one: Ran, book: dict[tuple[Any, ...], _Said], notices: Notices) -> Iterator[Fault]:
    """Note what the owners were told."""
    from .truth import LIE, age, identity

    rules = one.case.meaning.rules
    new: dict[tuple[Any, ...], _Said] = {}
    for session in _told(one):
        row = _announced(one, session)
        if row is None:
            continue
        key = identity(row)
        if not one.case.applies:
            yield LIE, f"{row['id']} is announced by a run that may change nothing"
        if session["to"] != row["owner"] and not (one.case.trouble.stale or one.case.trouble.moved):
            yield LIE, f"{row['id']} of {row['owner']} is announced to {session['to']}"
        plain = one.case.harmless and one.part.together and one.part.known
        if plain and key in book:  # two runs at once may both announce it
            yield LIE, f"{row['id']} is announced again"
        new[key] = _Said(one.part.server, one.part.local, one.now, notices.of(rules, row, age(one, row)))
    book.update(new)


def _announced(one: Ran, session: Row) -> Row | None:
    """The session that was announced: the one that began with this id, unless only the one that took it is meant."""
    first = one.before.get(session["id"])
    rows = [row for row in (first, *one.after) if row and row["id"] == session["id"]]
    return next((row for row in rows if _is_told(row, session)), first)


def _is_told(row: Row, session: Row) -> bool:
    told = session["created_at"] or row["created_at"]
    created = abs(parse_time(told) - parse_time(row["created_at"])) < 1
    return bool(created and str(session["owner"]).casefold() == row["owner"].casefold())


def _useless(one: Ran, book: dict[tuple[Any, ...], _Said], needed: dict[tuple[Any, ...], int]) -> Iterator[Fault]:
    """What is meant is ended if it was announced long enough ago, and else announced."""
    from .truth import LIE, able, identity, meant, ours, sure

    plain = one.part.together and one.part.known and one.case.clear and able(one) and one.case.unlimited
    if not plain or (one.told.result or {}).get("failed") or one.also:
        return
    done = {identity(row) for row in one.after if ours(row)}
    to = {session["id"] for session in _told(one)}
    for row in one.before.values():
        key = identity(row)
        if not (row["active"] and sure(one, row) and meant(one, row)) or key in done:
            continue
        said = book.get(key)
        if said and one.part.server - said.end > max(needed[key], said.notice) + _MOMENT:
            yield LIE, f"{row['id']} {row['owner']} {row['app_name']!r} was announced long ago, and lives"
        if not said and row["id"] not in to:
            yield LIE, f"{row['id']} {row['owner']} {row['app_name']!r} is meant, and is neither ended nor announced"
