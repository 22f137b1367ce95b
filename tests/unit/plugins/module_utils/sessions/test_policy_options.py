# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules as parsed: each part of a rule arrives, and what it does not say is as beside the rules. Proves rule 18."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.options import BULK, SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.policy_options import policies_from

DEFAULTS = {name: entry.get("default") for name, entry in {**SELECTION, **BULK}.items()}
WHOLE = {
    "name": " all of it ",
    "description": "For readers.",
    "kinds": ["webui"],
    "session_ids": ["a"],
    "states": ["Running"],
    "apps": ["A*"],
    "app_versions": ["1.*"],
    "keep_versions": 2,
    "owners": ["*@ROOT"],
    "older_than": "8h",
    "newer_than": "2d",
    "age_from": "started",
    "quiet_for": "1h",
    "task_activity": "ignore",
    "between": "22:00-06:00",
    "timezone": "UTC",
    "interrupt_tasks": "solve",
    "grace_period": "5m",
    "interrupt_fallback": False,
    "max_seats": 9,
    "max_sessions": 5,
    "max_percent": 20,
    "max_per_owner": 2,
}


def parsed(*rules, **beside):
    given = [{**dict.fromkeys(POLICY), "action": "end", **rule} for rule in rules]
    options = {"interrupt_tasks": "never", "grace_period": "60s", "interrupt_fallback": True, **DEFAULTS, **beside}
    return policies_from({**options, "policies": given}, ("older_than", "apps", "max_active"))


def test_every_part_of_a_rule_arrives():
    assert set(WHOLE) == set(POLICY) - {"action"}
    (policy,) = parsed(WHOLE, protect_apps=["Payroll"])
    assert (policy.name, policy.keep) == ("all of it", False)
    assert policy.criteria == Criteria(
        kinds=("webui",),
        session_ids=("a",),
        states=("running",),
        apps=("A*",),
        app_versions=("1.*",),
        keep_versions=2,
        owners=("*@ROOT",),
        older_than=8 * 3600,
        newer_than=2 * 86400,
        age_from="started",
        quiet_for=3600,
        protect_apps=("Payroll",),
    )
    assert policy.breakers == Breakers(5, 20, 2)
    assert policy.window
    assert (policy.window.begin, policy.window.end) == (22 * 60, 6 * 60)
    told = {name: policy.options[name] for name in ("task_activity", "interrupt_tasks", "grace_period", "max_seats")}
    assert told == {"task_activity": "ignore", "interrupt_tasks": "solve", "grace_period": "5m", "max_seats": 9}
    assert policy.options["interrupt_fallback"] is False


def test_what_a_rule_does_not_say_is_as_beside_the_rules_but_limits_are_its_own():
    (policy,) = parsed({"name": "a", "apps": ["A"]}, age_from="started", interrupt_tasks="execution", max_sessions=3)
    assert policy.criteria.age_from == "started"
    assert policy.options["interrupt_tasks"] == "execution"
    assert policy.options["task_activity"] == "auto"
    assert policy.breakers == Breakers()


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in ("name", "description")])
def test_a_rule_that_keeps_has_no_words_on_how_to_end(name):
    for_keeping = "kinds session_ids states apps app_versions owners older_than newer_than age_from between timezone"
    rule = {"name": "a", "action": "keep", name: WHOLE[name], "kinds": ["webui"]}
    rule.update({"between": WHOLE["between"], "timezone": "UTC"} if name in ("between", "timezone") else {})
    if name in for_keeping.split():
        assert parsed(rule)[0].keep
    else:
        with pytest.raises(OptionError, match=f"{name}: not in a rule that keeps"):
            parsed(rule)
