# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a role registered is used only if they went well, and belong to this run."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import (
    gathered,
    has,
    held_after,
    registered,
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
