# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page over all accounts: who writes it, what it links to, and that names stay text."""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts.accounts import (
    accounts_page,
    entry_of,
    index_for,
    is_foreign,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.rendered_page import Parsed


def entry(host, count=3, finished=1.0, page="", cleanup=True, **more):
    sessions = samples.sessions(count)
    report = overview(sessions, cleanup=samples.cleanup(sessions) if cleanup else None)
    own = {"host": host, "account": f"{host}.example", "written_at": samples.written(samples.NOW), **more}
    return entry_of({**report, **own}, page or f"/r/{host}.html", finished)


def test_only_the_host_that_finished_last_writes_it_once_for_all():
    pages = [entry("a", finished=2), entry("b", finished=3), entry("c", finished=1), None]
    made = {host: index_for(host, pages, ()) for host in ("a", "b", "c", "d")}
    assert {host: found and found[0] for host, found in made.items()} == {
        **dict.fromkeys(("a", "c", "d")),
        "b": "/r/index.html",
    }
    assert [given["href"] for _tag, given in Parsed(made["b"][1]).elements if "href" in given] == [
        f"{host}.html" for host in ("a", "b", "c")
    ]


def test_hosts_that_finish_at_the_same_time_still_agree_who_writes_it():
    pages = [entry("a"), entry("b")]
    assert [index_for(host, pages, ()) is not None for host in ("a", "b")] == [False, True]


@pytest.mark.parametrize(
    ("pages", "missing", "is_written"),
    [
        ([entry("a")], [], False),
        ([entry("a"), entry("a")], [], False),  # run_once: the same result for each host
        ([entry("a")], ["b"], True),
        ([entry("a"), entry("b", page="/other/b.html")], [], False),
        ([entry("a"), entry("b", page="/other/b.html")], ["c"], False),
        ([entry("a", finished=2), entry("b")], [], True),
    ],
)
def test_it_is_written_where_several_accounts_share_a_folder(pages, missing, is_written):
    assert (index_for("a", pages, missing) is not None) == is_written


def test_it_has_the_sums_and_names_who_is_missing():
    said = Parsed(accounts_page([entry("a", 40), entry("b", 3), entry("c", listed=False)], ["d"])).said
    figures = dict(re.findall(r"(Accounts|Running|Stale|Ended|Failed)\s*(\d+)", said))
    assert figures == {"Accounts": "3", "Running": "43", "Stale": "7", "Ended": "12", "Failed": "6"}
    assert "The last run wrote no page of: d." in said
    assert "a limit refused it" not in said


def test_those_with_the_most_stale_sessions_come_first():
    hrefs = [
        given["href"]
        for _tag, given in Parsed(accounts_page([entry("few", 1), entry("many", 60)], [])).elements
        if "href" in given
    ]
    assert hrefs == ["many.html", "few.html"]


def test_names_of_hosts_and_accounts_are_text():
    bad = [
        entry(f"h{number}", account=name, page=f"/r/{name.replace('/', '_')}.html")
        for number, name in enumerate(samples.HOSTILE)
    ]
    found = Parsed(accounts_page(bad, samples.HOSTILE))
    plain = Parsed(accounts_page([entry("a")], []))
    assert {tag for tag, _given in found.elements} == {tag for tag, _given in plain.elements}
    assert not [name for _tag, given in found.elements for name in given if name.startswith(("on", "style"))]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", accounts_page(bad, samples.HOSTILE))
    assert all(":" not in given["href"] for _tag, given in found.elements if "href" in given)


def test_a_page_of_somebody_else_is_known():
    assert is_foreign("<html>mine</html>")
    assert not is_foreign("")
    assert not is_foreign(accounts_page([entry("a")], []))
