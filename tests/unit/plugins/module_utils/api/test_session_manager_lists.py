# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of sessions, kind by kind, while threads fetch pages ahead. Proves rule 20: an error is never a short list."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.tests.timing import PATIENCE
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account


@pytest.fixture(name="account")
def service():
    """95 WebUI sessions and one task, ten on a page."""
    with Account(page=10) as made:
        for number in range(95):
            made.add("webui", f"w-{number:02}", hours=number + 1)
        made.add("task", "t-1")
        yield made


def test_a_long_list_is_read_whole_and_each_page_once(account):
    manager = SessionManager.connect(account.params())
    listing = manager.list(["webui", "task"])
    assert (len(listing.records), listing.problems) == (96, [])
    offsets = [int(asked.get("offset", 0)) for asked in account.asked("/sessions/webui")]
    assert sorted(offsets) == list(range(0, 95, 9))
    assert len(account.asked("/sessions/task")) == 1


def test_what_is_held_of_a_session_is_decided_as_it_is_read(account):
    manager = SessionManager.connect(account.params(), criteria_from(account.params()).zone)
    listing = manager.list(["webui"], (), lambda session: Session("", session.kind, session.state))
    assert {(session.id, session.state) for session in listing.records} == {("", "running")}
    assert len(listing.records) == 95


def test_the_records_are_held_only_where_they_are_wanted(account):
    manager = SessionManager.connect(account.params())
    assert all(session.raw["id"] == session.id for session in manager.list(["webui"]).records)
    assert not any(session.raw for session in manager.list(["webui"], raw=False).records)


def test_a_page_that_fails_fails_the_list(account):
    account.on("GET", "/sessions/webui", lambda: None, lambda: None, *[500] * 40)
    with pytest.raises(Exception, match="500"):
        SessionManager.connect(account.params()).list(["webui"])


def test_the_first_page_of_the_next_kind_is_not_waited_for_and_asked_for_once(account, monkeypatch):
    manager = SessionManager.connect(account.params())
    both, get = threading.Barrier(2), manager._client.get

    def together(path, query=(), **how):
        if path.endswith("/task") or ("offset", "90") in query:  # the last page of the kind before
            both.wait(PATIENCE)
        return get(path, query, **how)

    monkeypatch.setattr(manager._client, "get", together)
    listing = manager.list(["webui", "task", "solve"])
    assert (len(listing.records), listing.problems) == (96, [])
    assert [len(account.asked(f"/sessions/{kind}")) for kind in ("webui", "task", "solve")] == [11, 1, 1]
    assert manager.list_cost(["webui", "task", "solve"]) == 13


def test_lists_of_one_page_are_read_one_after_the_other_on_one_connection(account):
    for number in range(5, 95):
        del account.sessions["webui", f"w-{number:02}"]
    manager = SessionManager.connect(account.params())
    before = len(manager._client._connections._all)
    assert len(manager.list(["webui", "task"]).records) == 6
    assert len(manager._client._connections._all) == before == 1


def test_a_kind_that_the_server_has_not_is_passed_over_though_it_was_begun_early(account):
    manager = SessionManager.connect(account.params())
    manager.routes = replace(manager.routes, sure_kinds=False)
    account.on("GET", "/sessions/solve", 404)
    assert len(manager.list().records) == 96
    assert len(account.asked("/sessions/solve")) == 1


def test_kinds_that_are_refused_by_a_page_are_left_out_only_together(account):
    page, own_words = (404, b"<html>Not Found</html>"), 404
    manager = SessionManager.connect(account.params())
    manager.routes = replace(manager.routes, sure_kinds=False, kinds=KINDS)
    account.on("GET", "/sessions/external", page, own_words)
    account.on("GET", "/sessions/verify", page, page)
    assert manager.list().problems == []
    assert [problem.partition(":")[0] for problem in manager.list().problems] == ["verify"]


def test_an_id_is_not_looked_for_in_kinds_that_the_server_refuses_together(account):
    page = (404, b"<html>Not Found</html>")
    manager = SessionManager.connect(account.params())
    manager.routes = replace(manager.routes, sure_kinds=False, kinds=KINDS)
    for end in ("external/nowhere", "sessions/external", "sessions/verify"):
        account.on("GET", end, page)
    assert manager.get("external", "nowhere") is None


def test_no_page_makes_a_session_absent_whose_kind_was_seen(account):
    page = (404, b"<html>Not Found</html>")
    account.kinds = KINDS
    account.add("external", "x-1")
    manager = SessionManager.connect(account.params())
    manager.routes = replace(manager.routes, sure_kinds=False, kinds=KINDS)
    assert manager.get("external", "x-1").id == "x-1"
    for end in ("external/x-1", "sessions/external", "sessions/verify"):
        account.on("GET", end, page)
    with pytest.raises(AnswerError, match="not known whether the service said so"):
        manager.get("external", "x-1")


def test_what_the_next_kind_answers_is_no_matter_of_this_one(account):
    account.on("GET", "/sessions/task", 500)
    account.on("GET", "/sessions/webui", *[lambda: None] * 10, 501)
    with pytest.raises(HttpError, match="/webui answered 501"):
        SessionManager.connect(account.params()).list(["webui", "task"])
