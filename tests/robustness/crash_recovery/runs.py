"""The runs that are killed: two plays with one module, two roles with ansible-playbook, one as in AWX."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.process import EmulatorProcess

from .account import Account
from .files import Shelf
from .processes import Process, Running

_BIN = Path(sys.executable).parent
_BATCH = 11
_CALLBACKS = Path(__file__).resolve().parents[2] / "e2e/callbacks"
_RECAP = re.compile(r"^localhost +: ok=\d+ +changed=(\d+) .*failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Work:
    """A kind of run. ``report``: the list of changed sessions in the role's report; empty for a play without a role."""

    name: str
    report: str = ""
    playbook: str = ""
    prefix: str = ""
    runner: bool = False

    @property
    def records(self) -> bool:
        """Whether it deletes records of ended sessions."""
        return self.name == "purge"

    def file_of(self, kind: str, session_id: str) -> str:
        """The file name of a session's log."""
        return f"{kind}-{session_id}.log" + (".gz" if self.report else "")


_CLEANUP = ("terminated", "aimms.cloud.cleanup_stale_sessions", "stale_session_cleanup_")
WORKS = {
    work.name: work
    for work in (
        Work("terminate"),
        Work("download"),
        Work("cleanup", *_CLEANUP),
        Work("purge", "deleted", "aimms.cloud.purge_session_records", "session_retention_"),
        Work("runner", *_CLEANUP, runner=True),
    )
}


class Place:
    """The folder of one trial, in which a work is run several times."""

    def __init__(self, folder: Path, work: Work, account: Account, *, verbose: bool, pipelining: bool) -> None:
        """:param pipelining: without it the command line of a module's process has its name."""
        self.folder, self.work, self._account = folder, work, account
        self._verbose, self._pipelining = verbose, pipelining
        self._number = 0
        for name in ("archive", "project", "inventory", "env"):
            (folder / name).mkdir()
        names = {work.file_of(account.kinds[key], key): log for key, log in account.logs.items()}
        self.shelf = Shelf(folder / "archive", folder / "reports", names)
        (folder / "inventory/hosts").write_text("localhost ansible_connection=local\n")
        (folder / "ansible.cfg").touch()
        (folder / "project/site.yml").write_text(json.dumps(self._plays()))
        (folder / "env/extravars").write_text(json.dumps(self._variables()))
        (folder / "env/cmdline").write_text("--forks 4" + (" -vvv" if verbose else ""))

    def run(self) -> Running:
        """Start the work."""
        self._number += 1
        name = f"run-{self._number}"
        if self.work.runner:
            command = [str(_BIN / "ansible-runner"), "run", str(self.folder), "-p", "site.yml", "-i", name]
        else:
            command = [str(_BIN / "ansible-playbook"), "-i", "inventory/hosts", "-e", "@env/extravars"]
            command += [*(["-vvv"] if self._verbose else []), "project/site.yml"]
        return Running(command, self._environment(name), self.folder, name)

    def went_well(self, run: Running) -> bool:
        """Whether the last run reported success.

        ansible-runner exits with 0 even if ansible-playbook was killed, so its status is checked, as AWX does.
        """
        if not self.work.runner:
            return run.code == 0
        status = self.folder / f"artifacts/run-{self._number}/status"
        return run.code == 0 and status.exists() and status.read_text() == "successful"

    def results(self) -> list[dict[str, Any]]:
        """The results of the tasks of the last run of a play."""
        path = self.folder / f"run-{self._number}.results"
        return [json.loads(line)["result"] for line in path.read_text().splitlines()] if path.exists() else []

    def printed(self) -> bytes:
        """All output, results and events."""
        kept = [*self.folder.glob("run-*.out"), *self.folder.glob("run-*.results")]
        kept += [path for path in self.folder.glob("artifacts/*/**/*") if path.is_file() and path.name != "command"]
        return b"\n".join(path.read_bytes() for path in kept) + self.shelf.all_bytes()

    def _plays(self) -> list[dict[str, Any]]:
        if self.work.playbook:
            return [{"ansible.builtin.import_playbook": self.work.playbook}]
        stale = [{"id": key, "kind": self._account.kinds[key]} for key in sorted(self._account.stale)]
        if self.work.name == "download":
            every = {
                "aimms.cloud.aimms_session_info": {"session_ids": [one["id"] for one in stale]},
                "register": "found",
            }
            options: dict[str, Any] = {"sessions": "{{ found.sessions }}", "dest": str(self.folder / "archive") + "/"}
            tasks = [every, {"aimms.cloud.aimms_session_log_download": options}]
        else:
            options = {"older_than": "24h", "protect_owners": ["svc-*"], "interrupt_tasks": "solve"}
            options |= {"grace_period": "6s", "max_sessions": 100}
            tasks = [{"aimms.cloud.aimms_session_terminate": options}]
        return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]

    def _variables(self) -> dict[str, Any]:
        given: dict[str, Any] = {"apply": True, "archive_logs": True, "batch_size": _BATCH, "protect_owners": "svc-*"}
        given |= {"archive_dir": str(self.folder / "archive"), "report_dir": str(self.folder / "reports")}
        given |= {} if self.work.records else {"grace_period": "6s", "max_percent": 100}
        return {f"{self.work.prefix}{name}": value for name, value in given.items()} if self.work.prefix else {}

    def _environment(self, name: str) -> dict[str, str]:
        emulator: EmulatorProcess = self._account.emulator
        dropped = ("ANSIBLE_", "AIMMS_", "PYTEST_", "RUNNER_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        kept = {key: value for key, value in kept.items() if not key.lower().endswith("_proxy")}
        made = {
            "AIMMS_URL": emulator.url,
            "AIMMS_API_KEY": emulator.admin_key,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_PIPELINING": str(self._pipelining).lower(),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        }
        if not self.work.runner:
            results = {"ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "results"}
            made |= {**results, "E2E_RESULTS": str(self.folder / f"{name}.results")}
        return kept | made


def target(run: Running, what: str) -> Process | None:
    """The process to kill: the ``module``, ``ansible-playbook`` or the ``runner``."""
    processes = run.processes()
    if what == "module":
        found = [process for process in processes if process.runs("AnsiballZ_aimms_")]
    else:
        found = [process for process in processes if process.runs(f"ansible-{what}")]
    return found[0] if found else None


def recap(printed: str) -> tuple[int, int] | None:
    """The numbers of changed and failed tasks in Ansible's recap; None if there is no recap."""
    found = _RECAP.search(printed)
    return (int(found[1]), int(found[2])) if found else None
