# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a change to many are documented as they are specified: sessions and limits, and the pace."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.options import BREAKERS, BULK, PACE
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import fragment, told

OPTIONS, PACES = fragment("aimms.cloud.bulk"), fragment("aimms.cloud.bulk.pace")


def test_each_option_is_documented_as_it_is_specified():
    assert told(PACES) == told(PACE)
    assert told(OPTIONS) == told({"sessions": BULK["sessions"], **BREAKERS})
    assert {**OPTIONS, **PACES}.keys() == BULK.keys()


@pytest.mark.parametrize(("name", "option"), [*OPTIONS.items(), *PACES.items()])
def test_each_option_is_described(name, option):
    assert option["description"], name


def test_the_time_to_wait_is_a_duration():
    assert parse_duration(PACES["wait_timeout"]["default"], "wait_timeout") == 120
