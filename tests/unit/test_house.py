# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of plugins/: which folder may import which, what is pure, who uses the network, names, tests and sizes."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PLUGINS = ROOT / "plugins"
UNITS = PLUGINS / "module_utils"
TESTS = ROOT / "tests/unit/plugins"
PREFIX = "ansible_collections.aimms.cloud.plugins."

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_MODULE, FULLEST_FOLDER = 400, 40, 25, 10

FLOORS = """
    errors workers
    decoding times
    masking
    redaction
    redacted_json
    http models
    selection openapi
    options paging protections remarks
    rules
    api module
    logs
    changes
    sessions tasks users keys
"""
"""Folders and single files of module_utils. Each imports only from itself and from the lines above its own."""

PURE = """
    errors masking decoding times models selection openapi paging protections remarks
    rules/planned rules/policies rules/seats rules/untold rules/versions rules/windows
    redaction redacted_json http/retry http/failures http/error_body
""".split()
"""No network, no files, no clock, no environment: everything comes as an argument."""

STANDARD_LIBRARY_WITHOUT_IO = set(
    "__future__ ast base64 bisect collections collections.abc concurrent.futures dataclasses datetime email.utils "
    "fnmatch functools itertools json math operator re types typing unicodedata urllib.parse yaml".split()
)
"""Of concurrent.futures only the type of a future: threads come as an argument."""
CALLS_WITH_IO = {"open", "input", "print", "exec", "eval", "__import__", "datetime.now", "datetime.utcnow"} | {
    "datetime.today"
}
NETWORK = {"requests", "urllib3", "socket", "ssl", "http", "http.client", "urllib.request"}

