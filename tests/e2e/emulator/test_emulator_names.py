# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialects with different names for everything: query and path parameters, fields, envelopes, log lines, errors."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
import yaml
from emulator.dialects.dialect import DIALECTS
from plain_client import MANAGER, ask

FIRST = ("legacy", "current")
ANEW = ("current-rows", "current-literal", "legacy-skip")
GET_ONE = {"current-rows": "{sessionType}/{sessionId}", "current-literal": "{sid}", "legacy-skip": "{category}/{guid}"}


def _document(emulator: Any, name: str) -> Any:
    emulator.set(dialect=name)
    return yaml.safe_load(ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body)


def _names(document: Any, places: tuple[str, ...] = ("query", "path")) -> set[str]:
    """The names of all parameters of all operations."""
    entries = [entry for item in document["paths"].values() for found in item.values() for entry in found["parameters"]]
    components = document["components"]["parameters"]
    resolved = [components[entry["$ref"].rsplit("/", 1)[1]] if "$ref" in entry else entry for entry in entries]
    return {entry["name"] for entry in resolved if entry["in"] in places}


def _paths(schema: Any, prefix: str = "") -> set[str]:
    return {
        path
        for name, inner in schema["properties"].items()
        for path in (_paths(inner, f"{prefix}{name}.") if "properties" in inner else {prefix + name})
    }


def test_no_parameter_has_the_same_name_in_two_of_them(start: Any) -> None:
    emulator = start(sessions=0)
    names = {name: {one.lower() for one in _names(_document(emulator, name))} for name in (*FIRST, *ANEW)}
    assert all(len(found) >= 14 for found in names.values())
    for one, other in combinations(names, 2):
        if {one, other} != set(FIRST):
            assert names[one] & names[other] == set(), (one, other)


@pytest.mark.parametrize("name", ANEW)
def test_every_part_of_a_path_that_varies_is_a_parameter(start: Any, name: str) -> None:
    document = _document(start(sessions=0), name)
    placeholders = {found for path in document["paths"] for found in re.findall(r"\{(.+?)\}", path)}
    assert placeholders == _names(document, ("path",))
    assert any(path.startswith("/sessions/") and path.endswith(GET_ONE[name]) for path in document["paths"])


@pytest.mark.parametrize("name", ANEW)
def test_every_parameter_is_described(start: Any, name: str) -> None:
    document = _document(start(sessions=0), name)
    components = document["components"]["parameters"]
    assert set(components) == _names(document)
    assert all(len(entry["description"]) > 12 for entry in components.values())
    dialect = DIALECTS[name]
    for parameter, text in dialect.descriptions.items():
        assert components[dialect.parameter_name(parameter)]["description"].startswith(text)


@pytest.mark.parametrize("part", ["Session", "LogLine", "Error", "SessionList"])
def test_no_schema_is_the_same_in_two_of_them(start: Any, part: str) -> None:
    emulator = start(sessions=0)
    found = [frozenset(_paths(_document(emulator, name)["components"]["schemas"][part])) for name in (*FIRST, *ANEW)]
    assert len(set(found[1:])) == 4


def test_a_kind_can_be_a_word_of_the_path(start: Any) -> None:
    emulator = start(dialect="current-literal", sessions=0)
    paths = _document(emulator, "current-literal")["paths"]
    assert {f"/sessions/{kind}" for kind in ("webui", "task", "solve")} < set(paths)
    assert {"/sessions/webui/{sid}", "/sessions/task/{sid}/terminate", "/sessions/solve/{sid}/logs/download"} < set(
        paths
    )
    ids = [found["operationId"] for item in paths.values() for found in item.values()]
    assert len(ids) == len(set(ids))
    for kind in ("webui", "task", "solve"):
        session = emulator.add_session(kind=kind)
        path = f"{MANAGER}/sessions/{kind}/{session['id']}"
        assert ask(emulator, "GET", path).json()["guid"] == session["id"]
        assert ask(emulator, "GET", f"{path}/logs").json()["result"]["list"]
        assert ask(emulator, "PATCH", f"{path}/terminate").status == 204
        assert emulator.session(session["id"])["ended_how"] == "terminate"
    assert ask(emulator, "GET", f"{MANAGER}/sessions/cron").status == 404


def test_the_legacy_one_terminates_by_delete(start: Any) -> None:
    emulator = start(dialect="legacy-skip", sessions=0)
    session = emulator.add_session(kind="webui")
    path = f"{MANAGER}/sessions/webui/{session['id']}"
    assert [ask(emulator, "DELETE", path).status for _time in range(2)] == [202, 409]
    assert ask(emulator, "GET", path).json()["Status"] == "Terminated"
    assert emulator.state()["record_destroyed"] == []
