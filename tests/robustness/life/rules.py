"""Rules of a cleanup (`policies`): what is drawn, which rule decides about a session, and what must be told of it.

The first rule that matches a session decides. A rule that keeps takes it from all rules below. Where a limit is
exceeded, of a rule or over all, nothing ends at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from .words import meant_by

if TYPE_CHECKING:
    from .runs import Lane, Ran, Stage, Told
    from .truth import Fault

Row = dict[str, Any]
ENTRIES = ("policies", "policies", "policies", "policies", "plan of policies", "policies, twice")
"""The ways to start a case with rules; the more often one is named, the more cases it has."""
_NAMES = ("webui after 8 hours", "solves", "tests at night", "Planner, never", "Überstunden", "rest", "{x}")
_HOUR = 3600
_OLDER = {"8h": 8 * _HOUR, "PT26H": 26 * _HOUR, "40h": 40 * _HOUR, "5d": 120 * _HOUR}
UNSURE = 13
"""Hours by which the age of a session may be less for a reader."""
_AGES = (9, 24, 30, 45, 50, 125, 200, 700)
"""Hours; some only just past a limit, which a reader of times without a zone cannot be sure of."""


@dataclass(frozen=True)
class Rule:
    """``older``: seconds; 0: of any age. ``limit``: ``max_sessions``. What is empty is not asked for."""

    name: str
    keep: bool
    older: int = 0
    kinds: Sequence[str] = ()
    apps: Sequence[str] = ()
    owners: Sequence[str] = ()
    limit: int | None = None
    notice: int | None = None

    def matches(self, row: Row, age: float) -> bool:
        """Whether a person who writes it means the session. :param age: seconds."""
        return (
            age > self.older
            and (not self.kinds or row["kind"] in self.kinds)
            and (not self.apps or any(meant_by(pattern, row["app_name"]) for pattern in self.apps))
            and (not self.owners or any(meant_by(pattern, row["owner"]) for pattern in self.owners))
        )


def decider(rules: Sequence[Rule], row: Row, age: float) -> Rule | None:
    """The rule that decides about the session, protections aside; None if no rule matches it."""
    return next((rule for rule in rules if rule.matches(row, age)), None)


def ends(rules: Sequence[Rule], row: Row, age: float) -> bool:
    """Whether the rules ask for its end, protections aside."""
    rule = decider(rules, row, age)
    return rule is not None and not rule.keep


def drawn(
    chance: Random,
    kinds: Sequence[str],
    patterns: tuple[Callable[[], list[str]], Callable[[], list[str]]],
    written: Callable[[str, Sequence[str]], Any],
) -> tuple[Row, list[Rule]]:
    """Options, and what is meant by them.

    :param patterns: draw apps, and owners. :param written: the names of an option in a form that is drawn.
    """
    number = chance.randint(2, 4)
    keeps = [chance.random() < 0.4 for _number in range(number)]
    keeps[-1] = keeps[-1] and not all(keeps)
    asked: list[Row] = []
    made: list[Rule] = []
    for name, keep in zip(chance.sample(_NAMES, number), keeps):
        rule: Row = {"name": name, "action": "keep"} if keep else {"name": name}
        meaning: Row = {}
        if chance.random() < (0.4 if keep else 1.0):
            rule["older_than"] = chance.choice([*_OLDER])
            meaning["older"] = _OLDER[rule["older_than"]]
        if chance.random() < 0.35:
            rule["kinds"] = meaning["kinds"] = chance.sample(kinds, chance.choice((1, len(kinds) - 1)))
        for option, draw, share in zip(("apps", "owners"), patterns, (0.35, 0.4)):
            if chance.random() < share or (keep and len(rule) < 3 and option == "owners"):
                meaning[option] = draw()
                rule[option] = written(f"{option} of a rule", meaning[option])
        if not keep and chance.random() < 0.15:
            rule["max_sessions"] = meaning["limit"] = chance.randint(1, 4)
        asked.append(rule)
        made.append(Rule(name, keep, **meaning))
    return {"policies": asked}, made


def populate(
    chance: Random, rows: Sequence[Row], rules: Sequence[Rule], owners: Sequence[str], apps: Sequence[str]
) -> None:
    """Make half of the rows such as one of the rules asks for; a rule above may decide about it."""
    for row in chance.sample(list(rows), len(rows) // 2):
        rule = chance.choice(rules)
        for option, name, every in (("owners", "owner", owners), ("apps", "app_name", apps)):
            asked = getattr(rule, option)
            fitting = [one for one in every if any(meant_by(pattern, one) for pattern in asked)]
            row[name] = chance.choice(fitting) if fitting else row[name]
        row["kind"] = chance.choice(rule.kinds) if rule.kinds else row["kind"]
        row["age"] = chance.choice(_AGES) * float(_HOUR)


def by_plan(lane: Lane, stage: Stage, ran: Any) -> Told:
    """Plan in check mode, and end what was planned, by the same rules. :param ran: the case."""
    options, environment = lane.options(ran), lane.environment(ran)
    plan = stage.tell("policies", {**options, "_ansible_check_mode": True}, environment)
    found = plan.result or {}
    records = [row for row in found.get("sessions") or () if row.get("result") == "would_terminate"]
    if found.get("failed") or not records:
        return plan
    return stage.tell("policies", {**options, "sessions": records}, environment)


def beyond(ran: Ran) -> Iterator[str]:
    """What limits forbid, where nobody else ends any: an end though more are asked for than a limit allows."""
    from .truth import ours

    meaning = ran.case.meaning
    if not meaning.rules or not ran.case.harmless or ran.case.twice or not any(map(ours, ran.after)):
        return
    counts = Counter(rule.name for _row, rule in _sure(ran) if not rule.keep)
    for rule in meaning.rules:
        if rule.limit is not None and counts[rule.name] > rule.limit:
            yield f"{counts[rule.name]} are asked for by {rule.name!r}, which may end {rule.limit}, and some are ended"
    if meaning.most is not None and counts.total() > meaning.most:
        yield f"{counts.total()} are asked for, {meaning.most} may be ended, and some are"


def _sure(ran: Ran) -> Iterator[tuple[Row, Rule]]:
    """The active sessions at the start about which a rule surely decides, each with it."""
    from .truth import age, sure, waits

    for row in ran.before.values():
        rule = decider(ran.case.meaning.rules, row, age(ran, row))
        if rule and row["active"] and sure(ran, row) and not ran.case.meaning.protects(row) and not waits(ran, row):
            yield row, rule


def faults(ran: Ran) -> Iterator[Fault]:
    """Of the names of rules in a result."""
    from .truth import LIE

    result, rules = ran.told.result or {}, ran.case.meaning.rules
    if not rules or "sessions" not in result:
        return
    if [one.get("name") for one in result.get("policies") or ()] != [rule.name for rule in rules]:
        yield LIE, f"the rules of the result are {result.get('policies')!r}"
        return
    told = {entry["id"]: entry for name in ("kept", "sessions") for entry in result.get(name) or ()}
    chosen = Counter(entry.get("policy") for entry in result["sessions"])
    ending = {rule.name for rule in rules if not rule.keep}
    if odd := {str(name) for name in chosen} - ending:
        yield LIE, f"sessions are told as of {', '.join(odd)}, which ends nothing"
    if ran.case.trouble.stale or ran.case.trouble.moved:
        return
    for row, rule in _sure(ran):
        entry = told.get(row["id"])
        if entry and not rule.keep and entry.get("result") and entry.get("policy") != rule.name:
            yield LIE, f"{row['id']} is told as of {entry.get('policy')!r}, and is of {rule.name!r}"
        kept = entry and (entry.get("reason"), entry.get("policy")) == ("policy", rule.name)
        if entry and rule.keep and not kept and ran.case.entry == "policies" and ran.case.harmless:
            yield LIE, f"{row['id']} is kept by {rule.name!r}, and told as {entry.get('reason')}, {entry.get('policy')}"
    yield from _refused(ran, result)


def _refused(ran: Ran, result: Row) -> Iterator[Fault]:
    """Whether a limit is told that is not exceeded."""
    from .truth import LIE, age

    meaning, counts = ran.case.meaning, Counter[str]()
    for row in ran.before.values():
        each = (decider(meaning.rules, row, age(ran, row) - hours * _HOUR) for hours in range(UNSURE + 1))
        if row["active"] and not meaning.protects(row):
            counts.update({rule.name for rule in each if rule and not rule.keep})
    limits = [counts[rule.name] > rule.limit for rule in meaning.rules if rule.limit is not None]
    exceeded = any(limits) or (meaning.most is not None and counts.total() > meaning.most)
    if result.get("failed") and "max_sessions is" in str(result.get("msg")) and not exceeded:
        yield LIE, f"refused by a limit that is not exceeded, {dict(counts)}: {result['msg']!r}"
