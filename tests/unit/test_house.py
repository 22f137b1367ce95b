# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the house is built: sizes of files and functions, and which part may know which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PREFIX = "ansible_collections.aimms.cloud.plugins.module_utils."
FILES = sorted((ROOT / "plugins").rglob("*.py"))
UNITS = ROOT / "plugins/module_utils"
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_MODULE = 400, 40, 25

ORDER = (
    "errors masking retry duration timestamp bounded yaml_text layout session task selection openapi envelope "
    "paging listing redaction log_line log_filters log_pages diagnosis moment options wire links throttle transport "
    "service ahead session_manager kept task_api change crew readback bulk session_logs silence task_changes "
    "session_changes plan query task_query log_query whole_file log_files job watch ending deleting interrupting runner"
).split()
"""From the ground up: a part may import only parts that stand before it."""

NETWORK = {"requests", "urllib3", "socket", "ssl", "http", "http.client", "urllib.request"}
WIRE = {"transport.py", "links.py", "wire.py"}
PURE = (
    "errors masking retry duration timestamp bounded yaml_text layout session task selection openapi envelope "
    "paging listing "
    "redaction log_line log_filters log_pages diagnosis moment"
).split()
WITHOUT_IO = set(
    "__future__ base64 collections collections.abc dataclasses datetime email.utils fnmatch functools itertools json "
    "math re types typing urllib.parse yaml".split()
)


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """The names of all imported modules, wherever in the file; a collection's own part in full."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: relative imports hide what is imported"
            module = str(node.module)
            within = f"{module}." == PREFIX
            yield from (f"{module}.{alias.name}" for alias in node.names) if within else (module,)


def parts(path):
    """The parts of module_utils that a file imports."""
    return {name[len(PREFIX) :].split(".")[0] for name in imported(path) if name.startswith(PREFIX)}


def shown(path):
    return str(path.relative_to(ROOT))


def test_the_files_are_found():
    assert {"transport.py", "aimms_session_info.py", "aimms_session.py", "connection.py"} <= {
        path.name for path in FILES
    }


def test_no_file_is_too_long():
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long():
    lengths = {
        f"{shown(path)}: {node.name}": node.end_lineno - node.lineno + 1
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert len(lengths) > 100
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/modules").glob("*.py")), ids=lambda path: path.stem)
def test_a_module_is_documentation_and_little_code(path):
    """All lines of code but imports, documentation, blank ones and comments."""
    documentation = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    code = 0
    for node in tree(path).body:
        names = {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not names & documentation:
            code += node.end_lineno - node.lineno + 1
    assert 0 < code < LONGEST_MODULE


def test_only_the_transport_and_the_wire_know_the_network():
    def knows(name):
        return name in NETWORK or name.split(".")[0] in ("requests", "urllib3")

    assert {path.name for path in FILES if any(map(knows, imported(path)))} == WIRE


@pytest.mark.parametrize("name", PURE)
def test_the_pure_parts_import_nothing_that_does_io(name):
    outside = {module for module in imported(UNITS / f"{name}.py") if not module.startswith(PREFIX)}
    assert outside <= WITHOUT_IO
    assert parts(UNITS / f"{name}.py") <= set(PURE)


@pytest.mark.parametrize("name", PURE)
def test_the_pure_parts_read_no_clock_file_or_variable(name):
    calls = {ast.unparse(node.func) for node in ast.walk(tree(UNITS / f"{name}.py")) if isinstance(node, ast.Call)}
    forbidden = {
        "open",
        "input",
        "print",
        "exec",
        "eval",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "__import__",
    }
    assert calls & forbidden == set()


def test_every_part_has_its_place_in_the_order():
    assert {path.stem for path in UNITS.glob("*.py")} - {"__init__"} <= set(ORDER)


@pytest.mark.parametrize("path", sorted(UNITS.glob("*.py")), ids=lambda path: path.stem)
def test_arrows_go_down_only(path):
    below = set(ORDER[: ORDER.index(path.stem)])
    assert parts(path) <= below


def test_only_the_runner_the_options_the_lookup_and_the_filters_know_ansible():
    def knows(name):
        return name.split(".")[0] == "ansible"

    found = {shown(path): set(filter(knows, imported(path))) for path in FILES}
    assert found.pop("plugins/lookup/aimms_session.py")
    filters = [name for name in found if name.startswith("plugins/filter/")]
    assert {tuple(found.pop(name)) for name in filters} == {("ansible.errors",)}
    assert found.pop("plugins/plugin_utils/untrusted.py")
    assert {name: modules for name, modules in found.items() if modules} == {
        "plugins/module_utils/options.py": {"ansible.module_utils.errors"},
        "plugins/module_utils/runner.py": {"ansible.module_utils.basic"},
    }
