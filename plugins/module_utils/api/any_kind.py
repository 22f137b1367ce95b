# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds sessions by their ids where nobody says of which kind they are: every kind is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_NOT_OF_THE_KIND = (400, 422)  # what a server may answer to an id of another kind


def with_ids(manager: SessionManager, kinds: Sequence[str], ids: Iterable[str], *, raw: bool = False) -> list[Session]:
    """The sessions of these kinds that have one of the ids, each once. An id that no session has is left out.

    An id of hexadecimal digits that no session has as it was given is asked for in lower case.

    :param raw: as for ``SessionManager.list``. :raises AimmsError: when one cannot be read.
    """
    also = _NOT_OF_THE_KIND if len(kinds) > 1 else ()
    found: dict[str, Session] = {}
    for session_id in {id_key(one): one for one in ids}.values():
        for name in dict.fromkeys((session_id, id_key(session_id))):
            read = [manager.get(kind, name, raw=raw, also=also, any_kind=True) for kind in kinds]
            found.update({session.reference: session for session in read if session is not None})
            if any(read):
                break
    return list(found.values())


def each_one(
    manager: SessionManager, kinds: Sequence[str], ids: Sequence[str], workers: WorkerPool
) -> tuple[list[Session], list[tuple[str, str, str]]]:
    """The sessions that ``only_one`` finds; and of the other ids, id, result (empty: failed) and reason."""

    def find(session_id: str) -> Union[Session, tuple[str, str, str]]:
        try:
            return only_one(manager, kinds, session_id)
        except AimmsError as error:
            return session_id, getattr(error, "result", {}).get("result", ""), str(error)

    found = workers.map(find, ids)
    return [one for one in found if isinstance(one, Session)], [one for one in found if isinstance(one, tuple)]


def only_one(manager: SessionManager, kinds: Sequence[str], session_id: str) -> Session:
    """The session of one of these kinds that has the id.

    :raises RefusedError: when there is none, or when several kinds have the id. AimmsError: when it cannot be read.
    """
    found = with_ids(manager, kinds, [session_id])
    if not found:
        raise RefusedError(f"No session has the id {session_id}.", result={"result": "not_found"})
    if len(found) > 1:
        several = " and ".join(sorted(session.kind for session in found))
        raise RefusedError(f"{session_id} is the id of several sessions: {several}.", "Name the kind too.")
    return found[0]
