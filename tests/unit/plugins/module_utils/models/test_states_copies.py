# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles, documentation, extensions and the emulator cannot import the kinds: each list of them there is complete."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.states import (
    KINDS,
    KINDS_ON_REQUEST,
    KINDS_WITH_TASKS,
    LEGACY_KINDS,
)

ROOT = Path(__file__).absolute().parents[5]
CODE = ROOT / "plugins/module_utils"
FOLDERS = ("plugins", "roles", "playbooks", "extensions", "docs", "tests/emulator")
DRAWN = "tests/emulator/account/seed.py"  # the kinds of made-up sessions, some of them several times
ENDINGS = (".py", ".yml", ".yaml", ".j2", ".md", ".rst")
OF_ALL = {
    "docs/docsite/rst/guide_troubleshooting.rst",
    "docs/operations.md",
    "extensions/awx/questions.yml",
    "extensions/eda/plugins/event_source/stale_sessions.py",
    "plugins/doc_fragments/selection.py",
    "plugins/modules/aimms_session_info.py",
    "plugins/modules/aimms_session_log_download.py",
    "plugins/modules/aimms_session_log_info.py",
    "roles/session_report/meta/argument_specs.yml",
    "roles/session_retention/meta/argument_specs.yml",
    "roles/stale_session_cleanup/meta/argument_specs.yml",
    "tests/emulator/account/session.py",
}
OF_THOSE_WITH_TASKS = {
    "plugins/modules/aimms_session_terminate.py",
    "roles/stale_session_cleanup/meta/argument_specs.yml",
}
AS_DOCUMENTED = {  # what the vendor's own pages name
    "tests/emulator/dialects/documents/legacy.yaml": {*LEGACY_KINDS},
    "tests/emulator/dialects/documents/current.yaml": {"webui", "task", "solve"},
}
_KIND = rf"\b(?:{'|'.join(KINDS)})\b"
# Kinds with only punctuation, "and", "or" and the V of V(kind) between them.
_LIST = re.compile(rf"{_KIND}(?:(?:[^A-Za-z0-9]|\b(?:and|or|V)\b){{1,24}}?{_KIND})+")


@lru_cache
def lists() -> list[tuple[str, int, frozenset[str]]]:
    """File, line and kinds of each place outside of module_utils that lists at least two kinds."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in ENDINGS]
    found = []
    for path in sorted(path for path in files if CODE not in path.parents):
        name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        for match in _LIST.finditer(text) if name != DRAWN else ():
            kinds = frozenset(re.findall(_KIND, match.group()))
            found += [(name, text.count("\n", 0, match.start()) + 1, kinds)] if len(kinds) > 1 else []
    return found


def incomplete(kinds: tuple[str, ...], with_tasks: tuple[str, ...]) -> list[tuple[str, int]]:
    """File and line of the lists that do not have all of ``kinds``, nor of ``with_tasks``."""
    return [
        (name, line)
        for name, line, listed in lists()
        if listed not in ({*kinds}, {*with_tasks}, {*KINDS_ON_REQUEST}, AS_DOCUMENTED.get(name))
    ]


def test_each_list_of_kinds_is_complete():
    assert incomplete(KINDS, KINDS_WITH_TASKS) == []


@pytest.mark.parametrize(
    ("kinds", "with_tasks", "copies"),
    [
        ((*KINDS, "new"), KINDS_WITH_TASKS, OF_ALL),
        ((*KINDS, "new"), (*KINDS_WITH_TASKS, "new"), OF_ALL | OF_THOSE_WITH_TASKS),
    ],
    ids=["without tasks", "with tasks"],
)
def test_a_new_kind_is_missing_in_each_copy(kinds, with_tasks, copies):
    assert copies - {name for name, _line in incomplete(kinds, with_tasks)} == set()
