# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of ``awx_rules`` refuse what AWX refused, and accept what it accepted."""

from __future__ import annotations

from typing import Any

import pytest
from awx_rules import credential_type_problems, injected, offered, schedule_problems, slices, survey_problems

pytestmark = pytest.mark.once
START = "DTSTART;TZID=Europe/Amsterdam:20270101T043000"


def _type(field: Any = None, env: Any = None, file: Any = None, **top: Any) -> dict[str, Any]:
    fields = [{"id": "api_key", "label": "Key", "type": "string", "secret": True}, *([field] if field else [])]
    injectors = {"env": env or {"AIMMS_API_KEY": "{{ api_key }}"}, "file": file or {}}
    return {"name": "x", "kind": "cloud", "inputs": {"fields": fields}, "injectors": injectors, **top}


def _field(**more: Any) -> dict[str, Any]:
    return {"id": "other", "label": "Other", "type": "string", **more}


TAKEN = {
    "plain": _type(),
    "net": _type(kind="net"),
    "a url": _type(_field(format="url", help_text="Where.")),
    "choices": _type(_field(choices=["a", "b"], default="a", ask_at_runtime=True)),
    "a boolean": _type(_field(type="boolean", default=False)),
    "a file": _type(env={"A": "{{ tower.filename }}"}, file={"template": "{{ api_key }}"}),
    "a named file": _type(env={"A": "{{ tower.filename.keys }}"}, file={"template.keys": "{{ api_key }}"}),
    "a condition": _type(env={"A": "{{ 'a' if api_key else '' }}"}),
}
REFUSED = {
    "another kind": _type(kind="ssh"),
    "more at the top": _type(managed=True),
    "more in inputs": _type(inputs={"fields": [], "dependencies": {}}, injectors={}),
    "an id that is no variable": _type(_field(id="api-key")),
    "the id tower": _type(_field(id="tower")),
    "an id twice": _type(_field(id="api_key")),
    "no label": _type({"id": "other", "type": "string"}),
    "another type": _type(_field(type="integer")),
    "another format": _type(_field(format="ipv4")),
    "another property": _type(_field(no_log=True)),
    "a secret boolean": _type(_field(type="boolean", secret=True)),
    "a boolean in many lines": _type(_field(type="boolean", multiline=True)),
    "a default of another type": _type(_field(type="boolean", default="yes")),
    "Ansible's settings": _type(env={"ANSIBLE_HOST_KEY_CHECKING": "{{ api_key }}"}),
    **{name: _type(env={name: "x"}) for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "JOB_ID", "AWX_HOST")},
    "another name of a file": _type(file={"keys": "{{ api_key }}"}),
    "a file with and without a name": _type(file={"template": "a", "template.b": "b"}),
    "a file that is not there": _type(env={"A": "{{ tower.filename }}"}),
    "a field that is not there": _type(env={"A": "{{ key }}"}),
    "a filter of Ansible": _type(env={"A": "{{ api_key | to_json }}"}),
    "a test of Ansible": _type(env={"A": "{{ api_key is match('a') }}"}),
    "a way out of the sandbox": _type(env={"A": "{{ api_key.__class__.__mro__ }}"}),
    "another injector": _type(injectors={"vars": {}}),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_credential_type_is_taken(name: str) -> None:
    assert credential_type_problems(TAKEN[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_credential_type_is_refused(name: str) -> None:
    assert credential_type_problems(REFUSED[name]) != []


def test_a_boolean_that_is_left_out_is_false_whatever_its_default_and_an_empty_field_is_an_empty_text() -> None:
    made = _type(_field(type="boolean", default=True), env={"CERTS": "{{ other }}", "KEY": "{{ api_key }}"})
    assert injected(made, {}, "")[0] == {"CERTS": "False", "KEY": ""}


def _question(**more: Any) -> dict[str, Any]:
    return {"variable": "a", "question_name": "A", "type": "text", "required": True, "default": "", **more}


def _choice(**more: Any) -> dict[str, Any]:
    return _question(type="multiplechoice", choices=["yes", "no"], **more)


def test_surveys_are_taken() -> None:
    kinds = ("text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect")
    spec = [_question(variable=kind, type=kind, choices=["a"]) for kind in kinds]
    assert (
        survey_problems([*spec, _choice(default="no"), _question(variable="n", type="integer", default=5, min=0)]) == []
    )


@pytest.mark.parametrize(
    "spec",
    [
        [],
        [_question(type="boolean")],
        [_question(variable="a-b")],
        [_question(), _question()],
        [_question(required="yes")],
        [{"variable": "a", "type": "text", "required": True}],
        [_question(type="integer", default="5")],
        [_question(default=5)],
        [_question(min="0")],
        [_question(type="multiplechoice")],
        [_question(type="multiplechoice", choices=[True, False])],
        [_choice(default="perhaps")],
        [_choice(default=False)],
    ],
)
def test_surveys_are_refused(spec: list[dict[str, Any]]) -> None:
    assert survey_problems(spec) != []


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;INTERVAL=1", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "FREQ=HOURLY;INTERVAL=1;COUNT=999"]
)
def test_schedules_are_taken(rule: str) -> None:
    assert schedule_problems(f"{START} RRULE:{rule}", {"a": "x"}, [_question()]) == []
    assert schedule_problems(f"DTSTART:20270101T023000Z RRULE:{rule}", {}, []) == []


@pytest.mark.parametrize(
    "rule",
    [
        f"{START} RRULE:FREQ=DAILY",
        f"{START} RRULE:FREQ=SECONDLY;INTERVAL=1",
        f"{START} RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=2;UNTIL=20280101T000000Z",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20270102T043000",
        f"{START} {START} RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20270101T043000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART;TZID=Europe/Amsterdam:20270101T023000 RRULE:FREQ=DAILY;INTERVAL=1",
        "RRULE:FREQ=DAILY;INTERVAL=1",
        START,
    ],
)
def test_schedules_are_refused(rule: str) -> None:
    assert schedule_problems(rule, {}, []) != []


def test_a_schedule_answers_the_questions_that_there_are() -> None:
    rule = f"{START} RRULE:FREQ=DAILY;INTERVAL=1"
    assert schedule_problems(rule, {}, [_question()]) == ["no answer to a"]
    assert schedule_problems(rule, {"a": "x", "b": "x"}, [_question()]) == ["no question b"]


def test_playbooks_are_offered_from_the_project_but_not_from_its_inner_folders() -> None:
    play = "---\n- name: X\n  ansible.builtin.import_playbook: aimms.cloud.cleanup_stale_sessions\n"
    assert offered("a.yml", play)
    assert offered("sub/a.yaml", "- hosts: all")
    assert not offered("a.yml", "---\na: 1\n")
    assert not offered("hosts", play)
    for folder in ("roles", "tasks", "group_vars", "host_vars", ".github"):
        assert not offered(f"{folder}/a.yml", play)


def test_slices_take_every_nth_host_by_name() -> None:
    assert slices(["c", "a", "d", "b", "e"], 2) == [["a", "c", "e"], ["b", "d"]]
