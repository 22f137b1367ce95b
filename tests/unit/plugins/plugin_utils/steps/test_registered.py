# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a role registered is used only if they went well, and belong to this run."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, REPORT
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import (
    gathered,
    has,
    held_after,
    registered,
    remarks_before,
    settings_of,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import selection, settings, stale

PLAN = {"changes": True, "refused": "", "notices": None}


def told(**results):
    return {f"_{CLEANUP}_{name}": value for name, value in results.items()}


@pytest.mark.parametrize("read", [None, {}, "text", {"failed": True, "settings": {}}, {"skipped": True}])
def test_nothing_is_done_without_what_was_read(read):
    with pytest.raises(OptionError, match="were not read, or refused"):
        settings_of(CLEANUP, told(read=read))


def test_a_task_that_did_not_run_registered_nothing():
    assert registered(CLEANUP, "key", {}) == {}
    assert registered(CLEANUP, "key", told(key="odd")) == {}
    assert registered(CLEANUP, "key", told(key={"a": 1})) == {"a": 1}
    assert [has(one, "a") for one in ({"a": None}, {}, None, {"a": 1, "failed": True})] == [True, False, False, False]


def test_the_plan_of_another_run_is_none():
    given = told(read={"settings": settings()}, selection=selection(stale(2)))
    for began in ("0", None):
        with pytest.raises(OptionError, match="has no plan"):
            gathered(CLEANUP, {**given, **told(plan={**PLAN, "began": began})})


def test_what_batches_did_counts_if_they_went_well():
    given = told(read={"settings": settings()}, selection=selection(stale(2)), plan={**PLAN, "began": "1"})
    ended = held_after(None, settings(), [], selection(stale(2, "terminated")))
    assert len(gathered(CLEANUP, {**given, **told(done=ended)})["result"]["terminated"]) == 2
    for done in ({**ended, "failed": True}, {**ended, "began": "0"}, None):
        assert gathered(CLEANUP, {**given, **told(done=done)})["result"]["terminated"] == []


ROLES = Path(__file__).absolute().parents[5] / "roles"
STEP, MODULES = "aimms.cloud.aimms_role_step", "aimms.cloud.aimms_"


def tasks_of(path):
    """The tasks of a file in their order, those of blocks and always too."""
    left = yaml.safe_load(path.read_text(encoding="utf-8"))
    while left:
        task = left.pop(0)
        left = [*task.get("block", ()), *task.get("always", ()), *left]
        yield task


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir()))
def test_a_step_tells_the_warnings_of_each_module_before_it(role):
    every = [task for path in sorted(ROLES.glob(f"{role}/tasks/*.yml")) for task in tasks_of(path)]
    told = []
    for task in every:
        if STEP in task:
            given = {f"_{role}_{name}": {"remarks": [f"{name}: limit."]} for name in ("key", "logs", "list", "users")}
            given.update({f"_{role}_{name}": {"remarks": [f"{name}: limit."]} for name in ("selection", "batch")})
            given.update({f"_{role}_read": {"settings": settings()}, f"_{role}_plan": {"owners": ["a@B"]}})
            told += [text.partition(":")[0] for text in remarks_before(role, task[STEP]["step"], given)]
    own = [task["register"].removeprefix(f"_{role}_") for task in every if any(map(is_module, task))]
    assert set(own) <= set(told)
    defaults = [task["module_defaults"] for task in every if "module_defaults" in task]
    assert [one["group/aimms.cloud.aimms"]["_remarks"] for one in defaults] == [True]


def is_module(name):
    return name.startswith(MODULES) and name != STEP


def test_warnings_are_told_in_the_words_of_the_role():
    naive, soon = ["Set naive_timezone to the zone of the server."], ["The API key expires in 2 days."]
    read = {"settings": {**settings(), "given": {"naive_timezone": None}}}
    given = told(read=read, selection={"remarks": naive}, key={"remarks": soon})
    assert remarks_before(CLEANUP, "plan", given) == [naive[0].replace("naive", f"{CLEANUP}_naive"), *soon]
    assert remarks_before(CLEANUP, "report", {**given, **told(users={"remarks": ["of an earlier run"]})}) == []
    assert remarks_before(CLEANUP, "read", given) == []
    assert remarks_before(REPORT, "report", {}) == []
