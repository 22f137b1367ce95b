# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the roles matches their tasks. Proves rule 14."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
PLUGINS = COLLECTION / "plugins"
ROLES = sorted((COLLECTION / "roles").iterdir())
TASKS = sorted(path for name in ("roles", "playbooks") for path in (COLLECTION / name).rglob("*.yml"))


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_documented_defaults_are_the_defaults(role: Path) -> None:
    options = _load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    assert documented == _load(role / "defaults/main.yml")


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_variable_in_use_is_documented_and_every_documented_one_in_use(role: Path) -> None:
    options = _load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    files = [
        *PLUGINS.glob("plugin_utils/role_*.py"),
        *PLUGINS.glob("plugin_utils/*/*.py"),
        *PLUGINS.glob("action/*.py"),
    ]
    code = "".join(path.read_text() for path in files)
    words = set(re.findall(r"\w+", code))
    short = {name: name.removeprefix(f"{role.name}_") for name in options}
    assert [name for name in options if not any(word.endswith(short[name]) for word in words)] == []
    used = {
        name for path in role.rglob("tasks/*.yml") for name in re.findall(rf"\b{role.name}_[a-z_]+", path.read_text())
    }
    assert used == {f"{role.name}_result"}, "the tasks read what was read once"


@pytest.mark.parametrize("path", TASKS, ids=lambda path: str(path.relative_to(COLLECTION)))
def test_the_key_stands_only_where_it_cannot_leak(path: Path) -> None:
    lines = [
        line.strip()
        for line in path.read_text().splitlines()
        if "api_key" in line and path.name != "argument_specs.yml"
    ]
    assert [line for line in lines if not line.startswith(("#", "api_key: "))] == []
    for words in (r"\benvironment:", "no_log: false"):
        assert not re.search(words, path.read_text())


def test_the_readme_is_short_and_names_all_that_there_is_and_nothing_else() -> None:
    readme = (COLLECTION / "README.md").read_text()
    assert len(readme.splitlines()) <= 80
    options = {
        name for role in ROLES for name in _load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    }
    assert set(re.findall(r"-e '?([a-z_]+)=", readme)) <= options
    plugins = {path.stem for folder in ("modules", "lookup", "filter") for path in (PLUGINS / folder).glob("[a-z]*.py")}
    plugins -= {path.stem for path in (COLLECTION / "plugins/action").glob("*.py")}  # steps of the roles
    playbooks = {path.stem for path in (COLLECTION / "playbooks").glob("*.yml")}
    there = plugins | playbooks | {role.name for role in ROLES}
    assert set(re.findall(r"(?<!/)aimms\.cloud\.([a-z_]+)", readme)) <= there
    assert {name for name in there if not re.search(rf"\b{name}`", readme)} == set()
