"""Other actors: people, schedulers and other runs, who change sessions while a client works with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..account.session import ACTIVE, ENDING, Session
from ..account.store import Store
from .rule import Rule

KINDS = ("end", "ending", "reuse", "reown", "remove", "start")
NAME = "another"
"""`ended_by` and `removed_by` of what an actor did."""


@dataclass
class Actor(Rule):
    """Does something to one session when a request of its rule comes: to the one in the path, else to any active one.

    - `end`: it has ended. - `ending`: it has `state`, and ends after `seconds` (None: never).
    - `reuse`: a new session of another owner has its id. - `reown`: only its owner is another.
    - `remove`: its record is gone. - `start`: a new session of the same kind is there, beside it.
    """

    when: str = "after"  # before or after the service acts on the request
    ids: list[str] | None = None  # only these sessions
    state: str = "terminating"
    seconds: float | None = 0.5
    did: list[str] = field(default_factory=list)  # ids, in order

    @classmethod
    def make(cls, values: dict[str, Any]) -> Actor:
        """Make an actor from JSON. Raises ValueError for an unknown field, kind, time or state."""
        made = cls.of(values)
        if made.kind not in KINDS:
            raise ValueError(f"kind is one of: {', '.join(KINDS)}")
        if made.when not in ("before", "after"):
            raise ValueError("when is one of: before, after")
        if made.state not in ENDING | ACTIVE:
            raise ValueError(f"state is one of: {', '.join(sorted(ENDING | ACTIVE))}")
        return made


class Actors:
    """The other actors of an account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rules: list[Actor] = []

    def act(self, when: str, method: str, target: str) -> None:
        """Let all actors act that a request concerns. :param when: before or after. :param target: path and query."""
        for actor in self.rules:
            if actor.when == when and actor.fits(method, target):
                session = self._whom(actor, target)
                if session is not None and actor.hit(method, target):
                    actor.did.append(session.id)
                    self._do(actor, session)

    def _whom(self, actor: Actor, target: str) -> Session | None:
        """The session in the path; of a request about no single one, any active one."""
        self._store.advance()
        pieces = target.partition("?")[0].split("/")
        named = [found for piece in pieces if (found := self._store.sessions.get(piece))]
        able = named or [found for found in self._store.sessions.values() if found.active]
        able = [found for found in able if actor.ids is None or found.id in actor.ids]
        return actor.rng.choice(sorted(able, key=lambda found: found.id)) if able else None

    def _do(self, actor: Actor, session: Session) -> None:
        store, now = self._store, self._store.clock.now()
        if actor.kind == "remove":
            store.remove(session, "control", NAME)
        elif actor.kind in ("reuse", "reown"):
            store.replace(session, only_owner=actor.kind == "reown")
        elif actor.kind == "start":
            made = store.seeder.new_session(session.kind, now, session.owner, session.app_name, session.app_version)
            made.appeared = True
            store.add(made)
        elif session.active or session.state in ENDING:
            delay = 0.0 if actor.kind == "end" else actor.seconds
            store.end(session, NAME, "actor", "terminated", 1e9 if delay is None else delay)
            if actor.kind == "ending" and session.state not in ("terminated",):
                store.set_state(session, actor.state, now)
                session.ended = None
