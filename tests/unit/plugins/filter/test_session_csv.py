# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter session_csv, as templates call it."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.filter.filter_call import (
    ODD,
    call,
    ends_in_its_own_error,
    odd_records,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

errors = pytest.importorskip("ansible.errors", reason="filters run on controllers only")


def test_sessions_become_a_table():
    figures = call("session_overview", samples.sessions(5), stale_after="8h", cleanup={})
    assert call("session_csv", figures["sessions"]).count("\r\n") == 6


def test_records_of_the_info_module_will_do_though_nothing_says_whether_they_are_stale():
    [one] = samples.sessions(1)
    [line] = csv.DictReader(io.StringIO(call("session_csv", [one]), newline=""))
    assert (line["id"], line["owner"], line["stale"], line["cleanup"]) == (one["id"], one["owner"], "", "")


@pytest.mark.parametrize("sessions", [5, None, ["x"], [None]])
def test_what_are_no_sessions_is_refused_by_the_filter_s_name(sessions):
    with pytest.raises(errors.AnsibleFilterError, match=r"session_csv: These are no records of sessions\.") as caught:
        call("session_csv", sessions)
    assert caught.value.__cause__ is None


def test_whatever_is_given_ends_in_its_own_error_or_in_a_table():
    one = samples.session(1, 9 * samples.HOUR)
    for given in (*ODD, *([value] for value in ODD), *([record] for record in odd_records(one))):
        ends_in_its_own_error("session_csv", given)
