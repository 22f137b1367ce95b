# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX accepts and refuses, as found by trials with its API (devel of 2024-10-23). Uses no network and no AWX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Data = Mapping[str, Any]
Node = TypeVar("Node")
_VARIABLE = re.compile(r"^[a-zA-Z_]+[a-zA-Z0-9_]*$")
_FIELD = {"id", "label", "type", "format", "choices", "secret", "multiline", "default", "help_text", "ask_at_runtime"}
_OF_STRINGS = ("secret", "choices", "multiline", "format")
_NOT_INJECTED = {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "JOB_ID", "AWX_HOST", "CACHE", "INVENTORY_ID", "REST_API_TOKEN"}
_ANSWERS = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "integer": int, "float": (int, float)}
_LAUNCHED = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)
_NOT_OFFERED = {"roles", "tasks", "group_vars", "host_vars"}


class _Tower:
    """The variable ``tower`` in templates of a credential type."""

    def __init__(self, names: Sequence[str], path: str = "/a/file") -> None:
        if list(names) == ["template"]:
            self.filename: Any = path
        elif names:
            self.filename = type("Files", (), {name.partition(".")[2]: path for name in names})()


def credential_type_problems(made: Data) -> list[str]:
    """The reasons why AWX would refuse a credential type; empty if it accepts it."""
    found = [f"unknown: {key}" for key in set(made) - {"name", "description", "kind", "inputs", "injectors"}]
    if made.get("kind") not in ("cloud", "net"):
        found.append("kind")
    inputs, injectors = made.get("inputs", {}), made.get("injectors", {})
    found += [f"unknown in inputs: {key}" for key in set(inputs) - {"fields", "required"}]
    fields = inputs.get("fields", [])
    ids = [field.get("id") for field in fields]
    if len(set(ids)) < len(ids):
        found.append("an id twice")
    for field in fields:
        found += _field_problems(field)
    return found + list(_injector_problems(injectors, ids))


def _field_problems(field: Data) -> Iterator[str]:
    name, kind = str(field.get("id", "")), field.get("type", "string")
    yield from (f"unknown in {name}: {key}" for key in set(field) - _FIELD)
    if not _VARIABLE.match(name) or name == "tower" or not isinstance(field.get("label"), str):
        yield f"id or label of {name}"
    if kind not in ("string", "boolean"):
        yield f"type of {name}"
    if field.get("format", "url") not in ("url", "ssh_private_key"):
        yield f"format of {name}"
    if kind == "boolean":
        yield from (f"{key} of {name}, which is no string" for key in _OF_STRINGS if key in field)
    if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}.get(kind, ())):
        yield f"default of {name}"


