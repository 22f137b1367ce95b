# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statistic of a run: whole outside AWX; in AWX what the next job needs, small, and enough to be a plan."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS
from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import planned_at, session_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import gathered, plan_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import RETENTION, planned_records
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.statistic import statistic
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    HOUR,
    record,
    selection,
    settings,
    stale,
)

URL = "https://acme.aimms.cloud"


def full(number, age=48 * HOUR, **more):
    """A session as the module gives it, with all fields."""
    texts = {name: f"{name} of a long text" for name in FIELDS}
    return {**texts, "scheduled_for": None, "age_seconds": age, "url": URL, **record(number, age, **more)}


def result_of(host, planned, kept=(), **values):
    made, picked = settings(apply=False, **values), selection(planned, kept)
    return {"host": host, "result": gathered(made, picked, plan_of(made, picked), None)["result"]}


def published(*results, hosts, in_awx=True):
    return statistic(list(results), hosts, in_awx)


def test_outside_awx_it_is_the_result():
    one = result_of("h", stale(2), [record(9, HOUR, reason="protected")])
    assert published(one, hosts=["h"], in_awx=False) == one["result"]


@pytest.mark.parametrize("hosts", [["h"], ["h", "g"]])
def test_in_awx_each_planned_session_is_one_that_an_apply_can_follow(hosts):
    planned = [full(number, result="would_terminate", msg="") for number in range(3)]
    planned[1].update(app_name=None, owner=None)
    found = json.loads(json.dumps(published(*(result_of(host, planned) for host in hosts), hosts=hosts)))
    for host in hosts:
        records = planned_records(found, host, "plan")
        assert [session_of(one) for one in records] == [session_of({**one, "state": ""}) for one in planned]
        assert planned_at(records) == planned_at(planned)
        assert {one["url"] for one in records} == {URL}
    assert planned_records(found, "another", "plan") == []


def test_in_awx_it_has_of_the_kept_sessions_the_number_by_reason_only():
    kept = [full(number, reason="too_young") for number in range(2000)] + [full(7, reason="protected")]
    found = published(result_of("h", stale(1), kept), hosts=["h"])
    assert found["kept_by_reason"] == {"protected": 1, "too_young": 2000}
    assert len(json.dumps(found)) < 1000


def test_in_awx_a_planned_session_takes_few_bytes():
    """See docs/sizing.md."""
    planned = [full(number, result="would_terminate", msg="") for number in range(1000)]
    size = len(json.dumps(published(result_of("h", planned), hosts=["h"]))) / 1000
    assert size < len(json.dumps(planned)) / 1000 / 2


def test_in_awx_it_names_the_hosts_that_came_to_nothing():
    found = published(result_of("h", stale(1)), hosts=["h", "g", "f"])
    assert found["hosts_without_result"] == ["f", "g"]
    assert published(result_of("h", []), hosts=["h"])["hosts_without_result"] == []


def test_in_awx_an_outcome_says_what_became_of_which_session():
    ended = {"terminated": [full(1, result="terminated", msg="")], "failed": [full(2, result="failed", msg="No.")]}
    one = result_of("h", stale(1))
    found = published({**one, "result": {**one["result"], **ended}}, hosts=["h"])
    ((done,), (failed,)) = found["terminated"], found["failed"]
    assert set(done) == {"host", "kind", "id", "owner", "app_name", "result"}
    assert (failed["id"], failed["result"], failed["msg"]) == ("s2", "failed", "No.")


def test_in_awx_records_that_were_deleted_are_told_whole():
    gone = full(1, result="deleted")
    one = result_of("h", [full(1, result="would_delete")], [full(2, reason="too_young")], role=RETENTION)
    found = published({**one, "result": {**one["result"], "deleted": [gone]}}, hosts=["h"])
    assert (found["kept_by_reason"], len(found["planned"])) == ({"too_young": 1}, 1)
    assert found["deleted"] == [{**gone, "host": "h"}]


def test_in_awx_what_runs_is_published_as_it_is():
    figures = {"host": "h", "result": {"running": 3, "stale": 1, "complete": True, "report": None}}
    assert published(figures, hosts=["h"]) == figures["result"]
