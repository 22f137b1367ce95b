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

ROOT = Path(__file__).absolute().parents[2]
PLUGINS = "ansible_collections.aimms.cloud.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
SOURCE = ROOT / "extensions/eda/plugins/event_source/stale_sessions.py"
LOOKUPS = sorted(path.stem for path in (ROOT / "plugins/lookup").glob("*.py"))
BELONGS = ("type", "elements", "default", "choices", "required", "no_log", "fallback")


def fragment(name):
    """The options of a doc fragment, as ``aimms.cloud.connection.plugin`` names it."""
    file, part = [*name.split(".")[2:], "documentation"][:2]
    fragments = import_module(f"{PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    return yaml.safe_load(getattr(fragments, part.upper())).get("options", {})


def documented(kind, name):
    """All documented options of a plugin: its own over those of its fragments, merged option by option."""
    own = yaml.safe_load(import_module(f"{PLUGINS}.{kind}.{name}").DOCUMENTATION)
    merged = {}
    for options in [*map(fragment, own["extends_documentation_fragment"]), own.get("options", {})]:
        for option, entry in options.items():
            merged[option] = {**merged.get(option, {}), **entry}
    return merged


def said(option):
    """What documentation and specification must agree on, with the defaults of both made plain."""
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "default": option.get("default"),
        "choices": option.get("choices"),
        "required": option.get("required", False),
    }


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
    assert {option for option in own if own[option] != info.get(option)} == set()
    assert set(own) == set(info)


def test_the_connection_options_are_those_of_the_contract():
    assert list(CONNECTION) == (
        "account url api_key validate_certs ca_path timeout retries max_time api_generation".split()
    )


@pytest.mark.parametrize("name", CONNECTION)
def test_the_variable_of_a_connection_option_is_the_same_everywhere(name):
    """In the fallback of modules, in the text of the fragment, and where the lookup finds it: env, ini and vars."""
    variable = f"AIMMS_{name.upper()}"
    _function, variables = CONNECTION[name]["fallback"]
    assert variables == [variable]
    assert f"E({variable})" in " ".join(fragment("aimms.cloud.connection")[name]["description"])
    elsewhere = fragment("aimms.cloud.connection.plugin")[name]
    assert elsewhere["env"] == [{"name": variable}]
    assert elsewhere["vars"] == [{"name": f"aimms_{name}"}]
    ini = [] if name == "api_key" else [{"section": "aimms_cloud", "key": name}]
    assert elsewhere.get("ini", []) == ini


def test_the_lookup_finds_no_option_that_modules_do_not_have():
    assert set(fragment("aimms.cloud.connection.plugin")) == set(CONNECTION)


def test_the_key_is_secret_and_nothing_else():
    assert [name for name, option in CONNECTION.items() if option.get("no_log")] == ["api_key"]


def test_no_other_option_has_a_fallback(spec):
    assert [name for name, entry in spec.items() if "fallback" in entry] == []


def test_the_action_group_is_the_modules_that_exist():
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["aimms"]) == MODULES


def test_the_fields_of_a_session_are_documented_in_the_info_module():
    code = import_module(f"{PLUGINS}.modules.aimms_session_info")
    fields = documented("modules", "aimms_session_info")["fields"]["choices"]
    returned = yaml.safe_load(code.RETURN)["sessions"]["contains"]
    assert list(returned) == [*fields, "service_uri", "raw"]


@pytest.mark.parametrize("part", ["EXAMPLES", "RETURN"])
def test_examples_and_results_are_yaml_and_not_empty(module, part):
    code, _options = module
    assert yaml.safe_load(getattr(code, part))


def test_examples_name_only_options_that_exist(module):
    code, options = module
    own = f"aimms.cloud.{code.__name__.rpartition('.')[2]}"
    used = [task[own] for task in yaml.safe_load(code.EXAMPLES) if own in task]
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
