"""Run ansible-playbook with maximum verbosity, and collect all that it leaves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bench import DEFAULTS, ENVIRONMENT, OPTION, Bench, Task
from .forms import readable
from .servers import DECOY

HERE = Path(__file__).resolve().parent
E2E = HERE.parents[1] / "e2e"
GROUP = "group/aimms.cloud.aimms"
DECOYS = "c998"
"""Marks a task that is no case: it shows that the places which servers do not reach are searched too."""
_MARK = re.compile(r"^(?:.*##mark (\w+)|.*PLAY RECAP.*)\s*$", re.MULTILINE)
_TALK = {  # verbosity, by the way of giving the key
    OPTION: {
        "ANSIBLE_CALLBACKS_ENABLED": "results,marks,junit,tree", "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true",
        "JUNIT_FAIL_ON_IGNORE": "true", "JUNIT_TASK_RELATIVE_PATH": "", "ANSIBLE_PIPELINING": "true",
    },
    DEFAULTS: {
        "ANSIBLE_CALLBACKS_ENABLED": "results,marks,junit", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "true", "ANSIBLE_PIPELINING": "false",
    },
    ENVIRONMENT: {
        "ANSIBLE_CALLBACKS_ENABLED": "results,marks", "ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_DEBUG": "true",
        "ANSIBLE_PIPELINING": "true",
    },
}  # fmt: skip


@dataclass
class Traces:
    """What a run left: results, texts by case and place, and texts of the whole run by place."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)

    def add(self, mark: str, place: str, text: str) -> None:
        """Add a text of one case; a text without a case belongs to the whole run."""
        texts = self.whole if mark == "other" else self.cases.setdefault(mark, {})
        texts[place] = texts.get(place, "") + text


