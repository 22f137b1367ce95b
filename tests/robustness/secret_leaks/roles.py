"""The playbooks of the roles, run by ansible-runner as by a scheduler. Each host is a situation."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .bench import HOUR, Bench
from .forms import Finder, readable
from .matrix import Matrix
from .servers import DECOY

DAY = 24 * HOUR
PLAYBOOKS = {
    "stale_session_cleanup": "aimms.cloud.cleanup_stale_sessions",
    "session_retention": "aimms.cloud.purge_session_records",
    "session_report": "aimms.cloud.report_sessions",
    "task_retention": "aimms.cloud.purge_tasks",
}
INJECTED, EXTRA = "injected environment", "extra variable"


@dataclass
class PlaybookRun:
    """One run of a playbook. ``hosts``: by situation the variables of the host, and whether it must fail."""

    role: str
    way: str
    hosts: dict[str, tuple[dict[str, Any], bool]]


def situations_of(bench: Bench, role: str, way: str) -> PlaybookRun:
    """The run of a role with all its situations."""
    if role == "session_report":
        return _report_role(bench, role, way)
    archive, limit, choice = "archive_logs", "max_sessions", "kinds"
    if role == "task_retention":
        archive, limit, choice = "archive", "max_tasks", "states"
    url, apply = bench.emulator.url, {f"{role}_apply": True, f"{role}_{archive}": True}
    common: dict[str, Any] = {f"{role}_max_percent": 100, "aimms_retries": 0}
    if role == "stale_session_cleanup":
        common[f"{role}_grace_period"] = "1s"
    if role == "task_retention":
        common[f"{role}_ended_before"] = "10d"
    hosts: dict[str, tuple[dict[str, Any], bool]] = {
        "plan": ({"aimms_url": url}, False),
        "breaker": ({"aimms_url": url, f"{role}_{limit}": 0}, True),
        "wrong-option": ({"aimms_url": url, f"{role}_owners": [], f"{role}_{choice}": "nothing"}, True),
        "applied": ({"aimms_url": url, **apply}, False),
    }
    for status in (401, 500):
        hosts[f"fail-{status}"] = ({"aimms_url": bench.parrot.url(str(status), role), **apply}, True)
    hosts["redirect"] = ({"aimms_url": bench.parrot.url("redirect", role)}, True)
    for name, (variables, _fails) in hosts.items():
        variables.update(
            {
                **common,
                f"{role}_archive_dir": f"{bench.folder}/logs/{name}",
                f"{role}_report_dir": f"{bench.folder}/report",
            }
        )
    return PlaybookRun(role, way, hosts)


def _report_role(bench: Bench, role: str, way: str) -> PlaybookRun:
    """The situations of the role that only reads; its output are its files."""
    url = bench.emulator.url
    hosts: dict[str, tuple[dict[str, Any], bool]] = {
        "applied": ({"aimms_url": url}, False),
        "wrong-option": ({"aimms_url": url, f"{role}_owners": []}, True),
        "wrong-duration": ({"aimms_url": url, f"{role}_stale_after": "5"}, True),
    }
    for name in ("401", "500", "redirect"):
        hosts[name if name == "redirect" else f"fail-{name}"] = ({"aimms_url": bench.parrot.url(name, role)}, True)
    for variables, _fails in hosts.values():
        variables.update({"aimms_retries": 0, f"{role}_dir": f"{bench.folder}/report"})
    return PlaybookRun(role, way, hosts)


def run(bench: Bench, play: PlaybookRun, collections: str, matrix: Matrix, situation: str = "") -> None:
    """Run a play and search what the runner and the role left.

    :param situation: of all hosts; if empty, it is the name of each host.
    """
    interface: Any = import_module("ansible_runner.interface")
    state = "completed" if play.role in ("session_retention", "task_retention") else "running"
    ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 39 * DAY))
    for number in range(3):
        bench.echoes(
            state=state,
            age=(40 + number) * DAY,
            # What is masked in a plan is not the same any more when it is followed: one can be, and the run goes well.
            overrides={"app_name": DECOY} if number == 2 else {},
            **({"ended_at": ended} if state == "completed" else {}),
        )
    folder = bench.folder
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": collections, "AIMMS_ACCOUNT": "", "AIMMS_URL": "", "ANSIBLE_PIPELINING": "true",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_LOG_PATH": f"{folder}/ansible.log", "LEAKS_JOURNAL": str(folder), "ANSIBLE_HOME": f"{folder}/home",
        "AIMMS_API_KEY": bench.key if play.way == INJECTED else "",
    }  # fmt: skip
    extra = {"aimms_api_key": bench.key} if play.way == EXTRA else {}
    (folder / "runner").mkdir()
    inventory = {"all": {"hosts": {name: variables for name, (variables, _fails) in play.hosts.items()}}}
    made = interface.run(
        private_data_dir=str(folder / "runner"), playbook=PLAYBOOKS[play.role], inventory=inventory,
        envvars=environment, extravars=extra, cmdline="--forks 4 --diff", verbosity=5, quiet=True,
    )  # fmt: skip
    _search(bench, play, made, matrix, situation)


def _search(bench: Bench, play: PlaybookRun, made: Any, matrix: Matrix, situation: str) -> None:
    finder = Finder([bench.key, *bench.keys])
    folder, events = bench.folder, list(made.events)
    for name, (_variables, fails) in play.hosts.items():
        own = [event for event in events if event.get("event_data", {}).get("host") == name]
        bad = any(e["event"] == "runner_on_failed" and not e["event_data"].get("ignore_errors") for e in own)
        if not own or bad != fails:
            matrix.miss(play.role, play.way, situation or name, f"failed: {bad}, meant: {fails}")
        texts = {"runner events": json.dumps(own), "runner output": "\n".join(event["stdout"] for event in own)}
        texts["saved reports"] = _read(folder / "report", f"{name}.*")
        texts["saved logs"] = _read(folder / "logs" / name, "*")
        matrix.add(
            play.role, play.way, situation or name, {place: text for place, text in texts.items() if text}, finder
        )
    others = [event for event in events if not event.get("event_data", {}).get("host")]
    whole = {
        "runner events": json.dumps(others),
        "runner output": made.stdout.read(),
        "log file": _read(folder, "ansible.log"),
    }
    whole["published statistics"] = json.dumps(
        [e["event_data"].get("artifact_data") for e in others if "event_data" in e]
    )
    whole["other files"] = _read(folder / "runner/artifacts", "*", but=("command", "stdout"))
    matrix.add(play.role, play.way, situation or "the whole run", whole, finder)


def _read(folder: Path, pattern: str, but: tuple[str, ...] = ()) -> str:
    """The texts of files, decompressed if needed, without the runner's `command`, which contains its environment."""
    texts = []
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and path.name not in but:
            texts.append(readable(path.read_bytes()))
    return "\n".join(texts)


def broken_hosts(role: str, bench: Bench) -> Mapping[str, tuple[dict[str, Any], bool]]:
    """The situation for a collection with an unexpected error."""
    place = "dir" if role == "session_report" else "archive_dir"
    return {"broken": ({"aimms_url": bench.emulator.url, f"{role}_{place}": f"{bench.folder}/logs"}, True)}
