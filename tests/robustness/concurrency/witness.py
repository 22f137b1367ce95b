"""What happened in a race, determined only from the emulator's request log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Subject = dict[str, Any]
Fits = Callable[[Subject, float], bool]
_CHANGING = ("PATCH", "PUT", "DELETE")
_TASKS = "/pro-api/"


@dataclass
class Verdict:
    """Counts: our changes, the wrong ones, and the late ones (the session changed after our last read).

    ``spared`` are the sessions left alone because they had changed;
    ``windows`` are the seconds from the last read to the change; ``examples`` say what went wrong.
    """

    changes: int = 0
    wrong: int = 0
    late: int = 0
    spared: int = 0
    windows: list[float] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Add the counts of another verdict."""
        self.changes += other.changes
        self.wrong += other.wrong
        self.late += other.late
        self.spared += other.spared
        self.windows += other.windows
        self.examples += other.examples


@dataclass(frozen=True)
class Look:
    """The result of a read, and its time."""

    subject: Subject
    at: float
    of_task: bool = False


def judge(entries: Iterable[dict[str, Any]], fits: Fits, *, tasks: bool = False) -> Verdict:
    """Judge all changes of one bulk change, in the order in which they had an effect.

    A change is wrong if the last read of the session (after the list and the change before) did not show the listed
    session, or one that does not match. Without such a read, the session at the time of the change counts. If sessions
    are listed and a task is changed, the last read of the task must also show the listed session.

    :param fits: whether a session, as it was at a time, matches the bulk change.
    :param tasks: whether tasks are listed instead of sessions.
    """
    verdict = Verdict()
    listed: dict[str, Subject] = {}
    read: dict[str, list[Look]] = {}
    spared: set[str] = set()
    changed: set[str] = set()
    acted = [entry for entry in entries if entry.get("acted_at")]
    for entry in sorted(acted, key=lambda one: float(one["acted_at"])):
        at = entry["acted_at"]
        for subject in entry["subjects"]:
            name = subject["id"]
            if entry["method"] in _CHANGING:
                changed.add(name)
                _count(verdict, entry, listed[name], read.pop(name, []), fits)
            elif not _names(entry, subject):
                if entry["path"].startswith(_TASKS) == tasks:
                    listed[name] = subject
            elif name in listed:
                look = Look(subject, at, of_task=entry["path"].startswith(_TASKS) and not tasks)
                read[name] = [look] if not look.of_task else [*read.get(name, []), look]
                if not _due(listed[name], subject, at, fits) and name not in changed:
                    spared.add(name)
    verdict.spared = len(spared - changed)
    return verdict


def _names(entry: dict[str, Any], subject: Subject) -> bool:
    """Whether a request is about this session only."""
    return not {subject["id"], subject["task_id"]}.isdisjoint(entry["path"].split("/"))


def _count(verdict: Verdict, entry: dict[str, Any], listed: Subject, looks: list[Look], fits: Fits) -> None:
    (now,), at = entry["subjects"], entry["acted_at"]
    verdict.changes += 1
    if looks:
        verdict.windows.append(at - looks[-1].at)
    judged = looks or [Look(now, at)]
    fit = next((look for look in judged if not look.of_task), Look(now, at))
    if not all(_same(listed, look.subject) for look in judged) or not fits(fit.subject, fit.at):
        verdict.wrong += 1
        shown = [look.subject for look in judged]
        verdict.examples.append(f"{entry['method']} {entry['path']}: listed {listed}, then {shown}")
    elif not _due(listed, now, at, fits):
        verdict.late += 1


def _due(listed: Subject, shown: Subject, at: float, fits: Fits) -> bool:
    return _same(listed, shown) and fits(shown, at)


def _same(listed: Subject, shown: Subject) -> bool:
    """Whether it is the listed session. Times are compared in whole seconds, because services may write only these."""
    names = ("id", "kind", "app_name", "owner")
    return int(listed["created"]) == int(shown["created"]) and all(listed[name] == shown[name] for name in names)
