# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole plan: a second one is the same, no job that is tried changes anything, what must fail is refused."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.plan import Planner, grants
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.awx.awx_there import (
    ACME,
    NOTHING,
    NOW,
    SHIPPED,
    after,
    plan,
    values,
)

CHAT = {"name": "Chat", "notification_type": "slack", "notification_configuration": {"token": "t", "channels": ["a"]}}


def test_nothing_that_is_shipped_is_changed_and_no_key_is_in_the_plan():
    before = copy.deepcopy(SHIPPED)
    made = plan()
    assert before == SHIPPED
    assert "secret-key" not in repr(made)
    assert made["galaxy_credentials"] == ["3"]
    assert [one["name"] for one in made["credential_types"]] == ["P account", "P accounts"]
    assert made["kept"] == []


def test_a_second_plan_is_the_same():
    first = plan()
    again = plan(after(first))
    for part in ("templates", "workflow", "schedules", "grants", "launches", "accounts"):
        assert again[part] == first[part]
    assert ([one["name"] for one in first["hosts"]], again["hosts"]) == (["acme"], [])
    assert (again["kept"], again["galaxy_credentials"]) == ([], None)


QUESTIONS = {one["variable"]: one for one in SHIPPED["questions"]}


@given(
    st.dictionaries(
        st.sampled_from([name for name, one in QUESTIONS.items() if one.get("choices") == ["yes", "no"]]),
        st.booleans(),
    ),
    st.lists(st.sampled_from([one["name"] for one in SHIPPED["schedules"]])),
)
def test_no_job_that_is_tried_changes_anything(answers, on):
    folders = {name.replace("_logs", "_dir"): "/logs" for name, given in answers.items() if "_logs" in name and given}
    answers.setdefault("session_retention_archive_logs", False)
    launches = plan(answers={**answers, **folders}, enabled_schedules=on)["launches"]
    templates = {one["name"]: one for one in SHIPPED["templates"]}
    tried = " ".join(one["what"] for one in launches)
    assert all(f"schedule {one['name']}" in tried for one in SHIPPED["schedules"])
    for one in launches:
        whole = {**one["answers"], **templates[one["template"]]["extra_vars"]}
        assert not [name for name, value in whole.items() if name.endswith("_apply") and value not in (False, "no")]


def test_what_somebody_changed_is_kept_and_told():
    there = after(plan())
    there["templates"]["P report sessions"]["job_slice_count"] = 4
    there["templates"]["P report sessions"]["extra_vars"] = "note: ours"
    there["templates"]["P report sessions"]["summary_fields"]["credentials"] = [{"id": 9}, {"id": 5}]
    own = {"id": 5, "name": "P key acme", "credential_type": 1, "organization": 7, "inputs": {"account": "acme"}}
    there |= {"kinds": {1: "account"}, "credentials": [own]}
    made = plan(there)
    template = next(one for one in made["templates"] if one["name"] == "report sessions")
    assert (template["slices"], template["extra_vars"], template["credentials"]) == (
        4,
        {"note": "ours", "aimms_sliced": True},
        ["9"],
    )
    assert made["kept"] == ["report sessions: it has 4 slices, not 1."]
    other = plan(there, slices=2)
    assert next(one for one in other["templates"] if one["name"] == "report sessions")["slices"] == 2


def test_what_somebody_put_after_a_node_of_the_workflow_stays_there():
    nodes = [
        {"id": 1, "identifier": "plan", "success_nodes": [2], "failure_nodes": [], "always_nodes": []},
        {"id": 2, "identifier": "approval", "success_nodes": [3], "failure_nodes": [9], "always_nodes": []},
        {"id": 3, "identifier": "apply", "success_nodes": [], "failure_nodes": [], "always_nodes": []},
        {"id": 9, "identifier": "call us", "success_nodes": [], "failure_nodes": [], "always_nodes": []},
    ]
    shipped = {node["identifier"]: node for node in SHIPPED["workflow"]["nodes"]}
    for more, kept in (({}, ["call us"]), ({"by_hand": "overwrite"}, [])):
        made = plan({"nodes": nodes}, **more)
        found = {node["identifier"]: node for node in made["workflow"]["nodes"]}
        assert found["plan"]["success"] == shipped["plan"]["success"]
        assert found["approval"]["failure"] == kept
        assert any("the nodes call us were added" in line for line in made["kept"]) == bool(kept)


def test_what_a_template_says_itself_beats_what_somebody_wrote_there():
    there = after(plan())
    there["templates"]["P plan stale sessions"]["extra_vars"] = "stale_session_cleanup_apply: true"
    template = next(one for one in plan(there)["templates"] if one["name"] == "plan stale sessions")
    assert template["extra_vars"] == {"stale_session_cleanup_apply": False}