class Watcher:
    """Records the command lines of all processes that have a variable in their environment."""

    def __init__(self, variable: str) -> None:
        self._sought, self._end = variable.encode(), threading.Event()
        self.lines: set[bytes] = set()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """End."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        known: set[tuple[str, bytes]] = set()
        while not self._end.wait(0.05):
            for process in (path.name for path in Path("/proc").iterdir()):
                if not process.isdigit():
                    continue
                try:
                    line = Path("/proc", process, "cmdline").read_bytes()
                    if line and (process, line) not in known:
                        known.add((process, line))
                        if self._sought in Path("/proc", process, "environ").read_bytes():
                            self.lines.add(line)
                except OSError:
                    continue


def play(bench: Bench, tasks: list[Task], last: list[Task], collections: str) -> Traces:
    """Run the tasks, then ``last`` in another play, in which a failure ends the run."""
    folder = bench.folder
    for name in ("home", "journal", "junit", "tree", "facts", "logs", "retry", "input"):
        (folder / name).mkdir(parents=True)
    _write_input(bench, _plays(bench, tasks, last))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-vvvvv", "--diff", "-i", "input/hosts.json"]
    command += ["--vault-password-file", "input/password", "-e", "@input/secrets.yml", "input/play.json"]
    environment = {**_environment(bench, collections), **_TALK[bench.way]}
    with Watcher(f"LEAKS_JOURNAL={folder}/") as watcher:
        made = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800, check=False
        )
    traces = Traces()
    for place, text in (("standard output", made.stdout), ("standard error", made.stderr)):
        (folder / "input" / place).write_text(text)
        _cut(traces, place, text)
    _cut(traces, "log file", (folder / "ansible.log").read_text(encoding="utf-8", errors="replace"))
    traces.whole["command lines"] = b"\n".join(sorted(watcher.lines)).replace(b"\0", b" ").decode(errors="replace")
    _gather(traces, folder)
    return traces


def _environment(bench: Bench, collections: str) -> dict[str, str]:
    dropped = ("ANSIBLE_", "AIMMS_", "PYTEST_", "HTTP", "NO_PROXY", "ALL_PROXY", "http", "no_proxy", "all_proxy")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    folder = bench.folder
    made = kept | {
        "HOME": f"{folder}/home", "ANSIBLE_HOME": f"{folder}/home/.ansible",
        "ANSIBLE_LOG_PATH": f"{folder}/ansible.log",
        "ANSIBLE_CONFIG": f"{folder}/input/ansible.cfg", "ANSIBLE_COLLECTIONS_PATH": collections,
        "ANSIBLE_CALLBACK_PLUGINS": f"{HERE / 'callbacks'}:{E2E / 'callbacks'}",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DISPLAY_TRACEBACK": "always", "ANSIBLE_SHOW_CUSTOM_STATS": "true",
        "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE": "true",
        "ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{folder}/facts",
        "ANSIBLE_RETRY_FILES_ENABLED": "true", "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{folder}/retry",
        "ANSIBLE_REMOTE_TEMP": f"{folder}/remote", "ANSIBLE_ASYNC_DIR": f"{folder}/jobs",
        "ANSIBLE_NO_TARGET_SYSLOG": "false",
        "ANSIBLE_CALLBACK_TREE_DIR": f"{folder}/tree", "JUNIT_OUTPUT_DIR": f"{folder}/junit",
        "PYTHONPATH": f"{HERE / 'stand_ins'}:{os.environ.get('PYTHONPATH', '')}", "PYTHONDONTWRITEBYTECODE": "1",
        "E2E_RESULTS": f"{folder}/results", "LEAKS_JOURNAL": f"{folder}/journal", "LC_ALL": "C.UTF-8",
        "HTTPS_PROXY": f"http://127.0.0.1:{bench.parrot.proxy.port}", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    return made | ({"AIMMS_API_KEY": bench.key} if bench.way == ENVIRONMENT else {})


def _plays(bench: Bench, tasks: list[Task], last: list[Task]) -> list[dict[str, Any]]:
    defaults = {GROUP: {"api_key": "{{ api_secret }}"}} if bench.way == DEFAULTS else {}
    marks = sorted({task["register"] for task in _flat([*tasks]) if "register" in task})
    every = "{{ {" + ", ".join(f"'{mark}': {mark} | default('')" for mark in marks) + "} }}"
    waits = [_wait(task["register"]) for task in tasks if task.get("poll") == 0]
    dump = f"{bench.folder}/registered"
    after: list[Task] = [
        {"name": "keep", "ansible.builtin.set_fact": {"registered": every, "cacheable": True}},
        {"name": "publish", "ansible.builtin.set_stats": {"data": {"registered": "{{ registered }}"}}},
        {"name": "write", "ansible.builtin.copy": {"content": "{{ registered | to_json }}", "dest": dump}},
    ]  # fmt: skip
    said = {"name": f"{DECOYS} command", "ansible.builtin.command": {"argv": ["sh", "-c", f"sleep 0.5; : {DECOY}"]}}
    start: Task = {**said, "environment": {"LEAKS_CASE": DECOYS}, "async": 30, "poll": 0, "register": DECOYS}
    play = {"hosts": "all", "gather_facts": False, "module_defaults": defaults}
    return [
        {**play, "name": "Cases", "tasks": [start, *tasks, *waits, _wait(DECOYS), *after], "ignore_errors": True},
        {**play, "name": "The end", "tasks": last},
    ]


def _flat(tasks: list[Task]) -> list[Task]:
    return [inner for task in tasks for inner in (*task.get("block", [task]), *task.get("rescue", []))]


def _wait(mark: str) -> Task:
    done: dict[str, Any] = {"register": mark, "until": f"{mark}.finished | default(1)", "retries": 60, "delay": 1}
    job = {"jid": "{{ " + mark + ".ansible_job_id }}"}
    return {
        "name": f"{mark} wait",
        "ansible.builtin.async_status": job,
        "when": f"{mark}.ansible_job_id is defined",
        **done,
    }


def _write_input(bench: Bench, plays: list[dict[str, Any]]) -> None:
    """Write the files of the run. All secrets are in one vaulted file."""
    folder = bench.folder / "input"
    (folder / "play.json").write_text(json.dumps(plays))
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"here": {"ansible_connection": "local"}}}}))
    (folder / "password").write_text("a password")
    (folder / "secrets.yml").write_text(json.dumps({"api_secret": bench.key, **bench.secrets}))
    vault = [
        str(Path(sys.executable).parent / "ansible-vault"),
        "encrypt",
        "--vault-password-file",
        "password",
        "secrets.yml",
    ]
    (folder / "ansible.cfg").touch()
    environment = {**os.environ, "ANSIBLE_CONFIG": str(folder / "ansible.cfg")}
    subprocess.run(vault, cwd=folder, env=environment, capture_output=True, check=True)


def _cut(traces: Traces, place: str, text: str) -> None:
    """Assign to each case the text between its mark and the next one."""
    pieces = _MARK.split(text)
    traces.add("other", place, pieces[0])
    for mark, piece in zip(pieces[1::2], pieces[2::2]):
        if piece.strip():
            traces.add(mark or "other", place, piece)


def _gather(traces: Traces, folder: Path) -> None:
    """Collect the files of the run, by case if a file names its case."""
    for line in (folder / "results").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        mark = row["task"].split()[0]
        if re.fullmatch(r"c\d+", mark):
            traces.rows.setdefault(mark, []).append(row)
            traces.add(mark, "callbacks", line)
            job = row["result"].get("ansible_job_id", "") if isinstance(row["result"], dict) else ""
            jobs = list((folder / "jobs").glob(job)) if job else []
            if jobs and "wait" in row["task"]:
                traces.add(mark, "async file", jobs[0].read_text())
    for place, path in (("registered result", folder / "registered"), ("fact cache", folder / "facts/here")):
        kept = json.loads(path.read_text()) if path.exists() else {}
        for mark, value in kept.get("registered", kept).items():
            traces.add(mark, place, json.dumps(value))
    for path in (folder / "journal").iterdir():
        case, _dot, broke = path.name.partition(".")
        traces.add(case, "broke" if broke else "system journal", path.read_text(encoding="utf-8"))
    for path in (folder / "junit").iterdir():
        for piece in path.read_text(encoding="utf-8").split("<testcase ")[1:]:
            name = re.search(r'\sname="([^"]*)"', f" {piece}")
            mark = re.search(r"\bc\d+\b", name.group(1)) if name else None
            traces.add(mark.group() if mark else "other", "JUnit file", piece)
    _gather_rest(traces, folder)


def _gather_rest(traces: Traces, folder: Path) -> None:
    """Collect all other files except the input.

    Ansible removes the folder with the arguments of an asynchronous task a moment after the task has ended.
    """
    patience = time.monotonic() + 15
    while any(folder.rglob("ansible-tmp-*")) and time.monotonic() < patience:
        time.sleep(0.1)
    named = {"input", "journal", "junit", "facts"}
    for path in sorted(folder.rglob("*")):
        first = path.relative_to(folder).parts[0]
        if path.is_file() and first not in named and path.name not in ("results", "ansible.log", "registered"):
            place = {"tree": "tree callback", "logs": "downloaded logs"}.get(first, "other files")
            traces.add("other", place, readable(path.read_bytes()) + "\n")


def searched(texts: Mapping[str, str]) -> dict[str, str]:
    """The searched places of a case. `broke` only shows that the collection raised its error, and is not searched."""
    return {place: text for place, text in texts.items() if place != "broke"}
