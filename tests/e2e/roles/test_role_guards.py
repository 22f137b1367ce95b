# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the role hold whatever the play around it says. A new play or value is one line of a table.

Each account has stale sessions, one of them of svc-x@ROOT, which is to be protected. Proves rules 18 and 24.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import CLEANUP, Run, add_stale, ended, ids

PROTECTED = "svc-*"
PLANS = {"older_than": "{{ item }}", "report_dir": "{{ folder }}", "protect_owners": PROTECTED}
TERMINATE = "aimms.cloud.aimms_session_terminate"
WRONG = {"older": "2d"}  # the role has no such variable

PLAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ignored": ({"ignore_errors": True}, {**WRONG, "protect_owners": PROTECTED}),
    "ignored_type": ({"ignore_errors": True}, {"batch_size": "many"}),
    "ignored_limit": ({"ignore_errors": True}, {"max_sessions": 1, "protect_owners": PROTECTED}),
    "ignored_folder": ({"ignore_errors": True}, {"report_dir": "/dev/null/reports"}),
    "defaults": ({"module_defaults": {TERMINATE: {"protect_owners": ["svc-*"]}}}, {}),
    "defaults_both": ({"module_defaults": {TERMINATE: {"protect_owners": ["svc-*"]}}}, {"protect_owners": "nobody@X"}),
    "checked": ({"check_mode": True}, {}),
    "empty_plan": ({}, {"plan": ""}),
    "blank_plan": ({}, {"plan": " \n"}),
    "no_bool": ({}, {"archive_logs": "maybe"}),
    "null_bool": ({}, {"archive_logs": None}),
    "nested": ({}, {"protect_owners": {"owner": "svc-*"}}),
    "template": ({}, {"protect_owners": "{{ '{{' }} name }}"}),
}
"""Keywords of the play and variables of the role, with which nothing may be ended."""

ARCHIVED = ["y", "t", "True\n", 1.0]
"""Ways to write that logs are saved before sessions end; all of them are in the unit test of ``role_variables``."""

PROTECTIONS: dict[str, Any] = {
    "text": "svc-*, nobody@X",
    "lines": "nobody@X\r\nsvc-*\r\n",
    "json": '["svc-*"]',
    "yaml": "- svc-*\n- nobody@X",
    "variable": ["{{ services }}", "nobody@X"],
}
"""Ways to write a protection of svc-x@ROOT."""


def one_play(name: str, keywords: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    role = {f"{CLEANUP}_{key}": value for key, value in {"apply": True, **variables}.items()}
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "services": ["svc-*"]}
    # A run ends where all hosts of a play have failed: one host has nothing to do.
    role["when"] = "inventory_hostname != 'calm'"
    play = {"name": name, "hosts": f"{name}:calm", "gather_facts": False, "connection": "local", "vars": python}
    return {**play, "roles": [{"role": f"aimms.cloud.{CLEANUP}", **role}], **keywords}


def looped(name: str, folder: str, values: list[str], **variables: Any) -> dict[str, Any]:
    """A play that runs the role in a loop whose variable is ``item``, as tasks of people do."""
    play = one_play(name, {}, {})
    role = {f"{CLEANUP}_{key}": value for key, value in {**PLANS, **variables}.items()}
    task = {
        "ansible.builtin.include_role": {"name": f"aimms.cloud.{CLEANUP}"},
        "loop": values,
        "vars": {**role, "folder": folder},
        "when": "inventory_hostname != 'calm'",
    }
    return {**play, "roles": [], "tasks": [task]}