def test_only_a_superuser_makes_credential_types_and_afterwards_an_administrator_is_enough():
    with pytest.raises(OptionError, match="only a superuser"):
        plan({"is_superuser": False})
    types = [{"name": "P account"}, {"name": "P accounts"}]
    assert plan({"is_superuser": False, "credential_types": types})["credential_types"] == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"galaxy_credentials": ["Hub"]}, "there is no 'Hub'.*aimms_awx_galaxy_credentials .Ansible Galaxy."),
        ({"answers": {"stale_session_cleanup_olderthan": "8h"}}, "Perhaps stale_session_cleanup_older_than is meant"),
        ({"schedules": {"every morning": {"answers": {"session_retention_apply": "yes"}}}}, "there is no 'session_ret"),
        ({"enabled_schedules": ["every Sundays"]}, "Perhaps every Sunday is meant"),
        ({"credential": "theirs"}, "is not there"),
        (
            {
                "enabled_schedules": ["every Sunday"],
                "schedules": {"every Sunday": {"answers": {"session_retention_archive_logs": "yes"}}},
            },
            "session_retention_archive_dir names no folder",
        ),
        (
            {
                "enabled_schedules": ["every Sunday"],
                "schedules": {"every Sunday": {"answers": {"session_retention_archive_dir": "/logs"}}},
            },
            "session_retention_archive_logs is no",
        ),
    ],
)
def test_what_is_known_to_be_wrong_is_refused(more, told):
    with pytest.raises(OptionError, match=told):
        plan(**more)


def test_an_organization_without_galaxy_credential_is_left_so_when_that_is_said():
    assert plan(galaxy_credentials=[])["galaxy_credentials"] is None


def test_a_schedule_of_1_0_that_always_failed_is_told_and_not_changed_into_one_that_deletes():
    there = after(plan())
    sunday = there["schedules"]["P every Sunday"]
    there["schedules"]["P every Sunday"] = {
        **sunday,
        "enabled": True,
        "extra_data": {**sunday["extra_data"], "session_retention_archive_logs": "yes"},
    }
    made = plan(there)
    kept = next(one for one in made["schedules"] if one["name"] == "every Sunday")
    assert kept["extra_data"]["session_retention_archive_logs"] == "yes"
    assert any("names no folder" in line for line in made["kept"])


def test_answers_for_all_reach_surveys_and_schedules():
    made = plan(answers={"stale_session_cleanup_older_than": "8h"})
    found = {one["name"]: one["extra_data"].get("stale_session_cleanup_older_than") for one in made["schedules"]}
    nights = {"every night", "every night without approval"}
    assert found == {name: "8h" if name in nights else None for name in found}
    asked = {one["variable"]: one["default"] for one in made["workflow"]["spec"]}
    assert asked["stale_session_cleanup_older_than"] == "8h"


def test_a_notification_is_written_once_and_again_when_it_differs():
    there = {"Chat": {"notification_configuration": {"token": "$encrypted$", "channels": ["a"], "other": 1}}}
    (first,) = plan(notification_templates=[CHAT])["notification_templates"]
    assert first == CHAT
    (same,) = plan({"notification_templates": there}, notification_templates=[CHAT])["notification_templates"]
    assert "notification_configuration" not in same
    other = {**CHAT, "notification_configuration": {"channels": ["b"]}}
    (changed,) = plan({"notification_templates": there}, notification_templates=[other])["notification_templates"]
    assert changed["notification_configuration"] == {"token": "$encrypted$", "channels": ["b"], "other": 1}


def test_a_job_that_answers_a_question_of_the_workflow_tells_nobody():
    made = plan(notifications={"error": ["Chat"], "approvals": ["Chat"]})
    answering = {one["name"] for one in SHIPPED["templates"] if one.get("answer")}
    assert {one["name"]: one["notifications"] for one in made["templates"]} == {
        one["name"]: {"error": [] if one["name"] in answering else ["Chat"]} for one in SHIPPED["templates"]
    }
    assert answering


def test_without_a_credential_no_job_is_tried():
    environment = {"AIMMS_ACCOUNT": "acme"}
    made = Planner(values(), SHIPPED, NOTHING, environment, NOW).plan()
    assert (made["credential"], made["launches"]) == (None, [])
    assert plan(environment=ACME, try_jobs=False)["launches"] == []


def test_teams_are_those_that_are_named_and_operators_start_only_what_changes_nothing():
    found = grants(values(), SHIPPED)
    assert {team for one in found for team in one["teams"]} == {"P operators", "P approvers", "P auditors"}
    harmless = {"P plan stale sessions", "P report sessions"}
    started = [one for one in found if one["role"] == "execute" and "P operators" in one["teams"]]
    assert {name for one in started for name in one["job_templates"]} == harmless
    (approving,) = [one for one in found if one["role"] == "approval"]
    assert (approving["teams"], approving["job_templates"]) == (["P approvers"], [])
    (seen,) = [one["job_templates"] for one in found if one["role"] == "read" and one["teams"] == ["P approvers"]]
    assert {"P plan stale sessions", "P end planned sessions"} <= set(seen)
    assert {team for one in grants(values(teams={"auditors": "A"}), SHIPPED) for team in one["teams"]} == {"A"}
    assert grants(values(teams={}), SHIPPED) == []
