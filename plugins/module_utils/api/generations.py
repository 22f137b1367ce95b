# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generation of a session-manager, and what depends on it. Pure.

``DELETE /sessions/{kind}/{id}`` ends a session on the legacy generation and destroys its record on the current one. So
each generation needs evidence in the server's own document; the absence of a route proves nothing. What is neither is
unknown: nothing is changed there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, LEGACY_KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import (
    DELETE,
    LEGACY_LOGS,
    LOGS,
    TERMINATE,
    Route,
    Routes,
)

AUTO = "auto"
_TERMINATES = re.compile(r"\bterminat|\b(?:end|stop|kill)s?\b(?: \w+){0,2} sessions?\b", re.IGNORECASE)
_REPEATS_METHOD = re.compile(
    r"\bdeletes? (?:(?:a|an|the|one) )?(?:(?:webui|task|solve) )?session"
    r"(?: (?:by|with) (?:its |the )?id)?(?=\W*(?:\Z|[.\n]))",
    re.I,
)
_DESTROYS = re.compile(r"delet|remov|destroy|eras|purg|discard|wip(?:e|ing)", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|never|no longer|without)\b(?: \w+){0,2}? (?:delet|remov|destroy|eras|purg)\w*", re.I)


class Generation(NamedTuple):
    """What a server's generation allows.

    ``end``: the operation that ends a session. ``deletes``: whether DELETE deletes the record of a session.
    ``kinds``: the kinds of a server whose document names none. ``documented``: whether a document proves it.
    ``refusal``: why nothing at all may be changed; empty if something may.
    """

    name: str
    end: str = TERMINATE
    deletes: bool = False
    kinds: tuple[str, ...] = KINDS
    documented: bool = True
    refusal: str = ""


LEGACY = Generation("legacy", end=DELETE, kinds=LEGACY_KINDS)
CURRENT = Generation("current", deletes=True)


def generation_of(routes: Routes) -> Generation:
    """The generation that a document describes."""
    if routes.all(TERMINATE):
        return CURRENT
    words = [_says(route) for route in routes.all(DELETE)]
    only_legacy = routes.all(LEGACY_LOGS) and not routes.all(LOGS) and not routes.others
    if words and (set(words) == {TERMINATE} or (only_legacy and DELETE not in words)):
        return LEGACY
    return unknown(f"its OpenAPI document does not tell how a session is ended. {routes.offer()}")


def _says(delete: Route) -> str:
    """What a document says that its DELETE does: ``terminate``, ``delete``, or nothing."""
    # An id such as deleteSession, or a title such as "Delete a session", only repeats the method.
    if _DESTROYS.search(_NEGATED.sub("", _REPEATS_METHOD.sub("", delete.words))):
        return DELETE
    return TERMINATE if _TERMINATES.search(delete.words or delete.id) else ""


def unknown(refusal: str) -> Generation:
    """The generation of a server about which nothing is known, and where nothing is changed."""
    return Generation("unknown", documented=False, refusal=refusal)


def undocumented(wanted: str) -> Generation:
    """The generation of a server that has no document or does not show it. ``wanted``: the option ``api_generation``.

    Sessions are ended by the terminate route, which can destroy nothing. What the option says needs evidence for each
    session before DELETE is sent (``evidence``).
    """
    if wanted == LEGACY.name:
        return Generation(wanted, kinds=LEGACY_KINDS, documented=False)
    return Generation("unknown" if wanted == AUTO else wanted, deletes=wanted == CURRENT.name, documented=False)


def check_option(wanted: str, found: Generation) -> None:
    """:raises UnsupportedError: when the option ``api_generation`` differs from the generation in the document."""
    if found.documented and wanted not in (AUTO, found.name):
        raise UnsupportedError(
            f"api_generation is {wanted}, but the server's OpenAPI document describes the {found.name} one.",
            "Leave api_generation at auto: on the wrong generation DELETE would destroy records.",
        )


def refusal_to_delete(generation: Generation, routes: Routes) -> str:
    """Why DELETE must not be sent to delete a record; empty if it may be sent."""
    if generation.refusal:
        return generation.refusal
    if generation.end == DELETE:
        return "DELETE ends a session there, and no record is ever deleted"
    if not generation.deletes:
        return "it has no readable OpenAPI document, so DELETE might end sessions instead of deleting their records"
    if any(_says(route) == TERMINATE for route in routes.all(DELETE)):
        return f"its OpenAPI document says that DELETE ends a session. {routes.offer()}"
    return ""
