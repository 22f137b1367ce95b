# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan with a notice: only what is due is in a batch, and what waits is kept; in texts and figures too."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.metrics import metrics_text
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import after_batch, gathered, merged, plan_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_texts import (
    json_report,
    markdown_report,
    outcome_lines,
    plan_lines,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    record,
    refused,
    selection,
    settings,
    stale,
)

WAITS = {"announced_at": "2026-03-02T00:00:00Z", "due_at": "2026-03-03T00:00:00Z"}


def announce(planned, changes):
    """The first one is due, and the others are announced by a run that changes something."""
    others = [{**one, **WAITS} for one in planned[1:]]
    told = {"owner": "a@ROOT", "email": None, "sessions": others, "due_at": WAITS["due_at"]}
    return {
        "due": list(planned[:1]),
        "announced": others if changes else [],
        "to_notify": [told] if changes and others else [],
        "unannounced": 0 if changes else len(others),
        "first": False,
    }


def run(count=3, picked=None, **values):
    """Settings, selection and what was gathered of a run that ends what it may."""
    made, picked = settings(notice="24h", **values), picked or selection(stale(count))
    plan = plan_of(made, picked, announce)
    planned = [one for batch in plan["batches"] for one in batch]
    batch = {"sessions": [{**one, "result": "terminated", "msg": ""} for one in planned]}
    done = after_batch(None, made, planned, batch) if planned else None
    return made, picked, plan, gathered(made, picked, plan, done)


def ids(records):
    return [one["id"] for one in records]


def test_only_what_is_due_is_ended_and_what_waits_is_kept():
    _made, _picked, plan, found = run()
    result = found["result"]
    assert ([ids(batch) for batch in plan["batches"]], plan["ends"]) == ([["s0"]], 1)
    assert (ids(result["planned"]), ids(result["terminated"])) == (["s0", "s1", "s2"], ["s0"])
    assert [(one["id"], one["reason"]) for one in result["kept"]] == [("s1", "announced"), ("s2", "announced")]
    assert (result["failed"], found["failure"]) == ([], "")
    assert ids(found["running"]) == ["s1", "s2"]
    assert len(result["to_notify"]) == 1


@pytest.mark.parametrize("over", [False, True])
def test_a_plan_and_a_limit_announce_nothing_and_keep_nothing_for_it(over):
    picked = refused(stale(3)) if over else None
    _made, _picked, plan, found = run(picked=picked, apply=over)
    assert (plan["batches"], found["result"]["announced"], found["result"]["to_notify"]) == ([], [], [])
    assert (found["unannounced"], found["result"]["kept"], len(found["running"])) == (2, [], 3)


def test_without_a_notice_the_lists_are_empty_and_nothing_is_said():
    made, picked = settings(), selection(stale(2))
    plan = plan_of(made, picked)
    found = gathered(made, picked, plan, None)
    assert [found["result"][name] for name in ("to_notify", "announced", "due")] == [[], [], []]
    assert (plan["ends"], found["unannounced"]) == (2, None)
    assert not [line for line in plan_lines(made, picked, found) if "announced" in line]
    assert "announced" not in markdown_report(made, found, "2026-03-03T00:00:00Z")


def test_lines_say_what_is_due_and_what_waits():
    made, picked, plan, found = run()
    before = gathered(made, picked, plan, None)
    assert [line for line in plan_lines(made, picked, before) if "of them" in line or "wait" in line] == [
        "1 of them are due: they were announced long enough ago",
        "2 of them are announced now",
        "2 wait, the first until 2026-03-03T00:00:00Z",
    ]
    assert outcome_lines(made, found) == [
        "1 of 1 ended, 0 by interrupt and 1 by force",
        "2 wait for their notice to be over",
    ]
    made, picked, _plan, found = run(apply=False)
    assert "2 of them are not announced yet; only an apply announces" in plan_lines(made, picked, found)


def test_reports_and_figures_tell_them():
    made, _picked, _plan, found = run()
    written = json_report(made, found, "2026-03-03T00:00:00Z")
    assert (written["notice"], len(written["due"]), len(written["announced"])) == ("24h", 1, 2)
    text = markdown_report(made, found, "2026-03-03T00:00:00Z")
    assert "It is ended only if it was announced 24h before." in text
    assert "| 3 | 2 | 1 | 0 | 1 |" in text
    assert text.count("s1") == 1
    figures = metrics_text("acme", found, None, now=1, applied=True, succeeded=True)
    for line in ("announced_sessions", "due_sessions", "kept_sessions"):
        assert f"aimms_session_cleanup_{line}" in figures
    assert 'kept_sessions{account="acme",reason="announced"} 2' in figures


def test_each_entry_of_a_run_over_several_hosts_has_its_host():
    found = [{**run()[3], "host": host} for host in ("g", "h")]
    every = merged(found, 2)
    assert [one["host"] for one in every["to_notify"]] == ["g", "h"]
    assert [one["host"] for one in every["announced"]] == ["g", "g", "h", "h"]


def test_a_run_that_follows_a_plan_and_only_announces_does_not_fail():
    picked = selection([record(7, result="already_ended", msg=""), *stale(2)])
    assert run(picked=picked, follows=True)[3]["failure"] == ""
