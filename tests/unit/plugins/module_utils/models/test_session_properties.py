# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions from any record at all. Proves rules 10, 15 and 19 for what nobody thought of."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

NOW = int(checks.NOW)


@tried(300)
@given(sent.RECORDS)
def test_any_record_is_a_session_of_the_documented_types_or_none(record: dict[str, Any]) -> None:
    assert checks.session_fault(record) is None


@tried(250)
@given(sent.RECORDS, st.sampled_from([-600, 0, 600]))
def test_no_time_in_any_record_makes_a_session_old_that_is_not(record: dict[str, Any], skew: int) -> None:
    assert checks.stale_fault({"id": "a", **record}, skew) is None


@tried(300)
@given(sent.CONTRADICTIONS, st.sampled_from([-600, 0, 600]))
@example({"id": "a", "creation_time": NOW - 10**6, "created": NOW - 60}, 0)
@example({"id": "a", "created_at": "soon", "submitted_at": NOW + 10**6}, 0)
def test_no_session_is_old_by_a_time_that_is_none_or_under_a_less_sure_name(record: dict[str, Any], skew: int) -> None:
    assert checks.stale_fault(record, skew) is None


@tried(250)
@given(sent.whole_records())
def test_what_a_record_says_well_is_read_as_it_is(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert checks.whole_fault(pair) is None
