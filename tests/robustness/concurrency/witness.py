"""What really happened in a race, told from the request log of the emulator alone."""

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
    """Counts: changes by us, of these wrong ones, of these late ones (the session changed after the last read).

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
        """Count another one's too."""
        self.changes += other.changes
        self.wrong += other.wrong
        self.late += other.late
        self.spared += other.spared
        self.windows += other.windows
        self.examples += other.examples


@dataclass(frozen=True)
class Look:
    """What a read showed, and when."""

    subject: Subject
    at: float
    of_task: bool = False


def judge(entries: Iterable[dict[str, Any]], fits: Fits, *, tasks: bool = False) -> Verdict:
    """Judge all changes of one job, one after the other as the emulator acted.

    A change is wrong when the session, as the last read since the listing and the change before it showed it, was
    not the one listed or did not fit; without such a read, when that holds of the session as it was then. Where
    sessions are listed and a task is changed, the read of the task too must show the one listed; whether it fits only
    the read of the session can tell.

    :param fits: whether a session, as it was at a time, is one that the job is for.
    :param tasks: whether the job lists tasks instead of sessions.
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
    """Whether a request is about this session alone."""
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
    """Whether it is the one that was listed; times are compared in whole seconds, as services may write them."""
    names = ("id", "kind", "app_name", "owner")
    return int(listed["created"]) == int(shown["created"]) and all(listed[name] == shown[name] for name in names)
