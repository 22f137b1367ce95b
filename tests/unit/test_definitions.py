# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One definition of each option: argument specs, documentation and environment agree. Proves rule 12 (no_log)."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION, SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch import WATCH
from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import (
    PLUGINS,
    documented,
    said,
)

ROOT = Path(__file__).absolute().parents[2]
ACTIONS = {path.stem for path in (ROOT / "plugins/action").glob("*.py")}
MODULES = sorted({path.stem for path in (ROOT / "plugins/modules").glob("*.py")} - ACTIONS)
SOURCE = ROOT / "extensions/eda/plugins/event_source/stale_sessions.py"
OF_ANSIBLE = {"aimms_hosts"}
"""Lookups that ask the service nothing."""
LOOKUPS = sorted({path.stem for path in (ROOT / "plugins/lookup").glob("*.py")} - OF_ANSIBLE)
FILTERS = sorted(path.stem for path in (ROOT / "plugins/filter").glob("*.py"))
BELONGS = ("type", "elements", "default", "choices", "required", "no_log", "fallback", "options", "aliases")


@pytest.fixture(params=MODULES)
def module(request):
    return import_module(f"{PLUGINS}.modules.{request.param}"), documented("modules", request.param)


@pytest.fixture
def spec(module, monkeypatch):
    """The options that a module hands to the runner; it adds those of the connection."""
    code, _options = module
    handed = []
    monkeypatch.setattr(code, "run_module", lambda spec, _run, **_constraints: handed.append(spec))
    code.main()
    return handed[0]


def test_there_are_modules_and_a_lookup():
    assert {"aimms_session_info", "aimms_session_terminate"} <= set(MODULES)
    assert LOOKUPS == ["aimms_session"]


def test_the_specification_of_a_module_equals_its_documentation(module, spec):
    _code, options = module
    every = {**CONNECTION, **spec}
    assert {name: said(entry) for name, entry in options.items()} == {
        name: said(entry) for name, entry in every.items()
    }


def test_a_specification_holds_nothing_that_is_not_compared(spec):
    for name, entry in {**CONNECTION, **spec}.items():
        assert set(entry) <= set(BELONGS), name


def test_every_option_of_a_module_is_described(module):
    _code, options = module
    assert [name for name, entry in options.items() if not entry.get("description")] == []


@pytest.mark.parametrize("name", LOOKUPS)
def test_the_lookup_has_the_options_of_the_info_module_with_the_same_values(name):
    own = {option: said(entry) for option, entry in documented("lookup", name).items() if option != "_terms"}
    info = {option: said(entry) for option, entry in documented("modules", "aimms_session_info").items()}
    del info["include_costs"]  # adds to the result of the module; the lookup returns sessions only
    assert {option for option in own if own[option] != info.get(option)} == set()
    assert set(own) == set(info)


def test_the_connection_options_are_those_of_the_contract():
    assert list(CONNECTION) == (
        "account url api_key validate_certs ca_path timeout retries max_time api_generation page_size".split()
    )


def test_no_other_option_has_a_fallback(spec):
    assert [name for name, entry in spec.items() if "fallback" in entry] == []


@pytest.mark.parametrize("part", ["EXAMPLES", "RETURN"])
def test_examples_and_results_are_yaml_and_not_empty(module, part):
    code, _options = module
    assert yaml.safe_load(getattr(code, part))


def test_examples_name_only_options_that_exist(module):
    code, options = module
    own = f"aimms.cloud.{code.__name__.rpartition('.')[2]}"
    tasks = [task for item in yaml.safe_load(code.EXAMPLES) for task in item.get("tasks", [item])]
    used = [task[own] for task in tasks if own in task]
    assert used
    assert {name for arguments in used for name in arguments} <= set(options)


def test_the_options_of_the_event_source_are_those_that_it_documents():
    assignments = [node for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    documentation = next(node.value for node in assignments if ast.unparse(node.targets[0]) == "DOCUMENTATION")
    options = yaml.safe_load(ast.literal_eval(documentation))["options"]
    assert {name: said(entry) for name, entry in options.items()} == {
        name: said(entry) for name, entry in WATCH.items()
    }
    assert {*CONNECTION, *SELECTION} <= set(options)
    for name, entry in CONNECTION.items():
        assert f"E({entry['fallback'][1][0]})" in str(options[name]["description"])


@pytest.mark.parametrize("name", FILTERS)
def test_the_documentation_of_a_filter_is_whole(name):
    code = import_module(f"{PLUGINS}.filter.{name}")
    told = yaml.safe_load(code.DOCUMENTATION)
    assert (told["name"], told["version_added"]) == (name, "1.0.0")
    assert set(yaml.safe_load(code.RETURN)) == {"_value"}
    assert f"aimms.cloud.{name}" in code.EXAMPLES
    options = set(told["options"]) - {"_input"}
    assert options == set(code.__dict__[name].__annotations__) - {"sessions", "report", "return"}


def test_the_key_is_secret_and_nothing_else():
    assert [name for name, option in CONNECTION.items() if option.get("no_log")] == ["api_key"]
