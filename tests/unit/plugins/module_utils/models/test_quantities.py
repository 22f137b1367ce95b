# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times, memory, CPU and GB hours of a session come in the units of the contract, or as null."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from ansible_collections.aimms.cloud.plugins.module_utils.models.quantities import amount
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import AMOUNTS
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import ANYTHING

# The amount, and records that tell it.
TOLD = {
    ("queue_seconds", 10): [
        {"queueTime": "10.00"},
        {"queue_time": 10},
        {"times": {"queue": 10.0}},
        {"queue_ms": 10000},
    ],
    ("queue_seconds", 86402): [{"queueTime": "24:00:02"}, {"queue": " 24:00:02 "}],
    ("queue_seconds", 0): [{"queueTime": 0}, {"queueTime": "0"}],
    ("launch_seconds", 2.5): [{"launchTime": 2.5}, {"launch_duration": "2.5 s"}, {"launchTimeMs": 2500}],
    ("run_seconds", 612.24): [{"runTime": "612.24"}, {"runtime": 612.24}, {"run_time_seconds": 612.24}],
    ("run_seconds", 90): [{"run_duration": "1.5 min"}, {"runTimeMs": "90000"}],
    ("gb_hours", 0.42): [{"gbHour": 0.42}, {"GbHour": "0.42"}, {"gb_hours": 0.42}, {"GBHours": 0.42}],
    ("peak_memory_mib", 512): [
        *({"peakMemory": 512}, {"peak_memory": "512Mi"}, {"peakMemoryMi": 512}, {"peakMemoryMiB": 512}),
        *({"memory": {"peak": "0.5Gi"}}, {"peak_memory_bytes": 536870912}, {"maxMemory": "524288Ki"}),
    ],
    ("peak_memory_mib", 95.367432): [{"peakMemoryMB": 100}, {"peakMemory": "100 MB"}],
    ("peak_cpu_millicores", 250): [
        *({"peakCpu": 250}, {"peak_cpu": "250m"}, {"peakCpuM": 250}, {"cpu": {"peak": "250"}}),
        *({"peakCpuMillicores": 250}, {"peak_cpu_cores": 0.25}, {"peakCpu": "0.25 cores"}),
    ],
}
NONE = [
    None,
    "",
    "n/a",
    True,
    False,
    [],
    {},
    -1,
    "-1",
    "2026-01-31T08:15:00Z",
    1790000000,
    "1e5",
    float("nan"),
    "x" * 99,
]


def shown(record):
    return Session.from_record({"id": "s-1", **record}, "webui").as_dict(None)


@pytest.mark.parametrize(
    ("name", "value", "record"), [(*key, record) for key, records in TOLD.items() for record in records]
)
def test_an_amount_is_told_in_its_unit(name, value, record):
    found = shown(record)
    assert {one: found[one] for one in AMOUNTS} == {**dict.fromkeys(AMOUNTS), name: value}


@pytest.mark.parametrize("value", NONE, ids=str)
@pytest.mark.parametrize("name", ["queueTime", "gbHour", "peakMemory", "peakCpu"])
def test_what_is_no_amount_is_null(name, value):
    assert [one for one in AMOUNTS if shown({name: value})[one] is not None] == []


@pytest.mark.parametrize("value", ["512 apples", "3 cores"])
def test_a_unit_of_something_else_makes_it_null(value):
    assert amount(value, "peak_memory_mib", "peakMemory") is None
    assert amount(value, "queue_seconds", "queueTime") is None


def test_what_is_larger_than_any_session_can_be_is_null():
    assert amount(999_999_999, "run_seconds", "runTime") == 999_999_999
    assert amount(10**9, "run_seconds", "runTime") is None
    assert amount(10**400, "run_seconds", "runTime") is None


def test_a_whole_number_is_an_integer_and_six_digits_of_a_fraction_count():
    assert [repr(amount(value, "gb_hours", "gbHour")) for value in (2.0, "3", 0.1234567)] == ["2", "3", "0.123457"]


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(ANYTHING)
def test_any_value_is_an_amount_or_null(value):
    for name in AMOUNTS:
        found = amount(value, name, "peakTimeMs")
        assert found is None or 0 <= found < 10**9
        json.dumps(found, allow_nan=False)
