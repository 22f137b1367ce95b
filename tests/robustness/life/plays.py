"""Some of the cases with ansible-playbook: modules and the lookup as tasks, the cleanup role with a host for each."""

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
ROLES = {"role": "stale_session_cleanup", "retention role": "session_retention"}
_MODULES = {"by id": "aimms_session_terminate", "lookup": ""}
_ROLE_OPTIONS = (
    "kinds", "older_than", "ended_before", "apps", "owners", "protect_owners", "protect_apps", "protect_session_ids",
)  # fmt: skip
_PLAYS = ("plain", "ignore_errors", "loop", "defaults")


@dataclass
class Batch:
    """Cases of one play, each with its lane and the account at its start."""

    cases: list[Case]
    lanes: list[Lane]

    def names(self) -> list[str]:
        """The hosts of roles: each begins with the name of its role."""
        return [f"{_prefix(case)}{number}" for number, case in enumerate(self.cases)]

    def prepare(self) -> None:
        """Make the accounts. A host has the folder of its name."""
        for lane, name in zip(self.lanes, self.names()):
            lane.folder = lane.folder.with_name(name)
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


def role(ansible: Any, lanes: Lanes, seed: int, first: int, count: int, *, entry: str, only: str) -> list[Ran]:
    """One play of a role with a host for each case. ``only``: this trouble, or `none`."""
    cases = [Drawing(seed, first + number, (entry,), only=only).case() for number in range(count)]
    form = _PLAYS[Random(f"life-{seed}-play-{first}").randrange(len(_PLAYS))]
    for case in cases:
        case.clear = case.clear and form != "defaults"  # which a role may refuse
    batch = Batch(cases, lanes.take(count))
    try:
        batch.prepare()
        hosts = {name: _host(case, lane) for name, case, lane in zip(batch.names(), cases, batch.lanes)}
        played = ansible.run([_play(form, ROLES[entry])], hosts=hosts)
        told = [
            _role_told(played, case, name, lane.folder.with_name("reports"), first=number == 0)
            for number, (case, name, lane) in enumerate(zip(cases, hosts, batch.lanes))
        ]
        return batch.finish(told)
    finally:
        lanes.give_back(batch.lanes)


def _prefix(case: Case) -> str:
    """The role of the case, with which its variables begin, and the name of its host."""
    return f"{ROLES.get(case.entry, case.entry)}_"


def _host(case: Case, lane: Lane) -> dict[str, Any]:
    """The variables of a host."""
    options, prefix = lane.options(case), _prefix(case)
    own = {f"{prefix}{name}": options[name] for name in _ROLE_OPTIONS if name in options}
    own |= {f"{prefix}apply": case.apply, f"{prefix}max_percent": 100}
    own[f"{prefix}report_dir"] = str(lane.folder.with_name("reports"))
    if case.archive:
        own[f"{prefix}archive_dir"] = str(lane.folder.parent)
    else:
        own[f"{prefix}interrupt_tasks"] = "never"
    connection = ("url", "account", "api_key", "retries", "timeout", "max_time", "api_generation")
    own |= {f"aimms_{name}": options[name] for name in connection if name in options}
    return {**own, "given_environment": lane.environment(case)}


def _play(form: str, role: str) -> dict[str, Any]:
    """A play with the role. In the loop, the caller's variable has the name that many loops have."""
    name = f"aimms.cloud.{role}"
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


def _role_told(played: Played, case: Case, host: str, folder: Path, *, first: bool) -> Told:
    """What the role said of one account: its result, its page, and whether it failed."""
    rows = [row for row in played.rows if row["host"] == host]
    facts = [row["result"].get("ansible_facts") or {} for row in rows if row["outcome"] == "ok"]
    fact = f"{_prefix(case)}result"
    found = next((facts_of[fact] for facts_of in reversed(facts) if fact in facts_of), None)
    failed = [row for row in rows if row["outcome"] == "failed"]
    page = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html")))
    message = str(failed[-1]["result"].get("msg", "")) if failed else ""
    result = {"failed": bool(failed), "msg": message, "role": found or None, "page": page}
    broken = next((text for row in failed if "Unexpected " in (text := str(row["result"].get("msg")))), "")
    return Told(result, broken, json.dumps(rows, default=str) + page + (played.output if first else ""))
