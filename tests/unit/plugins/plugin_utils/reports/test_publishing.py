# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts have told something, and whose pages are published."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.publishing import finished, pages_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import REPORT

LISTED = {"sessions": [], "complete": True, "naive_timestamps": 0}


def host(name="h", began="1", *, publish=False, **report):
    given = {"stale_after": "24h", "kinds": None, "owners": None, "apps": None, "publish_page": publish}
    settings = {"host": name, "account": name, "began": "1", "given": given, "files": None}
    settings["cleanup"] = {"place": None, "report": None}
    told = {"result": {}, "host": name, "began": began, "written_at": "2026-03-14T06:30:00Z", "history": [], **report}
    return {
        "_session_report_read": {"settings": settings},
        "_session_report_list": LISTED,
        "_session_report_report": told,
    }


def run(**hosts):
    return {"ansible_play_hosts_all": [*hosts, "silent"], "hostvars": {"silent": {}, **hosts}}


def test_only_hosts_that_reported_in_this_run_count():
    given = run(done=host(), earlier=host(began="0"), broken=host(failed=True), unread={"_session_report_report": {}})
    assert list(finished(REPORT, given)) == ["done"]


class HostVars(dict):
    """As Ansible's: what is taken by name is evaluated, value by value."""

    def __getitem__(self, host):
        raise AssertionError(f"the variables of {host} are evaluated")

    def raw_get(self, host):
        return dict.__getitem__(self, host)


def test_what_hosts_registered_is_taken_as_it_is():
    given = run(a=host("a", publish=True))
    given["hostvars"] = HostVars(given["hostvars"])
    results = list(finished(REPORT, given).values())
    assert [one["host"] for one in results] == ["a"]
    assert list(pages_of(REPORT, results, given)[0]["aimms_pages"]) == ["a"]


def test_a_page_is_published_where_it_is_asked_for_once(monkeypatch):
    given = run(a=host("a", publish=True), b=host("a", publish=True), c=host("c"))
    results = list(finished(REPORT, given).values())
    pages, warnings = pages_of(REPORT, results, {**given, "hostvars": {**given["hostvars"]}})
    assert (list(pages["aimms_pages"]), warnings) == (["a"], [])
    assert "2026-03-14 06:30 UTC" in pages["aimms_pages"]["a"]
    monkeypatch.setattr("ansible_collections.aimms.cloud.plugins.plugin_utils.reports.publishing.LARGEST_PAGE", 10)
    pages, warnings = pages_of(REPORT, results, given)
    assert (pages, len(warnings)) == ({}, 1)
