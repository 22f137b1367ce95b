"""Random sessions and API keys. The same seed and start time give the same account."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from uuid import UUID

from .session import Session

ACCOUNT = "emulated"
USER = "jdoe@ROOT"
OWNERS = (
    "admin@ROOT", USER, "maria.silva@ROOT", "k.nowak@ROOT", "chen@PLANNING", "svc-batch@PLANNING",
    "o.brien@LOGISTICS", "planner01@LOGISTICS", "fatima@EMEA", "svc-nightly@EMEA",
)  # fmt: skip
APPS = {
    "CrewScheduling": ("1.4", "1.5.2", "2.0"),
    "NetworkDesign": ("3.1", "3.2"),
    "Demand Forecast": ("2024.2", "2024.11", "2025.1"),
    "BlendOptimizer": ("1.0.0.12", "1.0.0.14"),
    "TruckLoading": ("0.9", "1.0"),
    "Hello World": ("1.0",),
}
_APPS = [(name, version) for name, versions in APPS.items() for version in versions]
_ALPHABET = string.ascii_letters + string.digits
MESSAGES = {
    "completed": "",
    "finished": "",
    "terminated": "Terminated on request",
    "failed": "Execution error: return code 1",
    "crashed": "The session ended unexpectedly",
}
_DAY = 86400.0


@dataclass(frozen=True)
class Key:
    """An API key: its value, scopes and owner, and for how long it can be used after the start of the emulator.

    An `admin` key sees the sessions of all users. `shown`: what the user-manager tells otherwise of it.
    """

    role: str
    value: str
    scopes: frozenset[str]
    owner: str
    admin: bool
    days: float = 365.0
    shown: Mapping[str, Any] = field(default_factory=dict)

    def under(self, settings: Mapping[str, Any]) -> Key | None:
        """The key with its entry in the setting `keys`; None if it is deleted."""
        entry = settings.get(self.role, {})
        if entry is None:
            return None
        scopes = frozenset(entry.get("scopes", self.scopes))
        return replace(self, scopes=scopes, days=entry.get("days", self.days), shown=entry.get("shown", {}))


def make_keys(seed: int, admin_key: str | None = None) -> dict[str, Key]:
    """The keys of the account by value. `admin_key` replaces the value of the admin's."""
    rng = Random(f"keys-{seed}")
    every = frozenset({"session", "tasks", "authentication", "apikey"})
    made = []
    for role, scopes, owner, admin in (
        ("admin", every, "admin@ROOT", True),
        ("user", every, USER, False),
        ("tasks", frozenset({"tasks"}), "admin@ROOT", True),
        ("session", frozenset({"session"}), "admin@ROOT", True),
        ("second", every, "admin@ROOT", True),
    ):
        value = "".join(rng.choices(_ALPHABET, k=48))
        made.append(Key(role, admin_key if role == "admin" and admin_key else value, scopes, owner, admin))
    return {key.value: key for key in made}


class Seeder:
    """Makes random sessions."""

    def __init__(self, seed: int, generation: str) -> None:
        self._rng = Random(f"sessions-{seed}")
        self._kinds: tuple[str, ...] = ("webui", "webui", "webui", "task", "task", "solve", "solve")
        if generation == "legacy":
            self._kinds = ("webui", "webui", "webui", "task", "task")

    def sessions(self, count: int, now: float) -> Iterator[Session]:
        """`count` sessions of random kind, state and age."""
        for _number in range(count):
            yield self.session(self._rng.choice(self._kinds), now)

    def session(self, kind: str, now: float) -> Session:
        """One session, between seconds and 40 days old."""
        rng = self._rng
        age = 5.0 * (40 * _DAY / 5.0) ** rng.random()
        app, version = rng.choice(_APPS)
        made = self.new_session(kind, now - age, rng.choice(OWNERS), app, version)
        made.created = round(made.created, 3)
        if kind == "webui":
            self._webui_history(made, age)
        else:
            self._batch_history(made, now, age)
        made.last_log = round(made.created + ((made.ended or now) - made.created) * rng.random(), 3)
        return made

    def new_session(self, kind: str, created: float, owner: str, app: str, version: str) -> Session:
        """A running session with a new id that stays in its state. `created`: POSIX seconds."""
        rng = self._rng
        made = Session(self.new_id(kind), kind, "running", app, version, owner, round(created, 3))
        made.started = made.created
        made.last_log = made.created
        made.logon_token = "".join(rng.choices(_ALPHABET, k=40))
        made.log_count = rng.randint(6, 40)
        made.description = f"{app} {version}"
        made.name = made.id if made.id.startswith("webui-") else f"{app} {made.id[:8]}"
        if kind == "task":
            made.task_id = str(UUID(int=rng.getrandbits(128), version=4))
        return made

    def new_id(self, kind: str) -> str:
        """A UUID, or 32 hex digits, or (of some WebUI sessions) `webui-` and a name."""
        draw = self._rng.random()
        if kind == "webui" and draw < 0.3:
            return "webui-" + "".join(self._rng.choices(string.ascii_lowercase + string.digits, k=20))
        bits = self._rng.getrandbits(128)
        return f"{bits:032x}" if draw < 0.6 else str(UUID(int=bits, version=4))

    def _webui_history(self, made: Session, age: float) -> None:
        made.started = round(made.created + min(4.0, age / 2), 3)
        if self._rng.random() < 0.4:
            made.state, made.ended_how = "terminated", "seed"
            made.ended = round(made.created + age * self._rng.uniform(0.3, 0.95), 3)

    def _batch_history(self, made: Session, now: float, age: float) -> None:
        rng, created = self._rng, made.created
        state = rng.choices(
            ("queued", "launching", "running", "solving", "completed", "finished", "terminated", "failed", "crashed"),
            (6, 3, 22, 18, 28, 6, 8, 8, 1),
        )[0]
        made.state = state
        queue = age * rng.uniform(0.01, 0.4)
        made.started = round(created + queue, 3)
        if state == "queued":
            made.started = None
            start = now + rng.uniform(0.5, 6) * 3600
            made.transitions.extend([(start, "launching"), (start + 30, "running"), (start + 3600, "completed")])
        elif state == "launching":
            made.started = None
            start = now + 1800 + rng.uniform(0, 60)
            made.transitions.extend([(start, "running"), (start + 60, "solving"), (start + 7200, "completed")])
        elif state in ("running", "solving"):
            made.transitions.append((now + rng.uniform(2, 400) * 3600, "completed"))
        else:
            made.ended_how = "seed"
            made.ended = round(created + queue + (age - queue) * rng.uniform(0.2, 0.95), 3)
            made.message = MESSAGES[state]
