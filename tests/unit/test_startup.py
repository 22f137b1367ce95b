# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task imports before it does anything: each thousand lines cost some 20 ms, every task.

A part that few tasks need is imported where it is needed, within a function. What a question about sessions needs to
read the answers (``sessions/answer``) is imported while it waits for the first one.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PLUGINS = ROOT / "plugins"
PREFIX = "ansible_collections.aimms.cloud.plugins.module_utils"
PLUGIN_UTILS = "ansible_collections.aimms.cloud.plugins.plugin_utils."
ON_LOGS = ("logs/", "models/log_line", "openapi/log_filters", "paging/log_pages")
ON_TASKS = ("tasks/", "models/task", "api/task_api")
ON_CHANGES = ("changes/", "sessions/terminate", "sessions/delete", "sessions/watch")


def at_once(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The files, as paths below module_utils, that are imported as soon as these statements run."""
    for node in body:
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{PREFIX}."):
            name = str(node.module)[len(PREFIX) + 1 :].replace(".", "/")
            folder = (PLUGINS / "module_utils" / name).is_dir()
            yield from (f"{name}/{alias.name}".lstrip("/") for alias in node.names) if folder else (name,)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(PLUGIN_UTILS):
            yield f"../plugin_utils/{str(node.module)[len(PLUGIN_UTILS) :]}"
        elif isinstance(node, ast.Try):
            yield from at_once(node.body)
        elif isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
            yield from at_once([*node.body, *node.orelse])


@lru_cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def imported(path: Path) -> set[str]:
    """All parts that come with a file."""
    found: set[str] = set()
    left = [path]
    while left:
        for name in at_once(ast.parse(text(left.pop())).body):
            if name not in found:
                found.add(name)
                left.append(PLUGINS / f"module_utils/{name}.py")
    return found


def lines(path: Path) -> int:
    """The lines of a file and of all that comes with it, without its documentation."""
    own = text(path).partition("\nRETURN = ")[2].partition('\n"""\n')[2]
    return sum(len(text(PLUGINS / f"module_utils/{name}.py").splitlines()) for name in imported(path)) + own.count("\n")


@pytest.mark.parametrize("path", ["modules/aimms_session_info.py", "lookup/aimms_session.py"])
def test_a_question_about_sessions_imports_nothing_on_logs_tasks_and_changes(path):
    files = imported(PLUGINS / path) | imported(PLUGINS / "module_utils/sessions/answer.py")
    assert {"sessions/info", "api/session_manager", "http/client"} <= files
    assert [name for name in files if name.startswith((*ON_LOGS, *ON_TASKS, *ON_CHANGES))] == []


@pytest.mark.parametrize("name", ["terminate", "delete"])
def test_a_change_imports_what_reads_logs_only_when_quiet_for_is_given(name):
    files = imported(PLUGINS / f"modules/aimms_session_{name}.py")
    assert {file for file in files if file.startswith("logs/")} == {"logs/quiet"}
    assert files & {"openapi/log_filters", "paging/log_pages"} == set()
    assert [file for file in files if file.startswith(ON_TASKS)] == []  # only where it asks for tasks


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("modules/aimms_session_info.py", 2890),
        ("module_utils/sessions/answer.py", 5210),
        ("modules/aimms_session_terminate.py", 7520),
        ("modules/aimms_session_delete.py", 7310),
        ("modules/aimms_session_log_info.py", 6100),
        ("modules/aimms_session_log_download.py", 6520),
        ("modules/aimms_task_delete.py", 8830),
        ("modules/aimms_task_info.py", 5300),
        ("modules/aimms_task_interrupt.py", 7850),
        ("modules/aimms_key_info.py", 4340),
        ("modules/aimms_user_info.py", 4215),
        ("lookup/aimms_session.py", 5130),
    ],
)
def test_a_plugin_and_what_it_imports_later_have_few_lines(path, most):
    assert most * 0.8 < lines(PLUGINS / path) < most


def test_this_is_what_python_imports():
    """Where the collection can be imported by its full name, as it can wherever its tests run."""
    program = (
        f"import sys, {PREFIX.rpartition('.')[0]}.modules.aimms_session_info; "
        f"print(*(name for name, module in sys.modules.items() if name.startswith('{PREFIX}.')"
        " and module.__file__), 'yaml' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    made = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    *names, yaml = made.stdout.split()
    assert {name[len(PREFIX) + 1 :].replace(".", "/") for name in names} == imported(
        PLUGINS / "modules/aimms_session_info.py"
    )
    assert yaml == "False"
