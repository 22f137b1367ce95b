# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of sessions, and the states that count as active or as ended. A new kind or state starts here.

Roles, documentation, extensions and the emulator have copies of the kinds: ``test_states_copies.py`` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

KINDS = ("webui", "task", "solve", "external", "verify")
LEGACY_KINDS = ("webui", "task")
"""The kinds of a server of the legacy generation whose document names none."""
KINDS_ON_REQUEST = ("external", "verify")
"""Changed only where ``kinds`` names them: all users share an external service; a publication waits for ``verify``."""
KINDS_WITH_TASKS = ("task", "solve")
"""The kinds whose sessions may run tasks of the Task API."""
ENDING_STATES = frozenset(
    "closing ending terminating stopping killing finishing cancelling canceling aborting interrupting deleting "
    "exiting quitting shutting_down closing_down tearing_down winding_down shutdown_requested "
    "pending_termination pending_deletion marked_for_termination marked_for_deletion being_terminated".split()
    + [
        f"{end}_requested"
        for end in "termination terminate end ending stop kill close closing cancellation cancel cancelation "
        "abort interrupt interruption delete deletion".split()
    ]
)
"""A session in one of these states is about to end: it still counts as active, and its end is waited for."""
ACTIVE_STATES = frozenset({"queued", "assigned", "launching", "running", "solving", "closing"})
EARLY_STATES = frozenset({"created", "initializing", "ready"})
"""Active states of other generations, before ``running``."""
_WAITING_STATES = frozenset({"created", "queued"})
ENDED_STATES = frozenset(
    "finished terminated completed failed crashed ended closed stopped killed cancelled canceled interrupted "
    "aborted deleted expired error".split()
)
_AFTER_A_RUN = frozenset({"finished", "completed", "crashed", "interrupted"})
_ACTIVE, _ENDING, _ENDED = "active", "ending", "ended"
_LONGEST = 64
_SEPARATORS = re.compile(r"[\s_-]+")
_NO_TYPE = re.compile(r"aimms|sessions?|resource|record|dto|entity|object|item")


@lru_cache(maxsize=1024)
def _letters(text: str) -> str:
    return _SEPARATORS.sub("", text).lower()


def _type(text: str) -> str:
    """A type without the words that every record may have: ``#/WebUISession`` is ``webui``."""
    return _NO_TYPE.sub("", _letters(re.split(r"[:./#]", text[:_LONGEST])[-1]))


_PHASES = {
    **{_letters(state): _ACTIVE for state in ACTIVE_STATES | EARLY_STATES},
    **{_letters(state): _ENDING for state in ENDING_STATES},
    **{_letters(state): _ENDED for state in ENDED_STATES},
}


@lru_cache(maxsize=256)
def _phase(state: str) -> str:
    """The phase of a state, in any spelling: ``SHUTTING_DOWN`` and ``shuttingDown`` are one; '' if it is unknown."""
    return _PHASES.get(_letters(state), "") if len(state) <= _LONGEST else ""


def is_active(state: str) -> bool:
    """Whether it runs, waits, or is about to end."""
    return _phase(state) in (_ACTIVE, _ENDING)


def is_ending(state: str) -> bool:
    """Whether it is about to end, so that nothing but its end is to be waited for."""
    return _phase(state) == _ENDING


def is_ended(state: str) -> bool:
    """Whether it has ended. An unknown state is neither active nor ended."""
    return _phase(state) == _ENDED


def is_waiting(state: str) -> bool:
    """Whether it waits to be started."""
    return _letters(state) in _WAITING_STATES


def may_not_have_run(state: str) -> bool:
    """Whether a session in this state may never have been started: it waits, or its end may have come before."""
    return is_waiting(state) or (is_ended(state) and _letters(state) not in _AFTER_A_RUN)


def same_state(state: str, states: Collection[str]) -> bool:
    """Whether ``state`` is one of ``states``, in any spelling."""
    return state in states or _letters(state) in map(_letters, states)


@lru_cache(maxsize=256)
def kind_of(types: tuple[str, ...], categories: tuple[str, ...], listed: str) -> str:
    """The kind of a record that stood in the list of the kind ``listed``; an unknown type as it is, in lower case.

    :param types: what the record tells as kind and type, in any spelling: ``WebUI Session`` is ``webui``. Where they
        differ, an unknown one counts, or one that must not be changed unasked.
    :param categories: they may be kinds, or anything else.
    """
    told = {_type(text): text.lower()[:_LONGEST] for text in types if _type(text)}
    unknown = [text for kind, text in told.items() if kind not in KINDS]
    known = [kind for kind in (*told, *map(_type, categories)) if kind in KINDS]
    return [*unknown, *(kind for kind in known if kind in KINDS_ON_REQUEST), *known, listed][0]
