# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a user-manager tells of users and keys: as the vendor's sample has it, and as its document says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, Operation

BASE = "/pro/user-manager/v1"
OWN_INFO, OWN_KEYS, INFO = "own info", "own keys", "info"
PATHS = {
    OWN_INFO: f"{BASE}/user/@current/info",
    OWN_KEYS: f"{BASE}/user/@current/api-key",
    INFO: f"{BASE}/user/{{account}}/{{environment}}/{{user}}/info",
}
"""The paths of the vendor's sample, with the names that stand for what is asked for."""

_SELF = ("current", "me", "self")
_KEYS, _USERS = ("apikey", "apikeys", "keys"), ("user", "users")
_ENDS = {"", "info", "details", "profile"}
_PARAMETER = re.compile(r"\A\{([^{}]*)\}\Z")


def documented_paths(document: Document) -> dict[str, str]:
    """As ``PATHS``, those that the document has; of several the shortest."""
    found: dict[str, str] = {}
    for operation in document.operations():
        what = _what(operation) if operation.method == "GET" else None
        path = _full_path(document, operation)
        if what and len(path) < len(found.get(what, path + " ")):
            found[what] = path
    return found


def _what(operation: Operation) -> Optional[str]:
    """What the operation tells, if it is one of the three and needs nothing else."""
    steps = operation.path.strip("/").split("/")
    names = [name for step in steps for name in _PARAMETER.findall(step)]
    words = [letters_only(step) for step in steps if not _PARAMETER.match(step)]
    if any(one.required for one in operation.query()):
        return None
    if not names and set(words) & set(_SELF):
        rest = [word for word in words if word not in (*_SELF, *_USERS)]
        return OWN_KEYS if rest and rest[-1] in _KEYS else OWN_INFO if set(rest) <= _ENDS else None
    meanings = [*map(_meaning, names)]
    if "user" in meanings and None not in meanings and set(words) <= {*_ENDS, *_USERS, "account", "environment"}:
        return INFO
    return None


def _full_path(document: Document, operation: Operation) -> str:
    """Below the service's own root, whatever stands before it in the document."""
    full = f"{document.server_path()}{operation.path}"
    path = f"{BASE}/{full.partition(f'{BASE}/')[2] or operation.path.lstrip('/')}"
    return "/".join(_renamed(path.split("/")))


def _renamed(steps: list[str]) -> Iterator[str]:
    """The steps of a path, their parameters under the names of ``PATHS``."""
    for step in steps:
        parameter = _PARAMETER.match(step)
        yield f"{{{_meaning(parameter.group(1))}}}" if parameter else step


def _meaning(name: str) -> Optional[str]:
    letters = letters_only(name)
    meanings = (meaning for meaning in ("account", "environment") if letters.startswith(meaning[:3]))
    return next(meanings, "user" if letters in ("user", "username", "name", "login") else None)
