# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role tells what its modules say in its own words, as whoever runs it sets its variables only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, tripped
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.refusals import (
    in_role_words,
    limit_in_role_words,
    retold,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION, TASKS
from ansible_collections.aimms.cloud.tests.unit import test_troubleshooting as troubleshooting

ROLES = Path(__file__).absolute().parents[5] / "roles"
OPTIONS = {
    path.parents[1].name: {
        name.removeprefix(f"{path.parents[1].name}_")
        for name in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    }
    for path in ROLES.glob("*/meta/argument_specs.yml")
}
CONNECTION = "account url api_key validate_certs ca_path timeout retries max_time api_generation page_size".split()
MESSAGES = sorted(
    {text for name in troubleshooting.TREES for text, _code in troubleshooting.raised(name) if text is not None}
    | {text for name, parts in troubleshooting.SPEAKING.items() for text in troubleshooting.spoken(name, parts)}
)


@pytest.mark.parametrize("role", OPTIONS)
def test_no_message_of_a_module_names_an_option_that_the_role_has_as_a_variable(role):
    assert len(MESSAGES) > 200
    own = {*OPTIONS[role], *CONNECTION}
    several = "|".join(name for name in own if "_" in name)
    left = re.compile(rf"(?<![\w.'/-])(?:{several})(?![\w/-])|\A(?:{'|'.join(own)}): ")
    told = [in_role_words(text, role, OPTIONS[role]) for text in MESSAGES]
    assert [text for text in told if left.search(text)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kinds: this server has no solve sessions.", f"{CLEANUP}_kinds: this server has no solve sessions."),
        ("Neither account nor url is set.", "Neither aimms_account nor aimms_url is set."),
        ("Check account and url, and the DNS.", "Check aimms_account and aimms_url, and the DNS."),
        ("Check url and its port.", "Check aimms_url and its port."),
        ("The part before .aimms.cloud, or use url.", "The part before .aimms.cloud, or use aimms_url."),
        ("Set account (or X) to a, or url (or Y) to b.", "Set aimms_account (or X) to a, or aimms_url (or Y) to b."),
        ("expired: check account, or renew it. 404: check account, url and the id.",) * 2,
        ("GET /v1/sessions/max_sessions answered 404: no 'older_than'.",) * 2,
        ("policy 'x': 3 sessions are selected and max_sessions is 2.",) * 2,
        ("Unsupported parameters: policies.protect. Supported parameters include: apps, older_than, owners.",) * 2,
        ("policies[0].owners: null is refused. Perhaps older_than is meant.",) * 2,
        ("It waits for quiet_for.", f"It waits for {CLEANUP}_quiet_for."),
        (f"{CLEANUP}_max_sessions: no.",) * 2,
        ("dest: /x cannot be made: no.", f"{CLEANUP}_archive_dir: /x cannot be made: no."),
        ("concurrency: must be from 1 to 32, not 0.",) * 2,
        ("value of kinds must be one or more of: a, b.", f"value of {CLEANUP}_kinds must be one or more of: a, b."),
        (
            "Give sessions, session_ids, or at least one of older_than, apps, states that leaves something out.",
            f"Give at least one of {CLEANUP}_older_than, {CLEANUP}_apps that leaves something out.",
        ),
    ],
)
def test_an_option_is_told_as_its_variable(text, told):
    told = told.replace("check account", "check aimms_account").replace(", url and", ", aimms_url and")
    assert in_role_words(text, CLEANUP, OPTIONS[CLEANUP]) == told


HINT = "Narrow the selection, or raise the limit if this is meant."


@pytest.mark.parametrize(
    ("limits", "written"),
    [
        ({"max_sessions": 2}, "max_sessions=3"),
        ({"max_percent": 50}, "max_percent=75"),
        ({"max_per_owner": 1}, "max_per_owner=3"),
        ({"max_sessions": 0, "max_percent": 74, "max_per_owner": 2}, "max_sessions=3 max_percent=75 max_per_owner=3"),
    ],
)
def test_each_exceeded_limit_is_told_with_the_value_that_it_would_need(limits, written):
    sessions = [Session(name, "webui", owner="max. sessions of 9@ROOT") for name in "abc"]
    exceeded = tripped(sessions, 4, Breakers(**limits))
    told = limit_in_role_words(f"Nothing was ended: {exceeded} {HINT}", CLEANUP, OPTIONS[CLEANUP])
    wanted = " and ".join(f"{CLEANUP}_{one}" for one in written.split())
    assert told.endswith(f"Narrow the selection or, if this is meant, set {wanted} to allow it.")
    raised = {name: int(value) for name, value in (one.split("=") for one in written.split())}
    assert tripped(sessions, 4, Breakers(**raised)) is None


@pytest.mark.parametrize("exceeded", ["policy 'x': 3 sessions are selected and max_sessions is 2.", "Too many."])
def test_a_limit_without_a_variable_keeps_its_own_hint(exceeded):
    text = f"Nothing was ended: {exceeded} {HINT}"
    assert limit_in_role_words(text, CLEANUP, OPTIONS[CLEANUP]) == text


def test_the_message_of_a_result_and_of_each_record_is_told_anew():
    record = {"id": "a", "msg": "It waits for quiet_for.", "app_name": "max_sessions"}
    result = {
        "msg": "max_tasks is 1.",
        "sessions": [record, {"id": "b"}],
        "summary": {"failed": 1},
        "kept": ["max_tasks"],
    }
    assert retold(result, TASKS, OPTIONS[TASKS]) == {**result, "msg": f"{TASKS}_max_tasks is 1."}
    assert retold(result, CLEANUP, OPTIONS[CLEANUP])["sessions"][0] == {
        **record,
        "msg": f"It waits for {CLEANUP}_quiet_for.",
    }
    assert in_role_words("max_sessions", RETENTION, OPTIONS[RETENTION]) == f"{RETENTION}_max_sessions"
