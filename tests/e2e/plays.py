# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run plays with ansible-playbook of the current environment, and collect the result of each task."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from module_forks import ModuleForks
from prefork import Prefork

ROOT = Path(__file__).resolve().parents[2]
NAME = Path("ansible_collections/aimms/cloud")
GROUP = "group/aimms.cloud.aimms"
PATIENCE = {"retries": 1, "timeout": 10, "max_time": 20}
ZONE = {"naive_timezone": "UTC"}
PREFORK = Prefork()
MODULES = ModuleForks()
Task = dict[str, Any]
Result = dict[str, Any]


def collections_path(folder: Path) -> str:
    """The path on which Ansible finds the collection: of the environment, or a copy made in ``folder``."""
    given = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    if any((Path(entry) / NAME / "plugins").is_dir() for entry in given.split(os.pathsep) if entry):
        return given
    for part in ("plugins", "meta", "roles", "playbooks"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / NAME / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "galaxy.yml", folder / NAME)
    return str(folder)


class Played:
    """A finished run: exit code, output, and results in order or by task name."""

    def __init__(self, code: int, output: str, rows: list[dict[str, Any]]) -> None:
        self.code, self.output, self.rows = code, output, rows

    def __getitem__(self, which: int | str) -> Result:
        for row in self.rows if isinstance(which, str) else [self.rows[which]]:
            if which in (row["task"], row["task"].rpartition(" : ")[2]) or isinstance(which, int):
                return {**row["result"], "failed": row["outcome"] == "failed"}
        raise KeyError(which)

    def on(self, host: str) -> Played:
        """The results of one host."""
        return Played(self.code, self.output, [row for row in self.rows if row["host"] == host])

    def __iter__(self) -> Iterator[Result]:
        return (self[number] for number in range(len(self.rows)))

    def __len__(self) -> int:
        return len(self.rows)


class Ansible:
    """Runs plays with local hosts. Task failures are ignored, so that one play can have several."""

    def __init__(self, folder: Path, collections: str) -> None:
        self._folder, self._collections, self._count, self._runs = folder, collections, 0, 0
        (folder / "ansible.cfg").touch()

    def play(
        self,
        *tasks: Task,
        server: Any = None,
        key: str | None = None,
        defaults: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Played:
        """Run ``tasks``.

        :param server: an emulator, or several by host. Its url and key become module_defaults of the group.
        :param key: another key. :param defaults: more module_defaults. :param options: as for ``run``.
        """
        servers = server if isinstance(server, Mapping) else {"localhost": server}
        hosts = {name: {"url": one.url, "acme_api_key": key or one.admin_key} for name, one in servers.items() if one}
        settings: dict[str, Any] = {"url": "{{ url }}", "api_key": "{{ acme_api_key }}", **PATIENCE} if hosts else {}
        settings.update(defaults or {})
        play: dict[str, Any] = {"name": "E2E test", "hosts": "all", "gather_facts": False, "tasks": list(tasks)}
        play["ignore_errors"] = True
        if settings:
            play["module_defaults"] = {GROUP: settings}
        return self.run([play], hosts=hosts or {"localhost": {}}, **options)

    def run(
        self,
        plays: list[dict[str, Any]],
        *,
        hosts: Mapping[str, Any],
        check: bool = False,
        verbose: int = 0,
        environment: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> Played:
        """Run whole plays on ``hosts`` (name → variables), with extra variables."""
        self._count += 1
        stem = self._folder / f"play-{self._count}"
        files = {name: stem.with_suffix(f".{name}") for name in ("yml", "json", "hosts.yml")}
        files["yml"].write_text(json.dumps(plays), encoding="utf-8")
        files["json"].write_text(json.dumps(variables), encoding="utf-8")
        inventory = {"all": {"hosts": dict(hosts), "vars": {"ansible_connection": "local"}}}
        files["hosts.yml"].write_text(json.dumps(inventory), encoding="utf-8")
        arguments = ["-i", str(files["hosts.yml"]), "-e", f"@{files['json']}"]
        arguments += [*(["--check"] if check else []), *["-v"] * verbose, str(files["yml"])]
        return self.command(*arguments, environment=environment)

    def command(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Played:
        """Run ansible-playbook with these arguments, in the folder."""
        self._runs += 1
        stem = self._folder / f"run-{self._runs}"
        results = stem.with_suffix(".results")
        results.touch()
        added = dict(environment or {})
        used = self._environment(str(results)) | added
        runs = PREFORK.run if PREFORK.fits(added) else _run_alone
        code, output = runs(list(arguments), self._folder, used, stem)
        rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        return Played(code, output, rows)

    def _environment(self, results: str) -> dict[str, str]:
        # A Python without buffers reads a module from its standard input byte by byte: a third of a task's time.
        dropped = ("ANSIBLE_", "AIMMS_", "PYTEST_", "PYTHONUNBUFFERED")
        proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(dropped) and name.lower() not in proxies
        }
        made = kept | {
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).resolve().parent / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_LOCAL_TEMP": str(self._folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(self._folder / "remote"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_FORKS": "4",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "E2E_RESULTS": results,
            "LC_ALL": "C.UTF-8",
        }
        return made | MODULES.variables(made)


def _run_alone(arguments: list[str], folder: Path, environment: dict[str, str], _output: Path) -> tuple[int, str]:
    """A run of the program as it is installed: exit code and output."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), *arguments]
    made = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    return made.returncode, made.stdout + made.stderr


def info(name: str = "info", **options: Any) -> Task:
    """A task that lists sessions. Times without a zone, as of the emulator's default dialect, are UTC."""
    return {"name": name, "aimms.cloud.aimms_session_info": {**ZONE, **options}}


def terminate(name: str = "terminate", **options: Any) -> Task:
    """A task that ends sessions, with the zone as for ``info``."""
    return {"name": name, "aimms.cloud.aimms_session_terminate": {**ZONE, **options}}


def template(expression: str, name: str = "template") -> Task:
    """A task that shows the value of a Jinja expression as ``msg``."""
    return {"name": name, "ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}}


def control(server: Any, method: str, path: str, body: Any = None) -> Task:
    """A task that sends a request to the emulator's control API."""
    options = {"url": f"{server.url}/_emulator{path}", "method": method}
    if body is not None:
        options.update(body=body, body_format="json")
    return {"name": "control", "ansible.builtin.uri": options, "check_mode": False}


def results_of(result: Result) -> dict[str, str]:
    """The result of each session, by id."""
    return {entry["id"]: entry["result"] for entry in result["sessions"]}


def ids_of(sessions: list[Result]) -> list[str]:
    """The sorted ids."""
    return sorted(session["id"] for session in sessions)
