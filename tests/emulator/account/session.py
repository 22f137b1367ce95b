"""One session as the emulated service knows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .clock import iso

KINDS = ("webui", "task", "solve", "external", "verify")
APART = ("external", "verify")
"""Kinds that have no list of their own."""
ACTIVE = frozenset(
    "created initializing ready queued assigned launching running solving closing termination_requested".split()
)
ENDING = frozenset({"terminating", "stopping", "killing", "termination_requested"})
"""States in which somebody has asked for the end, which has not come yet."""
Line = tuple[float, str]
"""A log line: time in POSIX seconds, and text."""


@dataclass(eq=False, slots=True)
class Log:
    """Cached lines of a session's log, valid while `made_from` is the same, and cached selections of them."""

    made_from: tuple[object, ...]
    lines: list[Line]
    selections: dict[tuple[float | None, float | None, str | None], list[Line]] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Session:
    """A session: what the API shows, what was done to it and by whom, and what will happen to it.

    `transitions` are its next states with their times; `schedule_version` changes when they are replaced.
    """

    id: str
    kind: str
    state: str
    app_name: str
    app_version: str
    owner: str
    created: float
    started: float | None = None
    ended: float | None = None
    message: str = ""
    description: str = ""
    name: str = ""
    transitions: deque[tuple[float, str]] = field(default_factory=deque)
    schedule_version: int = 0
    ended_by: str | None = None
    ended_how: str | None = None
    terminate_at: float | None = None
    terminate_requests: int = 0
    interrupt_requests: int = 0
    gets: int = 0
    hidden: bool = False
    removed: str | None = None  # how it was removed: delete, record_destroyed, churn, replaced, control
    removed_by: str | None = None
    replaced: bool = False
    appeared: bool = False
    task_id: str | None = None
    group_index: int | None = None  # of a repeated task: all runs share the task id, each has its own index
    logon_token: str = ""
    last_log: float | None = None
    log_count: int = 12
    log_records: list[Line] | None = None  # lines given by a test, instead of generated ones
    log: Log | None = None
    log_bytes: int = 0  # size of the download; filled up to it after the last line
    log_text: str = ""  # what it is filled up with: one of log_texts.TEXTS; empty: the same line again and again
    overrides: dict[str, Any] | None = None  # canonical field → value that the API shows instead
    omitted: frozenset[str] = frozenset()  # canonical fields that the API leaves out
    cached_json: bytes | None = None

    @property
    def active(self) -> bool:
        """Whether its state is one of the active ones."""
        return self.state in ACTIVE

    @property
    def task_key(self) -> tuple[str, int] | None:
        """Id and index of its task; None if it has none."""
        return None if self.task_id is None else (self.task_id, self.group_index or 0)

    def subject(self) -> dict[str, Any]:
        """The fields that identify it or select it, for the request log."""
        return {
            "id": self.id, "kind": self.kind, "state": self.state, "app_name": self.app_name,
            "app_version": self.app_version, "owner": self.owner, "created": self.created, "task_id": self.task_id,
        }  # fmt: skip

    def canonical(self) -> dict[str, Any]:
        """The session as the control API shows it: its real state, without overrides."""
        return {
            "id": self.id, "kind": self.kind, "state": self.state, "active": self.active and self.removed is None,
            "app_name": self.app_name, "app_version": self.app_version, "owner": self.owner,
            "created_at": iso(self.created), "started_at": iso(self.started), "ended_at": iso(self.ended),
            "message": self.message, "description": self.description,
            "task_id": self.task_id, "group_index": self.group_index or 0,
            "ended_by": self.ended_by, "ended_how": self.ended_how, "terminate_at": iso(self.terminate_at),
            "terminate_requests": self.terminate_requests, "interrupt_requests": self.interrupt_requests,
            "gets": self.gets, "hidden": self.hidden, "removed": self.removed, "removed_by": self.removed_by,
            "record_destroyed": self.removed == "record_destroyed", "replaced": self.replaced,
            "appeared": self.appeared, "last_log_at": iso(self.last_log), "logon_token": self.logon_token,
        }  # fmt: skip
