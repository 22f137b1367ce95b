"""The collection with one guard removed within a context. The simulations must detect that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from ansible_collections.aimms.cloud.plugins.module_utils.changes import change, list_polling, session_changes
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    Interruption,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import Deletion


@contextmanager
def without_the_read() -> Iterator[None]:
    """A change follows the list without a read in between. The result is still read back."""
    really_read, really_send = Termination.read, BulkExecutor._send

    def read(self: Any, target: Session, *, fresh: bool) -> Session | None:
        return really_read(self, target, fresh=fresh) if target.id in vars(self).get("asked", ()) else target

    def send(self: Any, attempt: Any) -> None:
        vars(self._change).setdefault("asked", set()).add(attempt.target.id)
        really_send(self, attempt)

    with (
        patch.object(Termination, "read", read),
        patch.object(Deletion, "read", read),
        patch.object(Interruption, "read", read),
        patch.object(BulkExecutor, "_send", send),
    ):
        yield


@contextmanager
def by_id_alone() -> Iterator[None]:
    """Any session with the id counts as the listed one."""
    with ExitStack() as stack:
        for module in (change, list_polling, session_changes):
            stack.enter_context(patch.object(module, "difference", lambda _before, _now: ""))
        yield


@contextmanager
def without_selecting_again() -> Iterator[None]:
    """A selected session counts as selected later too."""
    with patch.object(Planner, "fits", lambda _planner, _session: True):
        yield
