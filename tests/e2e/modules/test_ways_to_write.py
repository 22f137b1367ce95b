# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protections in every way that people write them, given to real plays: who lives, who is ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from plays import Ansible, Played, Task
from ways_to_write import REFUSED, WAYS, other_id, populate, protected_id, scope


def literal(value: Any) -> Any:
    """``value`` so that Ansible does not take a template in it for its own."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value} if "{" in value else value
    if isinstance(value, list):
        return [literal(item) for item in value]
    return {name: literal(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def by_lookup(label: str) -> Task:
    """A task that shows the ids that the lookup returns."""
    options = f'scope | combine({{"{WAYS[label].option}": ways["{label}"]}})'
    query = f"query('aimms.cloud.aimms_session', url=url, api_key=acme_api_key, fields=['id'], **({options}))"
    return {
        "name": f"lookup {label}",
        "ansible.builtin.debug": {"msg": "{{ " + query + " }}"},
        "vars": {"scope": scope(label)},
    }


def by_module(label: str) -> Task:
    """A task that ends the two sessions, but for the protected one."""
    options = {**scope(label), WAYS[label].option: '{{ ways["' + label + '"] }}'}
    return {"name": label, "aimms.cloud.aimms_session_terminate": {**options, "wait": False, "max_percent": 100}}


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """The sessions of all ways."""
    return populate(shared_serve(generation="current"))


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any) -> Played:
    """All ways, first with the lookup, then with the module."""
    tasks = [task(label) for task in (by_lookup, by_module) for label in WAYS]
    return shared_ansible.play(*tasks, server=server, ways={label: literal(way.value) for label, way in WAYS.items()})


@pytest.fixture(scope="module")
def state(played: Played, server: Any) -> Any:
    """The server's sessions afterwards, by id."""
    assert len(played) == 2 * len(WAYS)
    return server.state()["sessions"]


@pytest.mark.parametrize("label", WAYS)
def test_protected_session_lives_and_the_other_is_ended(label: str, played: Played, state: Any) -> None:
    result = played[label]
    assert state[protected_id(label)]["state"] == "running", result
    if label in REFUSED:
        assert result["failed"]
        assert state[other_id(label)]["state"] == "running"
        assert f"{WAYS[label].option}: " in result["msg"]
        assert "Traceback" not in str(result)
    else:
        assert not result["failed"], result["msg"]
        assert state[other_id(label)]["ended_how"] == "terminate"
        assert {one["id"]: one["reason"] for one in result["kept"]}[protected_id(label)] == "protected"


@pytest.mark.parametrize("label", WAYS)
def test_lookup_leaves_out_what_is_protected_or_refuses(label: str, played: Played) -> None:
    result = played[f"lookup {label}"]
    assert result["failed"] == (label in REFUSED), result["msg"]
    if label in REFUSED:
        assert f"{WAYS[label].option}: " in result["msg"]
    else:
        assert [session["id"] for session in result["msg"]] == [other_id(label)]


def test_what_is_refused_sends_nothing(played: Played, server: Any) -> None:
    assert len(played) == 2 * len(WAYS)
    assert len(server.changes()) == len(WAYS) - len(REFUSED)