class Story:
    """The accounts by host, and the run of all plays."""

    def __init__(self, accounts: dict[str, Any], folder: Path, run: Run) -> None:
        self.accounts, self.folder, self.run = accounts, folder, run


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Story:
    folder = Path(tmp_path_factory.mktemp("files"))
    plays = [one_play(name, *made) for name, made in PLAYS.items()]
    hosts: dict[str, tuple[Any, dict[str, Any]]] = {}
    held = start_account()
    _fill(held)
    accounts = dict.fromkeys(PLAYS, held)
    for number, written in enumerate(ARCHIVED):
        name = f"archived-{number}"
        accounts[name] = start_account()
        add_stale(accounts[name], 1)
        hosts[name] = (accounts[name], {"archive_logs": written, "archive_dir": str(folder / "logs")})
    for name, written in PROTECTIONS.items():
        accounts[f"protected-{name}"] = start_account()
        _fill(accounts[f"protected-{name}"])
        hosts[f"protected-{name}"] = (accounts[f"protected-{name}"], {"protect_owners": written})
    plays.append(one_play("archived-*:protected-*", {}, {"max_percent": 100}))
    for name in ("looped", "again", "once-1", "once-2", "calm"):
        accounts[name] = start_account()
        _fill(accounts[name])
    plays.append(looped("looped", str(folder / "looped"), ["30h", "90d"], apply=True))
    plays.append({**one_play("once-*", {}, {"protect_owners": PROTECTED}), "hosts": "once-*"})
    plays[-1]["roles"][0]["run_once"] = True
    again = one_play("again", {}, {"protect_owners": PROTECTED, "report_dir": str(folder / "again")})
    again["roles"][0]["when"] = [f"{CLEANUP}_result is not defined", "inventory_hostname != 'calm'"]
    plays.append(again)
    hosts.update({name: (account, {}) for name, account in accounts.items() if name not in hosts})
    return Story(accounts, folder, run_cleanup(hosts, plays=plays))


def _fill(account: Any) -> None:
    add_stale(account, 2)
    add_stale(account, 1, owner="svc-x@ROOT")


@pytest.mark.parametrize("name", PLAYS)
def test_nothing_is_ended(story: Story, name: str) -> None:
    assert ended(story.accounts[name]) == set()
    assert story.accounts[name].changes() == []
    if name != "checked":
        assert story.run.failure(name) != ""
    assert story.run.steps("of batch", name) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ignored", "stale_session_cleanup_older: the role has no such variable."),
        ("ignored_limit", "set stale_session_cleanup_max_sessions=2 to allow it."),
        ("defaults", "module_defaults of the play have its options for aimms.cloud.aimms_session_terminate"),
        ("defaults_both", "Set the variables of the role instead"),
        ("empty_plan", "stale_session_cleanup_plan: it is empty, so the plan never came."),
        ("no_bool", "stale_session_cleanup_archive_logs"),
        ("null_bool", "stale_session_cleanup_archive_logs"),
        ("template", "stale_session_cleanup_protect_owners: "),
    ],
)
def test_it_is_said_why(story: Story, name: str, said: str) -> None:
    assert said in story.run.failure(name)


@pytest.mark.parametrize("number", range(len(ARCHIVED)), ids=map(repr, ARCHIVED))
def test_true_is_true_in_every_spelling_of_ansible(story: Story, number: int) -> None:
    name = f"archived-{number}"
    assert story.run.failure(name) == ""
    (gone,) = ended(story.accounts[name])
    assert [path.name.partition("-")[2] for path in (story.folder / "logs" / name).iterdir()] == [f"{gone}.log.gz"]


@pytest.mark.parametrize("name", PROTECTIONS)
def test_a_protection_protects_however_it_is_written(story: Story, name: str) -> None:
    account = story.accounts[f"protected-{name}"]
    sessions = account.state()["sessions"]
    assert story.run.failure(f"protected-{name}") == ""
    assert {sessions[key]["owner"] for key in ended(account)} == {"user0@ROOT", "user1@ROOT"}


def test_a_loop_variable_of_the_caller_is_read_once(story: Story) -> None:
    """Ages of 25 and 26 hours: neither the first nor the second turn selects them, whatever the role loops over."""
    assert ended(story.accounts["looped"]) == set()
    assert json.loads((story.folder / "looped/looped.json").read_text())["applied"] is True
    assert story.run.failure("looped") == ""


def test_run_once_counts_once_and_names_the_hosts_that_are_left_out(story: Story) -> None:
    first, second = story.accounts["once-1"], story.accounts["once-2"]
    assert len(ended(first)) == 2
    assert ended(second) == set()
    assert second.requests() == []
    (read,) = story.run.steps("Read the variables", "once-1")
    assert [text for text in read["res"]["warnings"] if "not at those of the other hosts (1): once-2." in text]


def test_a_condition_that_changes_on_the_way_leaves_nothing_out(story: Story) -> None:
    assert len(ended(story.accounts["again"])) == 2
    assert ids(story.run.result("again")["terminated"]) == ended(story.accounts["again"])


def test_nothing_is_printed_that_nobody_can_read(story: Story) -> None:
    lines = [line for line in story.run.stdout.splitlines() if "argument_spec_data" not in line]  # Ansible's own
    assert max(map(len, lines)) < 2000
    assert story.run.stdout.count("PLAY [") == len(PLAYS) + 4
