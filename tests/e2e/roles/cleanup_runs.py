# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbooks of the roles with ansible-runner, and collect results, events and files.

One host is one account, so one run of a playbook can try many cases, each with an emulator and variables of its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import ansible_runner
from emulator.process import EmulatorProcess
from plays import MODULES

CLEANUP, RETENTION, REPORT = "stale_session_cleanup", "session_retention", "session_report"
TASKS = "task_retention"
PLAYBOOKS = {
    CLEANUP: "aimms.cloud.cleanup_stale_sessions",
    RETENTION: "aimms.cloud.purge_session_records",
    REPORT: "aimms.cloud.report_sessions",
    TASKS: "aimms.cloud.purge_tasks",
}
TERMINATE = "aimms.cloud.aimms_session_terminate"
HOUR = 3600.0
ZONE = {"naive_timezone": "UTC"}
"""Of times without a zone, as of the emulator's default dialect."""
USUAL = {**ZONE, "key_warning": "never"}
"""Whose the key is has tests of its own; elsewhere it would only take time."""


class Run:
    """A finished run: what a scheduler sees of it."""

    def __init__(self, runner: Any) -> None:
        self.status: str = runner.status
        self.events: list[dict[str, Any]] = list(runner.events)
        self.stdout = "\n".join(event.get("stdout", "") for event in self.events)
        published = [e["event_data"]["artifact_data"] for e in self.events if e["event"] == "playbook_on_stats"]
        self.artifact: dict[str, Any] = published[0] if published else {}

    def steps(self, name: str, host: str = "localhost") -> list[dict[str, Any]]:
        """The finished steps of a host whose name has ``name`` in it: task, task_action, res and failed."""
        found = []
        for event in self.events:
            told = event.get("event_data", {})
            if event["event"] in ("runner_on_ok", "runner_on_failed") and told["host"] == host and name in told["task"]:
                found.append({**told, "failed": event["event"] == "runner_on_failed"})
        return found

    def lines(self, host: str = "localhost") -> list[str]:
        """What the role shows of a host: the plan before it is carried out, and what came of it."""
        shown: list[str] = []
        for step in self.steps("Show ", host):
            told = step["res"]
            shown += told["lines"] if step["failed"] else told["msg"]
        return shown

    def figures(self, host: str) -> list[str]:
        """The same without the account, the place of the report and what to do next."""
        others = ("account ", "The report is ", "There is no report", "Next: ")
        return [line for line in self.lines(host) if not line.startswith(others)]

    def result(self, host: str = "localhost") -> Any:
        """The fact that the role sets on a host."""
        (step,) = self.steps("Gather the results", host)
        (public,) = [fact for name, fact in step["res"]["ansible_facts"].items() if not name.startswith("_")]
        return public

    def failure(self, host: str = "localhost") -> str:
        """What failed the host; empty when nothing did."""
        failed = [step for step in self.steps("", host) if step["failed"] and not step.get("ignore_errors")]
        return str(failed[-1]["res"]["msg"]) if failed else ""


def ids(sessions: list[dict[str, Any]]) -> set[str]:
    """The ids of sessions."""
    return {session["id"] for session in sessions}


def ended(account: EmulatorProcess) -> set[str]:
    """The ids of the sessions that the server has and that are no longer active."""
    return {key for key, session in account.state()["sessions"].items() if not session["active"]}


def add_stale(account: EmulatorProcess, number: int, **values: Any) -> list[str]:
    """Add running sessions older than a day, of several owners and two kinds; their ids, the youngest first."""
    made = []
    for n in range(number):
        own = {"age": (25 + n) * HOUR, "owner": f"user{n}@ROOT", "kind": ("webui", "task")[n % 2]}
        made.append(account.add_session(**{**own, **values})["id"])
    return made


def play(
    folder: Path,
    collections: str,
    hosts: Any,
    role: str,
    *,
    plays: Any = None,
    cmdline: str = "",
    extra: Any = None,
    fact_cache: Any = None,
    **given: Any,
) -> Run:
    """Run the playbook of a role, or other plays, with variables of the role.

    :param folder: for the files of this run. :param collections: the path on which Ansible finds the collection.
    :param hosts: an emulator, whose key is given in the environment as by a scheduler; or by host a pair of an emulator
        and role variables. :param extra: extra variables. :param fact_cache: the folder of cached facts.
    """
    options: dict[str, Any] = {"playbook": plays or PLAYBOOKS[role], "cmdline": f"--forks 8 {cmdline}"}
    zone = {} if isinstance(hosts, dict) else USUAL
    options.update({"fact_cache": str(fact_cache)} if fact_cache else {})
    modules = MODULES.variables(os.environ)
    python = {"ansible_python_interpreter": modules["ANSIBLE_PYTHON_INTERPRETER"]}
    options["extravars"] = {**python, **_prefixed(role, {**zone, **given}), **(extra or {})}
    environment = modules | {
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AIMMS_ACCOUNT": "",
        "ANSIBLE_PIPELINING": "true",
    }
    if isinstance(hosts, dict):
        inventory = {
            name: {"aimms_url": account.url, "aimms_api_key": account.admin_key, **_prefixed(role, {**USUAL, **own})}
            for name, (account, own) in hosts.items()
        }
        options["inventory"] = {"all": {"hosts": inventory}}
    else:
        environment |= {"AIMMS_URL": hosts.url, "AIMMS_API_KEY": hosts.admin_key}
    return Run(ansible_runner.run(private_data_dir=str(folder), quiet=True, envvars=environment, **options))


def _prefixed(role: str, variables: dict[str, Any]) -> dict[str, Any]:
    return {f"{role}_{name}": value for name, value in variables.items()}
