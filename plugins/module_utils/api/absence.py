# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an error means that the service has no such thing: a proxy, an ingress or a WAF answers 404 as well."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_ON_REQUEST

_PASSING = (408, 425, 429)
_SHORTEST_NAME = 6  # characters: a shorter id may be a word of any text


def own_words(error: HttpError, name: str) -> bool:
    """Whether the error is the service's own about ``name``: JSON with an id or code of an error, or with the name."""
    if not error.form:
        return False
    # A path is no sign: any gateway repeats it.
    named = len(name) >= _SHORTEST_NAME and re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/-])", error.detail)
    return error.coded or bool(named)


def says_no(error: AimmsError) -> bool:
    """Whether the service itself refuses, for good: no page of a proxy, and nothing that may pass."""
    if isinstance(error, UnsupportedError):
        return True
    return isinstance(error, HttpError) and error.status < 500 and error.status not in _PASSING and own_words(error, "")


def unsure_kinds(refused: Mapping[str, HttpError]) -> list[str]:
    """The kinds of which it is not sure that the service has none, by the errors to the first request for each.

    It says so in its own words, or refuses all ``KINDS_ON_REQUEST`` alike: no proxy tells these from others.
    """
    asked = {kind: error for kind, error in refused.items() if kind in KINDS_ON_REQUEST}
    words = {(e.status, e.form.replace(kind, ""), e.detail.replace(kind, "")) for kind, e in asked.items()}
    alike = len(words) == 1 and len(asked) == len(KINDS_ON_REQUEST)
    return [kind for kind, e in refused.items() if not (alike and kind in asked) and not _no_such_kind(e, kind)]


def _no_such_kind(error: HttpError, kind: str) -> bool:
    named = error.form and re.search(rf"\b(?:{kind}|kind|(?:session|such|unknown) type)\b", error.detail, re.IGNORECASE)
    return own_words(error, kind) or bool(named)


class Absence:
    """The evidence of one run. Safe to use from several threads."""

    def __init__(self, listed: Callable[[str], Optional[Collection[str]]]) -> None:
        """:param listed: returns the ids of a whole, present list of a kind; None if there is no such list."""
        self._listed = listed
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def check(self, error: HttpError, kind: str, name: str) -> None:
        """Return if the service has no ``name``: it says so in its own words, or a whole list does not contain it.

        The words of an error in JSON that a list has confirmed once are the service's own from then on.

        :raises AnswerError: when it is not known.
        """
        form = error.form.replace(name, "")
        if own_words(error, name) or (form and form in self._known):
            return
        with self._lock:
            if form and form in self._known:
                return
            ids = self._listed(kind)
            if ids is None or id_key(name) in map(id_key, ids):
                raise AnswerError(
                    f"{error} It is not known whether the service said so.",
                    "A proxy, an ingress or a WAF may have answered, "
                    + ("and " if ids is None else "as ")
                    + ("no whole list could be read to tell." if ids is None else "a list of the service has it."),
                )
            if form:
                self._known.add(form)
