# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks, log lines, envelopes and documents from anything at all. Proves rule 10 for what nobody thought of."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent


def tried(count: int) -> Callable[[Any], Any]:
    """So many examples, the same in every run."""
    quiet = list(HealthCheck)
    return settings(max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=quiet)


@tried(80)
@given(sent.RECORDS)
def test_any_record_is_a_task_or_none(record: dict[str, Any]) -> None:
    assert checks.task_fault({"id": "a", **record}) is None


@tried(80)
@given(sent.LINES)
def test_any_records_are_as_many_log_lines_or_refused(records: list[Any]) -> None:
    assert checks.lines_fault(records) is None


@tried(150)
@given(sent.ANSWERS, sent.HEADERS, st.booleans())
def test_any_answer_holds_a_list_or_is_refused(answer: Any, headers: dict[str, str], lines: bool) -> None:
    assert checks.answer_fault(answer, headers, lines) is None


@tried(100)
@given(sent.DOCUMENTS)
def test_any_document_is_described_or_found_unreadable(tree: dict[str, Any]) -> None:
    pytest.importorskip("yaml")
    assert checks.document_fault({"paths": {}, **tree}) is None


@tried(150)
@given(sent.BYTES)
def test_any_bytes_are_values_or_refused(body: bytes) -> None:
    assert checks.bytes_fault(body) is None