FILES = sorted(PLUGINS.rglob("*.py"))
EVERY_FILE = sorted(path for path in PLUGINS.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
MODULES = sorted(path for path in (PLUGINS / "modules").glob("*.py") if not (PLUGINS / "action" / path.name).exists())
"""The module of an action plugin only has its documentation."""
FLOOR = {part: number for number, line in enumerate(FLOORS.split("\n")) for part in line.split()}


@lru_cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@lru_cache
def imported(path):
    """The full names of all imported modules, wherever they stand in the file."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: relative imports hide what is imported"
            folder = PLUGINS / str(node.module)[len(PREFIX) :].replace(".", "/")
            is_folder = f"{node.module}.".startswith(PREFIX) and folder.is_dir()
            found.update(f"{node.module}.{alias.name}" if is_folder else str(node.module) for alias in node.names)
    return found


def own(path):
    """The files of plugins/ that a file imports."""
    names = (name[len(PREFIX) :] for name in imported(path) if name.startswith(PREFIX))
    return {PLUGINS / f"{name.replace('.', '/')}.py" for name in names}


def part(path):
    """The folder or single file of module_utils that a file belongs to."""
    return path.relative_to(UNITS).with_suffix("").parts[0]


def shown(path):
    return str(path.relative_to(PLUGINS).with_suffix(""))


def belongs(path, parts):
    name = str(path.relative_to(UNITS).with_suffix("")) if UNITS in path.parents else ""
    return bool({name, name.partition("/")[0]} & set(parts))


def each(paths):
    return pytest.mark.parametrize("path", sorted(paths), ids=shown)


# Layers


def test_every_folder_has_its_floor():
    assert {part(path) for path in UNITS.rglob("*.py")} == set(FLOOR)


@each(UNITS.rglob("*.py"))
def test_a_file_imports_only_its_own_folder_and_the_floors_above_it_in_the_list(path):
    for other in own(path):
        assert UNITS in other.parents, f"{shown(path)} imports {shown(other)}"
        same = part(other) == part(path) and path.parent != UNITS
        assert same or FLOOR[part(other)] < FLOOR[part(path)], f"{shown(path)} imports {shown(other)}"


def test_no_files_import_each_other():
    def walk(path, above):
        assert path not in above, " -> ".join(map(shown, [*above, path]))
        if path not in done:
            for other in own(path):
                walk(other, [*above, path])
            done.add(path)

    done = set()
    for path in FILES:
        walk(path, [])
    assert len(done) == len(FILES) > 60


@each(path for path in FILES if belongs(path, PURE))
def test_a_pure_file_does_no_io(path):
    outside = {name for name in imported(path) if not name.startswith(PREFIX)}
    assert outside <= STANDARD_LIBRARY_WITHOUT_IO
    for other in own(path):
        assert belongs(other, [*PURE, "workers"]), f"{shown(path)} imports {shown(other)}"
    calls = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    assert calls & CALLS_WITH_IO == set()


def test_only_http_uses_the_network():
    def is_network(name):
        return name in NETWORK or name.split(".")[0] in ("requests", "urllib3")

    found = {path.parent for path in FILES if any(map(is_network, imported(path)))}
    assert found == {UNITS / "http"}


def test_ansible_is_imported_only_where_a_plugin_meets_it():
    found = {shown(path): {name for name in imported(path) if name.split(".")[0] == "ansible"} for path in FILES}
    assert all(found.pop(f"lookup/{name}") for name in ("aimms_session", "aimms_hosts"))
    assert found.pop("plugin_utils/untrusted")
    assert found.pop("action/aimms_awx_step") == {"ansible.errors", "ansible.plugins.action"}
    assert found.pop("action/aimms_role_step") == {"ansible", "ansible.errors", "ansible.utils.vars"}
    assert found.pop("plugin_utils/steps/host_files") == {"ansible.errors", "ansible.plugins.action"}
    filters = [name for name in found if name.startswith("filter/")]
    assert {tuple(found.pop(name)) for name in filters} == {("ansible.errors",)}
    assert {name: modules for name, modules in found.items() if modules} == {
        "module_utils/module": {"ansible.module_utils.basic"},
        "module_utils/options": {"ansible.module_utils.errors"},
    }


# Names


def file_of(module):
    """The file that does the work of a module: ``aimms_session_log_info`` is ``logs/info``."""
    subject, _separator, name = module.removeprefix("aimms_").removeprefix("session_log_").rpartition("_")
    folder = "logs" if module.startswith("aimms_session_log_") else f"{subject}s"
    return UNITS / folder / f"{name}.py"


@each(MODULES)
def test_a_module_imports_the_file_of_its_name(path):
    helpers = {UNITS / "module.py", UNITS / "options.py"}
    assert own(path) - helpers == {file_of(path.stem)}


# Tests


def first_name(path):
    """The name without any suffix: ``page`` of ``page.html.j2``."""
    return path.name.partition(".")[0]


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_each_file_has_a_test_file_of_its_name(path):
    own = TESTS / path.relative_to(PLUGINS).parent / f"test_{first_name(path)}.py"
    assert own.is_file(), f"There is no {own.relative_to(ROOT)}."
    functions = [node.name for node in ast.walk(tree(own)) if isinstance(node, ast.FunctionDef)]
    assert [name for name in functions if name.startswith("test_")] != []


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_each_test_file_is_named_for_a_file_and_perhaps_an_aspect_of_it(path):
    name = first_name(path).removeprefix("test_")
    folder = PLUGINS / path.relative_to(TESTS).parent
    files = {first_name(file) for file in folder.iterdir() if file.is_file()} if folder.is_dir() else set()
    assert [file for file in files if name == file or name.startswith(f"{file}_")] != []


# Sizes


@each(FILES)
def test_a_file_and_its_functions_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert {node.name for node in functions if node.end_lineno - node.lineno >= LONGEST_FUNCTION} == set()


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=lambda path: path.name)
def test_a_folder_is_taken_in_at_a_glance(folder):
    """All but the modules, which Ansible finds in one folder only: there are as many as are documented."""
    if folder.name != "modules":
        assert len([path for path in folder.iterdir() if path.is_file()]) <= FULLEST_FOLDER


@each(MODULES)
def test_a_module_is_documentation_and_little_code(path):
    """All lines of code but imports, documentation, blank ones and comments."""
    documentation = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    code = 0
    for node in tree(path).body:
        names = {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not names & documentation:
            code += node.end_lineno - node.lineno + 1
    assert 0 < code < LONGEST_MODULE