def _injector_problems(injectors: Data, ids: Sequence[str]) -> Iterator[str]:
    yield from (f"unknown in injectors: {key}" for key in set(injectors) - {"env", "extra_vars", "file"})
    for name in injectors.get("env", {}):
        if not _VARIABLE.match(name) or name.startswith("ANSIBLE_") or name in _NOT_INJECTED:
            yield f"variable {name}"
    files = list(injectors.get("file", {}))
    if any(not re.match(r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$", name) for name in files):
        yield "name of a file"
    if "template" in files and len(files) > 1:
        yield "one file or several"
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    known = {**dict.fromkeys(ids, "EXAMPLE"), "tower": _Tower(files)}
    for part in ("env", "extra_vars", "file"):
        for name, template in injectors.get(part, {}).items():
            try:
                environment.from_string(template).render(known)
            except TemplateError as error:
                yield f"template of {name}: {error}"


def injected(made: Data, given: Data, path: str) -> tuple[dict[str, str], str]:
    """The environment variables and the file content that a job gets from a credential. Empty fields count as left out.

    :param given: the fields of the credential. :param path: where the file will be.
    """
    values = {name: value for name, value in given.items() if isinstance(value, bool) or value}
    for field in made["inputs"]["fields"]:
        if field["type"] == "boolean":
            values.setdefault(field["id"], False)  # whatever its default says
    injectors = made["injectors"]
    names = {**values, "tower": _Tower(list(injectors.get("file", {})), path)}
    environment = ImmutableSandboxedEnvironment()
    texts = [environment.from_string(text).render(names) for text in injectors.get("file", {}).values()]
    return {key: environment.from_string(text).render(names) for key, text in injectors["env"].items()}, "".join(texts)


def survey_problems(spec: Sequence[Data]) -> list[str]:
    """The reasons why AWX would refuse a survey; empty if it accepts it."""
    found = [] if spec else ["no questions"]
    names = [question.get("variable") for question in spec]
    if len(set(names)) < len(names):
        found.append("a variable twice")
    for question in spec:
        found += _question_problems(question)
    return found


def _question_problems(question: Data) -> Iterator[str]:
    name, kind = str(question.get("variable")), str(question.get("type"))
    for key, right in (("variable", str), ("question_name", str), ("type", str), ("required", bool)):
        if not isinstance(question.get(key), right):
            yield f"{key} of {name}"
    if not _VARIABLE.match(name):
        yield f"{name} cannot be a variable"
    if kind not in {*_ANSWERS, "multiselect"}:
        yield f"type of {name}: {kind}"
        return
    default = question.get("default", "")
    if default != "" and not isinstance(default, _ANSWERS.get(kind, str)):  # type: ignore[arg-type]  # a class or some
        yield f"default of {name}"
    if kind in ("multiplechoice", "multiselect"):
        yield from _choice_problems(name, str(default), question.get("choices"))
    for key in ("min", "max"):
        if not isinstance(question.get(key, 0), int):
            yield f"{key} of {name}"


def _choice_problems(name: str, default: str, choices: Any) -> Iterator[str]:
    listed = choices.splitlines() if isinstance(choices, str) else choices
    if not listed or not all(isinstance(choice, str) for choice in listed):
        yield f"choices of {name}"
    elif not set(default.splitlines()) <= set(listed):
        yield f"default of {name} is none of its choices"


def schedule_problems(rule: str, extra_data: Data, spec: Sequence[Data]) -> list[str]:
    """The reasons why AWX would refuse a schedule, or skip it on some day; empty if there are none.

    :param spec: the questions of what is scheduled.
    """
    starts = re.findall(r"DTSTART(?:;TZID=([^:]+))?:\d{8}T(\d{2})\d{4}(Z?)(?= )", rule)
    rules = re.findall(r"RRULE:(\S+)", rule)
    found = [] if len(starts) == 1 and rule.count("DTSTART") == 1 else ["one start"]
    for zone, hour, utc in starts:
        found += [] if zone or utc else ["a start without a zone"]
        found += ["that hour is skipped once a year"] if zone and hour == "02" else []
    if not rules:
        found.append("no rule")
    found += [f"{word} is not known" for word in ("EXDATE", "RDATE") if word in rule]
    for one in rules:
        parts = dict(part.partition("=")[::2] for part in one.split(";"))
        found += [] if "INTERVAL" in parts else ["no interval"]
        found += ["every second"] if parts.get("FREQ") == "SECONDLY" else []
        found += ["a number before a day"] if re.search(r"\d", parts.get("BYDAY", "")) else []
        found += ["too many"] if int(parts.get("COUNT", 0)) > 999 else []
        found += ["both an end and a number"] if {"COUNT", "UNTIL"} <= set(parts) else []
    needed = {str(question["variable"]) for question in spec if question["required"]}
    found += [f"no answer to {name}" for name in sorted(needed - set(extra_data))]
    return found + [f"no question {name}" for name in set(extra_data) - {q["variable"] for q in spec}]


def offered(path: str, text: str) -> bool:
    """Whether AWX offers a file of a project as a playbook."""
    parts = path.split("/")
    hidden = any(part in _NOT_OFFERED or part.startswith(".") for part in parts[:-1])
    return path.endswith((".yml", ".yaml")) and not hidden and bool(_LAUNCHED.search(text))


def slices(hosts: Sequence[str], number: int) -> list[list[str]]:
    """The hosts of each slice: sorted by name, every n-th."""
    return [sorted(hosts)[first::number] for first in range(number)]


def required_variables(spec: Sequence[Data], given: Data) -> list[str]:
    """The variables that a launch must still name, as AWX says it."""
    return [f"'{one['variable']}' value missing" for one in spec if one["required"] and one["variable"] not in given]


def approval_status(timeout: int, said: str, after: float) -> str:
    """What becomes of an approval. :param timeout: in seconds; 0: it waits for ever. :param said: what was answered."""
    if timeout and after >= timeout:
        return "timed_out"
    return said or "pending"


def walk(ways: Mapping[Node, Data], run: Callable[[Node], str]) -> str:
    """Run the nodes of a workflow, from those that no other one names. Returns the status of the workflow.

    A node runs when a way to it was taken. The workflow fails when a node failed that names none for its failure.

    :param ways: the nodes after each, by ``success``, ``failure`` and ``always``.
    :param run: runs a node. What comes after it runs unless its status is ``pending``.
    """
    named = {after for one in ways.values() for way in ("success", "failure", "always") for after in one.get(way, ())}
    ready, status = [node for node in ways if node not in named], "successful"
    while ready:
        node = ready.pop(0)
        ended = run(node)
        if ended == "pending":
            return ended
        way = "success" if ended == "successful" else "failure"
        after = [*ways[node].get(way, ()), *ways[node].get("always", ())]
        status = "failed" if way == "failure" and not after else status
        ready += after
    return status
