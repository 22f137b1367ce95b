# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role for tasks makes of the results of its module: no run of a repeated task is lost or counted twice."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import after_batch, gathered, plan_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_texts import markdown_report, outcome_lines, plan_lines
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import TASKS
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import settings

WRITTEN = "2026-03-14T06:30:00Z"


def task(index, result="would_delete", **values):
    told = {"app_name": "Crew", "app_version": "1", "owner": "jdoe@ROOT", "age_seconds": 9e6, "msg": ""}
    times = {"created_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-02T00:00:00Z"}
    return {"id": "g", "group_index": index, "result": result, **told, **times, **values}


def selection(*tasks, **more):
    results = [one["result"] for one in tasks]
    summary = {result: results.count(result) for result in results}
    return {"tasks": list(tasks), "kept": [task(9, reason="last_of_schedule")], "summary": summary, **more}


def made(**values):
    return settings(TASKS, **{"archive": True, "older_than": None, "batch_size": 2, "max_tasks": 500, **values})


def run(*results, **values):
    """A run over runs of one task, in batches of two; a result of None is left out of its batch."""
    told = made(**values)
    picked = selection(*map(task, range(len(results))))
    plan, done = plan_of(told, picked), None
    for batch in plan["batches"]:
        tasks = [{**one, "result": results[one["group_index"]], "msg": "why"} for one in batch]
        files = [{"path": "p", "task_id": "g", "part": "log", "size": 1, "lines": 1, "redactions": 0}]
        batch = {"tasks": [one for one in tasks if one["result"]], "files": files}
        done = after_batch(done, told, [], batch, {"files": files})
    return told, picked, gathered(told, picked, plan, done)


def test_each_run_of_a_repeated_task_has_its_own_result():
    _told, _picked, found = run("deleted", "failed", "not_found", None)
    result = found["result"]
    numbers = {name: [one["group_index"] for one in result[name]] for name in ("deleted", "failed", "skipped")}
    assert numbers == {"deleted": [0], "failed": [1, 3], "skipped": [2]}
    assert [one["result"] for one in result["failed"]] == ["failed", "not_tried"]
    assert len(result["archived"]) == 2
    assert found["failure"] == "2 of 4 planned tasks could not be deleted: g, g. why"


def test_a_plan_over_a_limit_is_shown_and_an_apply_refused():
    text = "Nothing was deleted: 2 tasks are selected and max_tasks is 1."
    picked = selection(task(0, "not_tried"), task(1, "not_tried"), msg=text, failed=True)
    for apply in (False, True):
        told = made(apply=apply)
        plan = plan_of(told, picked)
        found = gathered(told, picked, plan, None)
        assert (plan["batches"], len(found["result"]["planned"])) == ([], 2)
        assert found["failure"] == (text.replace("max_tasks", "task_retention_max_tasks") if apply else "")


def test_what_is_said_is_about_tasks():
    told, picked, found = run("deleted", "deleted")
    lines = plan_lines(told, {**picked, "cutoff": "2026-01-03T00:00:00Z"}, found)
    assert lines[:4] == [
        "account acme",
        "2 of 3 ended tasks are old (cutoff 2026-01-03T00:00:00Z)",
        "1 kept as last of schedule",
        "2 responses and logs to be saved first",
    ]
    assert outcome_lines(told, found) == ["2 of 2 tasks deleted", "1 files saved"]
    page = markdown_report(told, found, WRITTEN)
    assert page.startswith("# Tasks that ended long ago: acme\n")
    assert "| run | id | owner | app | created | ended |" in page
    assert "| 1 | g | jdoe@ROOT | Crew 1 | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z |" in page
    assert "| log | g | p | 1 | 1 | 0 |" in page
    assert "session" not in page + " ".join(lines)


@pytest.mark.parametrize(("older_than", "said"), [(None, "ended"), ("90d", "was created")])
def test_what_old_means_is_said(older_than, said):
    told, _picked, found = run("deleted", older_than=older_than)
    assert f"Old is what {said} before None." in markdown_report(told, found, WRITTEN)
