"""The collection with one guard taken out, for as long as a context lasts: what the simulations must notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    Deletion,
    Interruption,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session


@contextmanager
def without_the_read() -> Iterator[None]:
    """A change follows the listing, with no read in between; afterwards it is read back as ever."""
    really_read, really_send = Termination.read, BulkExecutor._send

    def read(self: Any, target: Session, attempts: int, fresh: bool) -> Session | None:
        return really_read(self, target, attempts, fresh) if target.id in vars(self).get("asked", ()) else target

    def send(self: Any, outcome: Any) -> None:
        vars(self._change).setdefault("asked", set()).add(outcome.target.id)
        really_send(self, outcome)

    with (
        patch.object(Termination, "read", read),
        patch.object(Deletion, "read", read),
        patch.object(Interruption, "read", read),
        patch.object(BulkExecutor, "_send", send),
    ):
        yield


@contextmanager
def by_id_alone() -> Iterator[None]:
    """What has the id is taken for the session that was listed."""
    with patch.object(Session, "identity", property(lambda session: (session.id, session.kind))):
        yield


@contextmanager
def without_selecting_again() -> Iterator[None]:
    """What was selected once counts as selected for ever."""
    with patch.object(Planner, "fits", lambda _planner, _session: True):
        yield
