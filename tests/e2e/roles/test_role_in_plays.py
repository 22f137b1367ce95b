# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in every shape of a play: it ends what it should and reports it. A new shape is one line of a table.

Each account has three stale sessions, one of them of svc-x@ROOT, which is protected. Proves rules 24 and 38.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import CLEANUP, Run, add_stale, ended, ids

ROLE = f"aimms.cloud.{CLEANUP}"
PYTHON = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
TAGS = "--tags cleanup,other --skip-tags tonight"

PLAYS: dict[str, tuple[int, dict[str, Any]]] = {
    # how many hosts, and the keywords of the play
    "free": (2, {"strategy": "free"}),
    "serial": (2, {"serial": 1}),
    "turns": (2, {"order": "reverse_sorted", "throttle": 1}),
    "fatal": (1, {"any_errors_fatal": True, "max_fail_percentage": 0, "diff": True, "timeout": 600}),
    "silent": (1, {"no_log": True}),
    "becoming": (1, {"become": True}),
    "environment": (1, {"environment": [{"AIMMS_URL": "{{ address }}"}], "vars": {**PYTHON, "aimms_url": ""}}),
}
ROLES: dict[str, dict[str, Any]] = {
    # the role as a task
    "imported": {"ansible.builtin.import_role": {"name": ROLE}},
    "applied": {
        "ansible.builtin.include_role": {"name": ROLE, "public": True, "apply": {"no_log": True, "become": True}}
    },
    "delegated": {"ansible.builtin.import_role": {"name": ROLE}, "delegate_to": "free-1"},
    "rescued": {"block": [{"ansible.builtin.include_role": {"name": ROLE}}], "rescue": [{"ansible.builtin.fail": {}}]},
}
TAGGED: dict[str, tuple[bool, dict[str, Any]]] = {
    # whether the tags of the command line select it
    "tagged": (True, {"ansible.builtin.import_role": {"name": ROLE}, "tags": ["cleanup"]}),
    "twice": (True, {"block": [{"ansible.builtin.import_role": {"name": ROLE}}], "tags": ["other", "cleanup"]}),
    "always": (True, {"ansible.builtin.import_role": {"name": ROLE}, "tags": ["always"]}),
    "untagged": (False, {"ansible.builtin.import_role": {"name": ROLE}}),
    "skipped": (False, {"ansible.builtin.import_role": {"name": ROLE}, "tags": ["cleanup", "tonight"]}),
    "half": (
        False,
        {"ansible.builtin.include_role": {"name": ROLE}, "tags": ["cleanup"]},
    ),  # only the include is tagged
}
HOSTS = [f"{name}-{n}" for name, (number, _play) in PLAYS.items() for n in range(1, number + 1)] + list(ROLES)
HOSTS += [name for name, (selected, _task) in TAGGED.items() if selected]
LEFT_OUT = [name for name, (selected, _task) in TAGGED.items() if not selected]


@dataclass
class Story:
    """The accounts by host, the folder of the reports, and the two runs."""

    accounts: dict[str, Any]
    folder: Path
    runs: list[Run]

    def run(self, host: str) -> Run:
        """The run that has the host."""
        return self.runs[host in TAGGED]


def play_of(hosts: str, keywords: dict[str, Any], *tasks: dict[str, Any]) -> dict[str, Any]:
    made = {"name": hosts, "hosts": hosts, "gather_facts": False, "connection": "local", "vars": PYTHON}
    return {**made, **keywords, **({"tasks": list(tasks)} if tasks else {"roles": [{"role": ROLE}]})}


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Story:
    folder = Path(tmp_path_factory.mktemp("files"))
    sudo = folder / "sudo"  # becomes nobody else, so that it works everywhere
    sudo.write_text('#!/bin/sh\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n')
    sudo.chmod(0o755)
    accounts = {host: start_account() for host in (*HOSTS, *LEFT_OUT)}
    for account in accounts.values():
        add_stale(account, 2)
        add_stale(account, 1, owner="svc-x@ROOT")
    hosts: dict[str, Any] = {host: (account, {}) for host, account in accounts.items()}
    given = {"apply": True, "protect_owners": "svc-*", "report_dir": str(folder), "batch_size": 1, "max_percent": 100}
    extra = {"ansible_become_exe": str(sudo), "address": accounts["environment-1"].url}
    plays = [play_of(f"{name}-*", keywords) for name, (_number, keywords) in PLAYS.items()]
    plays += [play_of(name, {}, task) for name, task in ROLES.items()]
    tagged = [play_of(name, {}, task) for name, (_selected, task) in TAGGED.items()]
    runs = [
        run_cleanup(hosts, plays=plays, extra=extra, **given),
        run_cleanup(hosts, plays=tagged, extra=extra, cmdline=TAGS, **given),
    ]
    return Story(accounts, folder, runs)


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_stale_is_ended_and_what_is_protected_lives(story: Story, host: str) -> None:
    sessions = story.accounts[host].state()["sessions"]
    assert {sessions[key]["owner"] for key in ended(story.accounts[host])} == {"user0@ROOT", "user1@ROOT"}
    assert len(story.accounts[host].changes()) == 2


@pytest.mark.parametrize("host", HOSTS)
def test_the_report_of_the_host_says_what_its_server_was_left_with(story: Story, host: str) -> None:
    report = json.loads((story.folder / f"{host}.json").read_text())
    assert ids(report["terminated"]) == ended(story.accounts[host])
    assert (report["failed"], report["refused"], report["applied"]) == ([], "", True)
    assert (story.run(host).status, story.run(host).failure(host)) == ("successful", "")


@pytest.mark.parametrize("host", LEFT_OUT)
def test_what_the_tags_leave_out_ends_nothing_and_says_nothing(story: Story, host: str) -> None:
    assert story.accounts[host].changes() == []
    assert not (story.folder / f"{host}.json").exists()
