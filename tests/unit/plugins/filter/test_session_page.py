# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter session_page, as templates call it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.filter.filter_call import (
    ODD,
    call,
    ends_in_its_own_error,
    odd_records,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

errors = pytest.importorskip("ansible.errors", reason="filters run on controllers only")


def test_figures_become_a_page():
    figures = call("session_overview", samples.sessions(5), stale_after="8h", cleanup={})
    html = call("session_page", {**figures, "host": "acme", "written_at": samples.written(samples.NOW)})
    assert html.startswith("<!doctype html>")
    assert all(one["id"] in html for one in figures["sessions"])
    assert "Stale is what is older than 8h." in html


def test_the_report_is_not_changed():
    report = {**call("session_overview", samples.sessions(5)), "host": "acme", "written_at": ""}
    before = repr(report)
    call("session_page", report)
    assert repr(report) == before


@pytest.mark.parametrize("report", [{"running": 5}, {}, None, "a page", 5])
def test_what_is_no_report_is_refused_by_the_filter_s_name(report):
    with pytest.raises(errors.AnsibleFilterError, match=r"session_page: This is no report of sessions") as caught:
        call("session_page", report)
    assert caught.value.__cause__ is None


def test_whatever_is_given_ends_in_its_own_error_or_in_a_page():
    figures = {**call("session_overview", [samples.session(1, 9 * samples.HOUR)]), "host": "a", "written_at": ""}
    sessions = ({**figures, "sessions": [record]} for record in odd_records(figures["sessions"][0]))
    for given in (*ODD, *odd_records(figures), *sessions):
        ends_in_its_own_error("session_page", given)
