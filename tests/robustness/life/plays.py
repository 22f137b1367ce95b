"""Some of the cases with ansible-playbook: modules and the lookup as tasks, the clean-up role with a host for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from .case import Case, Drawing
from .runs import Lane, Lanes, Ran, Told

if TYPE_CHECKING:
    from plays import Played

TASKS = ("terminate", "by id", "delete", "info", "lookup")
ROLE = "role"
_MODULES = {"by id": "aimms_session_terminate", "lookup": ""}
_PREFIX = "stale_session_cleanup_"
_ROLE_OPTIONS = ("kinds", "older_than", "apps", "owners", "protect_owners", "protect_apps", "protect_session_ids")
_PLAYS = ("plain", "ignore_errors", "loop", "defaults")


@dataclass
class Batch:
    """Cases of one play, each with its lane and the account at its start."""

    cases: list[Case]
    lanes: list[Lane]

    def prepare(self) -> None:
        """Make the accounts."""
        self._before = [lane.prepare(case) for case, lane in zip(self.cases, self.lanes)]
        self._asked = [lane.decoy.count for lane in self.lanes]

    def finish(self, told: Sequence[Told]) -> list[Ran]:
        """Read the truth."""
        return [
            lane.finish(case, one, before, touched, lane.decoy.count - asked)
            for case, lane, one, (before, touched), asked in zip(
                self.cases, self.lanes, told, self._before, self._asked
            )
        ]


def tasks(ansible: Any, lanes: Lanes, seed: int, first: int, count: int) -> list[Ran]:
    """One play with a task for each case. Every second one gets its options from variables, as of a survey."""
    cases = [Drawing(seed, first + number, TASKS).case() for number in range(count)]
    batch = Batch(cases, lanes.take(count))
    try:
        batch.prepare()
        variables: dict[str, Any] = {}
        asked = [_task(case, lane, number, variables) for number, (case, lane) in enumerate(zip(cases, batch.lanes))]
        played = ansible.play(*asked, **variables)
        return batch.finish([_told(case, played, number) for number, case in enumerate(cases)])
    finally:
        lanes.give_back(batch.lanes)


def _task(case: Case, lane: Lane, number: int, variables: dict[str, Any]) -> dict[str, Any]:
    options = lane.options(case)
    if number % 2:
        for name, value in case.options.items():
            variables[f"given_{number}_{name}"] = value
            options[name] = f"{{{{ given_{number}_{name} }}}}"
    task: dict[str, Any] = {"name": f"case {number}", "environment": lane.environment(case)}
    if case.entry != "lookup":
        name = _MODULES.get(case.entry, f"aimms_session_{case.entry}")
        return {**task, f"aimms.cloud.{name}": options}
    del task["environment"]  # a lookup runs in Ansible's own process
    names = {name: f"asked_{number}_{name}" for name in options}
    variables.update({names[name]: value for name, value in lane.options(case).items()})
    words = ", ".join(f"{name}={variable}" for name, variable in names.items())
    expression = f"query('aimms.cloud.aimms_session', {words})"
    return {**task, "ansible.builtin.debug": {"msg": "{{ {'sessions': " + expression + "} }}"}}


def _told(case: Case, played: Played, number: int) -> Told:
    try:
        result = dict(played[f"case {number}"])
    except KeyError:
        return Told({"failed": True, "msg": "no result"}, "", played.output)
    if case.entry == "lookup" and isinstance(result.get("msg"), dict):
        result |= {"sessions": result["msg"]["sessions"], "msg": ""}
    if case.entry == "lookup" and "WARNING" in played.output:
        result["warnings"] = ["one of them has warned"]
    broken = str(result.get("msg")) if "module_stderr" in result or "MODULE FAILURE" in str(result.get("msg")) else ""
    output = played.output if number == 0 else json.dumps(result, default=str)
    return Told(result, broken, output)


def role(ansible: Any, lanes: Lanes, seed: int, first: int, count: int, folder: Path, *, only: str) -> list[Ran]:
    """One play of the clean-up role with a host for each case. ``only``: this trouble, or `none`."""
    cases = [Drawing(seed, first + number, (ROLE,), only=only).case() for number in range(count)]
    form = _PLAYS[Random(f"life-{seed}-play-{first}").randrange(len(_PLAYS))]
    batch = Batch(cases, lanes.take(count))
    try:
        batch.prepare()
        hosts = {f"h{n}": _host(case, lane, folder / f"h{n}") for n, (case, lane) in enumerate(zip(cases, batch.lanes))}
        played = ansible.run([_play(form)], hosts=hosts)
        return batch.finish([_role_told(played, name, folder / name) for name in hosts])
    finally:
        lanes.give_back(batch.lanes)


def _host(case: Case, lane: Lane, folder: Path) -> dict[str, Any]:
    """The variables of a host."""
    options = lane.options(case)
    own = {f"{_PREFIX}{name}": options[name] for name in _ROLE_OPTIONS if name in options}
    own |= {f"{_PREFIX}apply": case.apply, f"{_PREFIX}interrupt_tasks": "never", f"{_PREFIX}max_percent": 100}
    own |= {f"{_PREFIX}report_dir": str(folder)}
    connection = ("url", "account", "api_key", "retries", "timeout", "max_time", "api_generation")
    own |= {f"aimms_{name}": options[name] for name in connection if name in options}
    return {**own, "given_environment": lane.environment(case)}


def _play(form: str) -> dict[str, Any]:
    """A play with the role. In the loop, the caller's variable has the name that many loops have."""
    name = "aimms.cloud.stale_session_cleanup"
    play: dict[str, Any] = {
        "name": form,
        "hosts": "all",
        "gather_facts": False,
        "environment": "{{ given_environment }}",
    }
    if form == "loop":
        loop = {"ansible.builtin.include_role": {"name": name}, "name": "each", "loop": ["once"]}
        return {**play, "tasks": [loop]}
    if form == "ignore_errors":
        play["ignore_errors"] = True
    if form == "defaults":
        play["module_defaults"] = {"aimms.cloud.aimms_session_terminate": {"wait_timeout": "20s"}}
    return {**play, "roles": [{"role": name}]}


def _role_told(played: Played, host: str, folder: Path) -> Told:
    """What the role said of one account: its result, its page, and whether it failed."""
    rows = [row for row in played.rows if row["host"] == host]
    facts = [row["result"].get("ansible_facts") or {} for row in rows if row["outcome"] == "ok"]
    found = next((fact[f"{_PREFIX}result"] for fact in reversed(facts) if f"{_PREFIX}result" in fact), None)
    failed = [row for row in rows if row["outcome"] == "failed"]
    page = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html")))
    message = str(failed[-1]["result"].get("msg", "")) if failed else ""
    result = {"failed": bool(failed), "msg": message, "role": found, "page": page}
    broken = next((text for row in failed if "Unexpected " in (text := str(row["result"].get("msg")))), "")
    return Told(result, broken, json.dumps(rows, default=str) + page + (played.output if host == "h0" else ""))
