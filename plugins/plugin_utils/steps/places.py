# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a role go: each host has its own. Only paths: nothing is read or written here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils import role_variables
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, REPORT, RETENTION, TASKS

Data = dict[str, Any]

_FILES = {CLEANUP: ("json", "markdown", "html", "junit"), RETENTION: ("json", "markdown"), TASKS: ("json", "markdown")}
_ENDINGS = {"markdown": "md", "junit": "xml"}
_UNNAMED = ("localhost", "127.0.0.1", "::1")
_PORT = re.compile(r":([0-9]+)\Z")
_COLLECTION_PLAYBOOK = re.compile(r"/ansible_collections/[^/]+/[^/]+/playbooks")


def place_of(role: str, host: str, hosts: int, account: str, base: str) -> Data:
    """The host, its account, and where its files go.

    ``stem``: the name of reports and archives: the name of the host or, for ``localhost`` alone, of the account.
    ``host_stem``: of files that must be found again however many hosts a run has.

    :param hosts: how many the play has. :param account: empty if it is not known. :param base: the playbook's folder.
    """
    is_named = host not in _UNNAMED or hosts != 1 or not account
    return {
        "role": role,
        "host": host,
        "account": account or host,
        "stem": role_variables.file_stem(host if is_named else _PORT.sub(r"-\1", account)),
        "host_stem": role_variables.file_stem(host),
        "hosts": hosts,
        # The folder of a collection's playbook is among the installed files.
        "base": str(Path.cwd()) if _COLLECTION_PLAYBOOK.search(base) else base,
    }


def path_in(place: Mapping[str, Any], text: str) -> str:
    """A path of the user: a relative one begins at the folder of the playbook."""
    return str(Path(place["base"]) / Path(os.path.expandvars(text.strip())).expanduser())


def path_of_host(place: Mapping[str, Any], text: str) -> str:
    """A path with the name of the host for ``{host}``; in a run over several hosts each has its own anyway."""
    if "{host}" not in text and place["hosts"] > 1:
        path = Path(text.strip())
        text = str(path.with_name(f"{path.stem}-{{host}}{path.suffix}"))
    return path_in(place, text).replace("{host}", place["host_stem"])


def files_of(role: str, settings: Mapping[str, Any]) -> Data:
    """The ``folder`` and ``files`` of the report, None if it is not to be written, and the ``archive`` of the logs."""
    values, stem = settings["given"], settings["stem"]
    folder = values.get("dir" if role == REPORT else "report_dir")
    place = path_in(settings, folder) if folder and not settings["check_mode"] else None
    names = values["formats"] if role == REPORT else _FILES[role]
    files = {name: f"{place}/{stem}.{_ENDINGS.get(name, name)}" for name in names}
    found: Data = {"folder": place, "files": files if place else None}
    if values.get("archive_dir"):
        found["archive"] = f"{path_in(settings, values['archive_dir'])}/{stem}/"
    return found
