# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation of the service has a row in docs/operations.md, whose module, option and test exist."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PAGE = ROOT / "docs/operations.md"
MODULES = "ansible_collections.aimms.cloud.plugins.modules"
SESSIONS = {
    "list": ("/sessions/{kind}",),
    "one": ("/sessions/{kind}/{id}",),
    "logs": ("/sessions/logs/{kind}/{id}", "/sessions/{kind}/{id}/logs"),
    "download logs": ("/sessions/{kind}/{id}/logs/download",),
    "terminate": ("DELETE /sessions/{kind}/{id}", "PATCH /sessions/{kind}/{id}/terminate"),
    "delete the record": ("DELETE /sessions/{kind}/{id}",),
    "kinds": ("webui", "task", "solve"),
    "service URI": ("/sessions/{id}/{service}/uri",),
}
"""The vendor's table of the session-manager."""
TASKS = (
    "GET /tasks",
    "GET /tasks/{id}",
    "GET /tasks/{id}/response",
    "GET /tasks/{id}/logs",
    "GET /tasks/{id}/logs/download",
    "PUT /tasks/{id}",
    "DELETE /tasks/{id}",
)
"""The operations of the vendor's published client."""


def rows():
    """The rows of all tables that name a module: operation, paths, module, option and test."""
    if not PAGE.is_file():
        pytest.skip("the documents are not part of this copy")
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 4 and cells[0] not in ("operation", "---"):
            yield cells[0], " ".join(cells[1:-3]), *(cell.strip("`") for cell in cells[-3:])


ROWS = list(rows()) if PAGE.is_file() else []


@pytest.mark.parametrize("operation", SESSIONS)
def test_each_operation_on_sessions_has_a_row_with_its_paths(operation):
    (paths,) = [found[1] for found in rows() if found[0] == operation]
    assert [path for path in SESSIONS[operation] if path not in paths] == []


@pytest.mark.parametrize("request_line", TASKS)
def test_each_operation_on_tasks_is_spoken_of(request_line):
    assert rows()
    assert f"`{request_line}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("operation", "paths", "module", "option", "test"), ROWS, ids=[row[0] for row in ROWS])
def test_module_option_and_test_of_a_row_exist(operation, paths, module, option, test, monkeypatch):
    code = import_module(f"{MODULES}.{module}")
    specs = []
    monkeypatch.setattr(code, "run_module", lambda spec, _run, **_constraints: specs.append(spec))
    code.main()
    assert option in specs[0]
    path, _colons, name = test.partition("::")
    functions = [node.name for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
                 if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]  # fmt: skip
    assert name in functions if name else functions
