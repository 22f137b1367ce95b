"""One case: an account, what the user gives and means by it, what goes wrong, and how it is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from emulator.dialects.dialect import DIALECTS
from emulator.dialects.odd import ODD, dialect_of

from . import archive, deletions, events, notices, rules, tasks
from .trouble import Trouble, draw
from .words import CLEAR_DURATIONS, DURATIONS, EIGHT_HOURS, FALSE, LISTS, NEITHER, NEVER, NONE, TRUE, Form, meant_by

ENTRIES = {
    "terminate": 40, "by id": 8, "plan": 8, "delete": 12, "info": 8, "info by id": 4, "lookup": 9, "source": 5,
    "retention": 13, "archive": 10, "gentle": 12, "interrupt": 9, "events": 9,
    "terminate, twice": 5, "plan, twice": 5, "delete, twice": 4, "gentle, twice": 4,
}  # fmt: skip
"""Ways to start a case in a process of the campaign, with their weights; twice: two runs at once."""
READING = ("info", "info by id", "lookup", "source", "archive", "events")
DELETING = ("delete", "retention", "retention role")
POLICIES = ("policies", "plan of policies")
ENDING = ("terminate", "by id", "plan", "gentle", *POLICIES)
ROLES = ("role", "retention role")
_HOUR = 3600.0
OWNERS = (
    "admin@ROOT", "svc-nightly@EMEA", "svc-batch@PLANNING", "alice@ROOT", "bob@ROOT", "carol@PLANNING", "Groß@ROOT",
    "svc[ops]@ROOT", "\u0130stanbul@EMEA", "Jos\u00e9@ROOT", "jane doe@ACME Azure", "alice@corp.example@ROOT",
    "o'brien@EMEA", "ANDREAS@Planning",
)  # fmt: skip
APPS = (
    "CrewScheduling", "Planner [PROD]", "Planner P", "Demand Forecast", "Stra\u00dfe", "Blend, Optimizer", "[alpha]",
    "Caf\u00e9 - Men\u00fc", "TruckLoading", "Hello World", 'the "new" one', "Cost*Plan",
)  # fmt: skip
_GLOBS = {
    "svc-nightly@EMEA": ("svc-*", "*@EMEA"), "svc-batch@PLANNING": ("svc-*", "*@PLANNING"), "admin@ROOT": ("admin@*",),
    "alice@ROOT": ("alice@*", "al?ce@ROOT"), "carol@PLANNING": ("*@PLANNING", "[ac]arol@*"), "bob@ROOT": ("bob*",),
    "alice@corp.example@ROOT": ("*@corp.example@*", "alice@corp*"), "jane doe@ACME Azure": ("*@ACME Azure",),
    "CrewScheduling": ("Crew*", "*Scheduling"), "Demand Forecast": ("Demand*", "* Forecast"),
    "TruckLoading": ("Truck*",), "Hello World": ("Hello*",), "Planner [PROD]": ("Plan*",),
}  # fmt: skip
Row = dict[str, Any]


@dataclass
class Meaning:
    """What the user means: who is selected, and who is protected. ``older``: seconds, or NONE for nothing at all.

    ``ended``, ``quiet``: seconds since its end, and since the last line of its log. ``rules``: the first one that
    matches a session decides, in place of what else selects; ``most``: more than so many must not be asked for.
    """

    older: int = EIGHT_HOURS
    ended: float = 0.0
    quiet: float = 0.0
    kinds: tuple[str, ...] = ()
    apps: Sequence[str] = ()
    owners: Sequence[str] = ()
    ids: Sequence[str] = ()
    safe_owners: Sequence[str] = ()
    safe_apps: Sequence[str] = ()
    safe_ids: Sequence[str] = ()
    rules: list[rules.Rule] = field(default_factory=list)
    most: int | None = None

    def protects(self, row: Row) -> bool:
        """Whether the session must live whatever else is asked."""
        return (
            any(meant_by(pattern, row["owner"]) for pattern in self.safe_owners)
            or any(meant_by(pattern, row["app_name"]) for pattern in self.safe_apps)
            or any(meant_by(pattern, row["id"]) for pattern in self.safe_ids)
        )

    def selects(self, row: Row, age: float) -> bool:
        """Whether the session is one of those that are asked for, protections aside. :param age: seconds."""
        if self.rules:
            return rules.ends(self.rules, row, age)
        return (
            self.older != NONE
            and age > self.older
            and (not self.kinds or row["kind"] in self.kinds)
            and (not self.apps or any(meant_by(pattern, row["app_name"]) for pattern in self.apps))
            and (not self.owners or any(meant_by(pattern, row["owner"]) for pattern in self.owners))
            and (not self.ids or row["id"] in self.ids)
        )


@dataclass
class Case:
    """``settings``, ``sessions`` and ``trouble`` make the account; ``options`` is what the user gives.

    ``clear``: all that is given is of a form that the contract names. ``harmless``: nothing goes wrong.
    """

    number: int
    entry: str
    dialect: str
    sessions: list[Row]
    options: dict[str, Any]
    meaning: Meaning
    trouble: Trouble
    environment: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    clear: bool = True
    moves: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # after a cache has made its copy
    twice: bool = False
    limit: int | None = None  # max_active
    seats: int | None = None  # max_seats
    archive: archive.Archive | None = None
    tasks: tasks.Tasks = field(default_factory=tasks.Tasks)
    steps: list[events.Step] = field(default_factory=list)  # what happens before each further look
    notices: notices.Notices | None = None
    deletions: deletions.Deletions = field(default_factory=deletions.Deletions)
    apply: Any = None  # of a role, as it is given
    applies: bool = True  # what is meant by it

    @property
    def harmless(self) -> bool:
        """Whether nothing goes wrong, on a service that the collection works with."""
        return not self.trouble.names and self.dialect in DIALECTS

    @property
    def unlimited(self) -> bool:
        """Whether all that is meant may be ended."""
        limits = (self.limit, self.seats, self.meaning.most, *(rule.limit for rule in self.meaning.rules))
        return set(limits) == {None}

    @property
    def generation(self) -> str:
        """The generation of the service."""
        return str(dialect_of(self.dialect).generation)

    def name(self) -> str:
        """For a note."""
        trouble = ", ".join(self.trouble.names) or "no trouble"
        run = f"{self.entry}{' twice' * self.twice} on {self.dialect}"
        return f"case {self.number}: {run}, {trouble}, {'; '.join(self.forms)}"


class Drawing:
    """Draws cases: the same seed and number give the same case."""

    def __init__(self, seed: int, number: int, entries: Sequence[str] = (), *, only: str = "") -> None:
        """:param entries: from which to choose; by default ENTRIES. :param only: this trouble, or `none`."""
        self._only = only
        self._chance = Random(f"life-{seed}-{number}")
        self._number = number
        self._names = list(entries or ENTRIES)
        self._weights = [ENTRIES.get(name, 1) for name in self._names]
        self._forms: list[str] = []
        self._clear = True

    def case(self) -> Case:
        """The case."""
        chance = self._chance
        (drawn,) = chance.choices(self._names, self._weights)
        entry, _comma, twice = drawn.partition(", ")
        dialect = chance.choice([*DIALECTS]) if chance.random() < 0.94 or self._only else chance.choice([*ODD])
        if entry in DELETING and chance.random() < 0.8:
            dialect = chance.choice([name for name in DIALECTS if name.startswith("current")])
        generation = dialect_of(dialect).generation
        options, meaning = self._asked(entry, generation)
        sessions = self._sessions(entry, generation, meaning)
        self._by_id(entry, sessions, options, meaning)
        trouble = (
            Trouble() if chance.random() < 0.22 and not self._only else draw(chance, generation, self._only, entry)
        )
        options |= {"retries": chance.choice((0, 1)), "timeout": 40, "max_time": 50, **trouble.options}
        case = Case(
            self._number, entry, dialect, sessions, options, meaning, trouble, forms=self._forms, clear=self._clear
        )
        if trouble.stale:
            case.moves = self._moves(sessions)
        self._surroundings(case)
        if entry in ROLES:
            self._apply(case)
        self._more(case, twice=bool(twice))
        return case

    def _more(self, case: Case, *, twice: bool) -> None:
        """What only some ways to start have."""
        chance, entry = self._chance, case.entry
        if entry in ("retention", "retention role", "archive"):
            case.archive = archive.drawn(chance, case.sessions, ended=entry != "archive")
        if entry in ("gentle", "interrupt"):
            free = [name for name in OWNERS if not any(meant_by(one, name) for one in case.meaning.safe_owners)]
            case.tasks = tasks.drawn(chance, entry, case.sessions, free, case.options, case.meaning.protects)
        if entry == "events":
            case.steps = events.drawn(chance, case.sessions, case.options, harmless=not case.trouble.names)
        if entry == "notice":
            case.notices = notices.drawn(chance, case.sessions, case.options, case.meaning.rules)
        if entry in deletions.ENTRIES:
            case.deletions = deletions.drawn(chance, entry, case.sessions, case.options)
        case.twice = twice
        if twice and entry == "terminate" and chance.random() < 0.6:
            if chance.random() < 0.5:
                case.options["max_active"] = case.limit = chance.randint(0, 9)
            else:
                case.options["max_seats"] = case.seats = chance.randint(0, 4)
                case.options["kinds"], case.meaning.kinds = ["webui"], ("webui",)

    # what is asked

    def _asked(self, entry: str, generation: str) -> tuple[dict[str, Any], Meaning]:
        chance, options, meaning = self._chance, dict[str, Any](), Meaning()
        if entry == "interrupt":
            return self._pace({"mode": chance.choice(("solve", "execution"))}), meaning
        kinds = ("webui", "task", "solve") if generation == "current" else ("webui", "task")
        if entry in POLICIES or (entry == "notice" and chance.random() < 0.4):
            return self._rules(kinds, meaning), meaning
        if chance.random() < 0.4 and entry not in deletions.ENTRIES:
            meaning.kinds = tuple(chance.sample(kinds, chance.choice((1, len(kinds) - 1))))
            options["kinds"] = list(meaning.kinds)
        if entry in ("by id", "info by id"):
            meaning.older = 1 if entry == "info by id" else EIGHT_HOURS
            if entry == "by id":
                options["older_than"] = "8h"
            meaning.kinds = (chance.choice(kinds),)
            options["kinds"] = list(meaning.kinds)
        else:
            self._limits(entry, options, meaning)
        self._names_in(entry, options, meaning)
        if entry == "gentle":
            options |= {"interrupt_tasks": chance.choice(("solve", "execution")), "grace_period": "2s"}
            options["interrupt_fallback"] = chance.random() < 0.8
        paced = (*ENDING, *deletions.ENTRIES, "delete", "retention", "notice")
        return self._pace(options) if entry in paced else options, meaning

    def _rules(self, kinds: Sequence[str], meaning: Meaning) -> dict[str, Any]:
        """Rules, in place of what else selects."""
        patterns = (lambda: self._pattern(APPS), lambda: self._pattern(OWNERS))
        options, meaning.rules = rules.drawn(self._chance, kinds, patterns, self._written)
        self._protections(options, meaning)
        if self._chance.random() < 0.12:
            options["max_sessions"] = meaning.most = self._chance.randint(1, 6)
        return self._pace(options)

    def _limits(self, entry: str, options: dict[str, Any], meaning: Meaning) -> None:
        """Since when a session must have been there, or be over, or be quiet."""
        if entry in ("retention", "retention role"):
            options["ended_before"], meaning.older, meaning.ended = "30d", 1, archive.LIMIT
        elif entry in ("events", "notice") and self._chance.random() < 0.6:
            options["quiet_for"], meaning.quiet = "8h", EIGHT_HOURS
            options |= {"older_than": "8h"} if entry == "notice" else {}
        else:
            self._duration(entry, options, meaning)

    def _names_in(self, entry: str, options: dict[str, Any], meaning: Meaning) -> None:
        chance = self._chance
        if meaning.older not in (NONE, NEVER) and entry not in ("by id", "info by id"):
            if chance.random() < 0.25:
                meaning.apps = self._pattern(APPS)
                options["apps"] = self._written("apps", meaning.apps)
            if chance.random() < 0.2:
                meaning.owners = self._pattern(OWNERS)
                options["owners"] = self._written("owners", meaning.owners)
        self._protections(options, meaning)

    def _protections(self, options: dict[str, Any], meaning: Meaning) -> None:
        chance = self._chance
        if chance.random() < 0.75:
            meaning.safe_owners = self._pattern(OWNERS, 2)
            options["protect_owners"] = self._written("protect_owners", meaning.safe_owners)
        if chance.random() < 0.4:
            meaning.safe_apps = self._pattern(APPS, 2)
            options["protect_apps"] = self._written("protect_apps", meaning.safe_apps)

    def _pace(self, options: dict[str, Any]) -> dict[str, Any]:
        chance = self._chance
        options |= {"wait_timeout": chance.choice(("2s", "3s")), "wait": chance.random() < 0.85}
        return {**options, "concurrency": chance.choice((1, 2, 8))}

    def _duration(self, entry: str, options: dict[str, Any], meaning: Meaning) -> None:
        reads = entry in (*READING, "plan")
        names = [name for name in DURATIONS if not (reads and name.startswith("zero"))]
        if entry in ("role", "notice"):  # where what is empty counts as not given
            names = [name for name in names if name not in ("empty", "blanks only", "null")]
        name = names[0] if self._chance.random() < 0.85 or self._only else self._chance.choice(names)
        options["older_than"], meaning.older = DURATIONS[name]
        if names.index(name):
            self._forms.append(f"older_than {name}")
        self._clear = self._clear and names.index(name) < CLEAR_DURATIONS

    def _pattern(self, names: Sequence[str], most: int = 1) -> list[str]:
        """One or more patterns: names, or globs for them."""
        found = []
        for name in self._chance.sample(names, self._chance.randint(1, most)):
            globs = _GLOBS.get(name, ())
            found.append(self._chance.choice(globs) if globs and self._chance.random() < 0.5 else name)
        return found

    def _written(self, option: str, names: Sequence[str]) -> Any:
        """The names in one of the forms in which they can be written."""
        able: list[tuple[str, Form]] = [(name, form) for name, form in LISTS.items() if form.fits(names)]
        if option == "session_ids":  # an id in capitals is another one
            able = [(name, form) for name, form in able if name != "in capitals"]
        wanted = self._chance.random() < (0.92 if option.endswith(" of a rule") else 0.7)
        clear = [(name, form) for name, form in able if form.clear == wanted]
        name, form = able[0] if self._chance.random() < 0.25 else self._chance.choice(clear)
        if name != "a list":
            self._forms.append(f"{option} {name}")
        # A name with a comma, or all in brackets, may be taken for a list, and may be refused therefore.
        plain = not any("," in name or name[:1] + name[-1:] == "[]" for name in names)
        self._clear = self._clear and form.clear and plain
        return form.write(names)

    # the account

    def _id(self) -> str:
        bits = self._chance.getrandbits(128)
        return f"{bits:032x}" if self._chance.random() < 0.5 else str(UUID(int=bits, version=4))

    def _sessions(self, entry: str, generation: str, meaning: Meaning) -> list[Row]:
        """Some sessions that are meant, some that are protected, some that are too young, and some others."""
        chance = self._chance
        kinds = ("webui", "task", "solve") if generation == "current" else ("webui", "task")
        states = ("running", "running", "solving", "queued")
        if entry in DELETING:
            states = ("terminated", "completed", "finished", "failed")
        rows: list[Row] = []
        likely = meaning.kinds or kinds
        for _number in range(14):
            rows.append(
                {
                    "id": self._id(), "kind": chance.choice(likely if chance.random() < 0.8 else kinds),
                    "owner": chance.choice(OWNERS), "app_name": chance.choice(APPS), "state": chance.choice(states),
                    "age": chance.choice((24, 30, 50, 200, 700)) * _HOUR,
                }
            )  # fmt: skip
        by_owner = [name for name in OWNERS if any(meant_by(pattern, name) for pattern in meaning.safe_owners)]
        by_app = [name for name in APPS if any(meant_by(pattern, name) for pattern in meaning.safe_apps)]
        wanted = [name for name in OWNERS if any(meant_by(pattern, name) for pattern in meaning.owners)]
        apps = [name for name in APPS if any(meant_by(pattern, name) for pattern in meaning.apps)]
        free = [name for name in (wanted or OWNERS) if name not in by_owner]
        free_apps = [name for name in (apps or APPS) if name not in by_app]
        for row in rows[:5]:
            row.update(owner=chance.choice(free or OWNERS), app_name=chance.choice(free_apps or APPS))
        for row in rows[5:8]:
            row.update(owner=chance.choice(by_owner or OWNERS), app_name=chance.choice(free_apps or APPS))
        for row in rows[8:9]:
            row.update(owner=chance.choice(free or OWNERS), app_name=chance.choice(by_app or APPS))
        for row in rows[9:11]:
            row.update(owner=chance.choice(free or OWNERS), age=chance.choice((0.1, 0.5, 3, 7.5)) * _HOUR)
        if meaning.rules:
            rules.populate(chance, rows, meaning.rules, OWNERS, APPS)
        if entry in DELETING:
            rows[11]["state"] = rows[12]["state"] = "running"
        elif entry not in ("info", "info by id"):
            rows[11]["state"] = "terminated"
        chance.shuffle(rows)
        return rows

    def _by_id(self, entry: str, sessions: list[Row], options: dict[str, Any], meaning: Meaning) -> None:
        """The ids that are asked for, and those that are protected."""
        chance = self._chance
        if entry in ("by id", "info by id"):
            here = [row["id"] for row in sessions if row["kind"] in meaning.kinds]
            meaning.ids = chance.sample(here, min(len(here), chance.randint(1, 4)))
            if not meaning.ids:
                row = sessions[0]
                meaning.ids, meaning.kinds = [row["id"]], (row["kind"],)
                options["kinds"] = [row["kind"]]
            options["session_ids"] = self._written("session_ids", meaning.ids)
        elif chance.random() < 0.25 and entry not in ("interrupt", *deletions.ENTRIES):
            meaning.safe_ids = [row["id"] for row in chance.sample(sessions, 2)]
            options["protect_session_ids"] = self._written("protect_session_ids", meaning.safe_ids)

    def _moves(self, sessions: list[Row]) -> list[tuple[str, dict[str, Any]]]:
        """What happens in the account after a cache has made its copy."""
        chance = self._chance
        happens: tuple[dict[str, Any], ...] = (
            {"owner": "somebody.else@ROOT"}, {"age": 60.0}, {"owner": "new.owner@EMEA", "age": 120.0},
            {"state": "terminated"}, {"state": "running"}, {"app_name": "Quite Another"},
        )  # fmt: skip
        return [(row["id"], chance.choice(happens)) for row in chance.sample(sessions, 5)]

    def _apply(self, case: Case) -> None:
        """Whether the role is to change anything, in one of the ways to say so."""
        kind = self._chance.choice((TRUE,) * 6 + (FALSE, FALSE, NEITHER))
        case.apply, case.applies = self._chance.choice(kind), kind is TRUE
        if case.apply is not True:
            case.forms.append(f"apply {case.apply!r}")
        case.clear = case.clear and kind is TRUE

    def _surroundings(self, case: Case) -> None:
        """Environment variables, which an explicit option beats."""
        chance = self._chance
        if chance.random() < 0.3:
            case.environment["AIMMS_URL"] = "DECOY"
        if chance.random() < 0.1:
            case.environment |= {"AIMMS_ACCOUNT": chance.choice(("", "another")), "AIMMS_CA_PATH": ""}
        if chance.random() < 0.1:
            case.environment |= {"AIMMS_RETRIES": "", "AIMMS_TIMEOUT": "", "AIMMS_API_GENERATION": ""}
        if "AIMMS_URL" in case.environment and chance.random() < 0.12:
            case.options["account"] = "no-such-account-here"  # its name cannot be resolved
            case.forms.append("account beside AIMMS_URL")
