# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented examples run. Only the name of the account is replaced, by the address of the emulator."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from plays import ROOT, Ansible, Played

PLUGINS = [*(ROOT / "plugins/modules").glob("aimms_*.py"), *(ROOT / "plugins/lookup").glob("aimms_*.py")]
FILES = sorted(path for path in PLUGINS if not (ROOT / "plugins/action" / path.name).exists())
NAMED_ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
TASK_SESSION_ID = "68ce8ce7c4a6fd1afa97672e7080d645"


def examples(path: Path, url: str = "") -> list[dict[str, Any]]:
    """The tasks in the EXAMPLES of a plugin. With ``url``: of an account at this address."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            text = ast.literal_eval(node.value)
            if url:
                text = text.replace("account: acme\n", f"url: {url}\n").replace("account='acme'", f"url='{url}'")
            tasks: list[dict[str, Any]] = yaml.safe_load(text)
            return tasks
    raise LookupError(f"{path.name} has no EXAMPLES")


PLAYS = {path.stem: examples(path) for path in FILES if "hosts" in examples(path)[0]}
EXAMPLES = [(path.stem, task["name"]) for path in FILES for task in examples(path) if path.stem not in PLAYS]


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, shared_serve: Any) -> dict[str, Played]:
    """The examples of each plugin as one play, on a server of its own."""
    made = {}
    for path in [path for path in FILES if path.stem not in PLAYS]:
        server = shared_serve(sessions=120)
        server.add_session(id=NAMED_ID, age=3600)
        server.add_session(id=TASK_SESSION_ID, kind="task", age=3600)
        server.add_session(count=45, age=7200, owner="chen@PLANNING")
        made[path.stem] = shared_ansible.play(
            *examples(path, server.url),
            server=server,
            environment={"AIMMS_API_KEY": server.admin_key},
            aimms_url=server.url,
        )
    return made


@pytest.mark.parametrize(("plugin", "name"), EXAMPLES)
def test_example_runs(plugin: str, name: str, played: dict[str, Played]) -> None:
    assert not played[plugin][name]["failed"], played[plugin][name]["msg"]


@pytest.mark.parametrize("plugin", PLAYS)
def test_an_example_that_is_a_whole_play_runs(plugin: str, ansible: Ansible, serve: Any) -> None:
    server = serve(sessions=12)
    hosts = {"acme": {"aimms_url": server.url, "aimms_api_key": server.admin_key}}
    run = ansible.run(PLAYS[plugin], hosts=hosts)
    assert run.code == 0, run.output
    assert len(run.on("acme")) > 1


def test_every_module_and_lookup_has_examples_with_names() -> None:
    assert {path.stem for path in FILES} == {*PLAYS, *(plugin for plugin, _name in EXAMPLES)}
    assert len(set(EXAMPLES)) == len(EXAMPLES)


def test_examples_do_what_they_say(played: dict[str, Played]) -> None:
    ended = played["aimms_session_terminate"]
    assert [one["id"] for one in ended["End one session"]["sessions"]] == [NAMED_ID]
    seats = ended["Free seats when more than 40 WebUI sessions are active, the oldest first"]
    assert seats["changed"]
    listed = played["aimms_session_info"]
    assert listed["Count the sessions without returning any"]["sessions"] == []
    counts = listed["Count the sessions without returning any"]["counts"]
    told = listed["Show how many are active, and how many there are of each kind"]["msg"]
    assert told == f"{counts['active']['true']} active, by kind {counts['kind']}"
    team = listed["The ten oldest running sessions of one team, few fields"]["sessions"]
    assert len(team) == 10
    assert all(sorted(one) == ["age_seconds", "id", "kind", "owner"] for one in team)
