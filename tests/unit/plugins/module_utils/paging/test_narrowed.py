# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists without ended sessions: believed only where the server's counts prove that nothing else is left out.

Proves rule 20. The lists are those of a server in memory that reads its filter well, or in a wrong way.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import routes_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.narrowed import Narrowing

SIZE = 10
STATES = ("queued", "running", "finished", "terminated")
ENDED = {"finished", "terminated"}


def routes(kinds=("webui",), states=STATES):
    """The routes of a document in which each kind has a list of its own, with the filter (except for solve)."""
    several = {"name": "state", "in": "query", "schema": {"type": "array", "items": {"enum": [*states]}}}
    filters = {kind: [] if kind == "solve" else [several] for kind in kinds}
    paths = {f"/sessions/{kind}": {"get": {"parameters": filters[kind]}} for kind in kinds}
    return routes_from(Document({"openapi": "3.0.3", "paths": paths}))


class Server:
    """Sessions by kind: the state of each. ``asked``: kind and states of each page; ``read``: how a filter is read."""

    def __init__(self, **states):
        self.sessions = {
            kind: [Session(f"{kind}-{number}", kind, state) for number, state in enumerate(of_kind)]
            for kind, of_kind in states.items()
        }
        self.asked = []
        self.page = lambda page, states: page

    def matches(self, session, states):
        return session.state in states

    def list(self, kinds, filters=(), *, check=lambda _kind, page: page, narrow=None, raw=False, attempts=None):
        """As ``SessionManager.list``; returns what was read."""
        found = []
        for kind in kinds:
            asked = narrow[kind].filters if narrow and kind in narrow else filters
            states = frozenset(state for _name, state in asked)
            position, total = 0, SIZE
            while position < max(total, 1):
                self.asked.append((kind, states))
                listed = [one for one in self.sessions[kind] if not states or self.matches(one, states)]
                records = listed[position : position + SIZE]
                page = Page(records, len(listed), keys=[one.id for one in records])
                page = check(kind, self.page(page, states))
                found += page.records
                position, total = position + SIZE, len(listed)
        return found

    def read(self, kinds=None, *, enough=lambda: True, states=STATES):
        """Narrow the lists. Returns what was found, by id."""
        kinds, warnings = kinds or list(self.sessions), []

        def lists(**options):
            assert "narrow" not in options or options["check"]
            found = self.list(kinds, **options)
            warnings.append("narrow" if "narrow" in options else "whole")
            return found

        narrowing = Narrowing(self.list, routes(kinds, states), kinds)
        found = narrowing.read(lists, enough, warnings)
        assert len(warnings) == 1
        self.narrowed = warnings == ["narrow"]
        return [one.id for one in found]

    def ids(self):
        return [one.id for of_kind in self.sessions.values() for one in of_kind]

    def active(self):
        return [one.id for of_kind in self.sessions.values() for one in of_kind if one.active]


MIXED = ["terminated"] * 90 + ["running", "queued"] * 8 + ["finished"] * 94  # 20 pages, 2 of them of active ones


def pages(server, *states):
    return sum(asked == set(states) for _kind, asked in server.asked)


def test_the_active_ones_of_a_long_list():
    server = Server(webui=MIXED)
    assert server.read() == server.active()
    assert server.narrowed
    whole, ended, active = pages(server), pages(server, "finished", "terminated"), pages(server, "queued", "running")
    assert (whole, ended, active) == (2, 2, 2)


def test_nothing_is_active():
    server = Server(webui=["terminated"] * 200)
    assert server.read() == []
    assert server.narrowed


@pytest.mark.parametrize(
    "states",
    [["terminated"] * 90 + ["running"] * 10, ["running"] * 120 + ["terminated"] * 80, ["running"] * 200],
    ids=["short", "half of it is active", "all are active"],
)
def test_a_list_of_which_little_would_be_left_out_is_read_whole(states):
    server = Server(webui=states)
    assert server.read() == server.ids()
    assert not server.narrowed
    assert pages(server, "queued", "running") == 0
    assert pages(server) <= -(-len(states) // SIZE) + 1


def test_a_short_list_takes_no_request_more():
    server = Server(webui=["terminated"] * 95)
    server.read()
    assert (len(server.asked), pages(server)) == (10, 10)


def test_without_a_filter_nothing_more_is_asked():
    server = Server(webui=MIXED)
    assert server.read(states=["running", "odd"]) == server.ids()
    assert pages(server) == len(server.asked) == 20


def test_only_long_lists_are_narrowed():
    server = Server(webui=["terminated", "running"], task=MIXED, verify=["terminated"] * 30)
    assert server.read() == ["webui-0", *server.active()[:1], *server.active()[1:], *server.ids()[-30:]]
    assert server.narrowed
    assert {kind for kind, states in server.asked if states} == {"task"}


def test_a_kind_that_the_server_does_not_have_is_left_to_the_list():
    server = Server(webui=MIXED, task=[])
    lists, there = server.list, []

    def listed(kinds, filters=(), **options):
        if list(kinds) == ["task"]:
            there.append(kinds)
            raise HttpError("GET x", 404)
        return lists(kinds, filters, **options)

    server.list = listed
    assert server.read() == server.active()
    assert server.narrowed
    assert len(there) == 1


def test_where_one_kind_has_no_filter_all_are_read():
    server = Server(webui=MIXED, solve=["terminated"] * 30)
    assert server.read() == server.ids()
    assert pages(server) == len(server.asked)


# What is read wrongly


def ignores(session, states):
    return True


def first_only(session, states):
    return session.state == min(states)


def last_only(session, states):
    return session.state == max(states)


def nothing(session, states):
    return False


def misses_queued(session, states):
    return session.state in states and session.state != "queued"


def takes_queued_for_ended(session, states):
    return session.state in states if session.state != "queued" else "terminated" in states


def takes_all_for_active(session, states):
    return session.state in states or "running" in states


@pytest.mark.parametrize(
    "matches",
    [ignores, first_only, last_only, nothing, misses_queued, takes_queued_for_ended, takes_all_for_active],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("first", ["queued", "terminated"])
def test_a_filter_that_is_misread(matches, first):
    states = [*["queued"] * 8, *(one for one in MIXED if one != "queued")] if first == "queued" else MIXED
    server = Server(webui=states)
    server.matches = matches
    found = server.read()
    if matches is takes_queued_for_ended and first == "terminated":
        # The one thing that no count shows: that it stands behind the first page of the ended ones.
        assert server.narrowed
    else:
        assert (found, server.narrowed) == (server.ids(), False)


@pytest.mark.parametrize("odd", ["", "hibernating", "RUNNING", "solving"])
def test_a_session_that_no_value_stands_for(odd):
    server = Server(webui=[*MIXED, odd])
    assert server.read() == server.ids()
    assert not server.narrowed


def test_a_filter_that_does_nothing_is_found_out_by_its_first_page():
    server = Server(webui=["terminated"] * 200)
    server.matches = ignores
    assert server.read() == server.ids()
    assert pages(server, "queued", "running") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"total": None},
        {"total": 0},
        {"total": 4},
        {"partial": "a page came from a cache"},
        {"records": [], "keys": []},
    ],
    ids=str,
)
@pytest.mark.parametrize("of", [{"finished", "terminated"}, set()], ids=["ended", "all"])
@pytest.mark.parametrize("time", [1, 2], ids=["before", "after"])
def test_a_count_that_shows_nothing(change, of, time):
    server = Server(webui=MIXED)
    seen = []

    def page(page, states):
        seen.append(states)
        return replace(page, **change) if states == of and seen.count(states) == time else page

    server.page = page
    server.read()
    assert not server.narrowed


@pytest.mark.parametrize("begun", ["running", "terminated"])
@pytest.mark.parametrize("at", range(2, 7))
def test_a_session_that_appears_meanwhile(begun, at):
    server = Server(webui=MIXED)

    def page(page, _states):
        if len(server.asked) == at:
            server.sessions["webui"].append(Session("new", "webui", begun))
        return page

    server.page = page
    found = server.read()
    # After the last count it came too late, for a whole list too.
    assert (found, server.narrowed) == ((server.ids(), False) if at < 6 else (server.active()[:16], True))


@pytest.mark.parametrize("at", range(1, 6))
def test_one_that_ends_while_another_begins_is_no_reason_to_miss_one(at):
    """The numbers agree by chance: one is missed, and another is counted twice."""
    server = Server(webui=MIXED)
    server.matches = lambda session, states: session.state in states and session.id != "webui-90"

    def page(page, states):
        if len(server.asked) == at:
            sessions = server.sessions["webui"]
            sessions[91] = replace(sessions[91], state="terminated")
            sessions.append(Session("new", "webui", "running"))
        return page

    server.page = page
    found = server.read()
    assert "webui-90" in found
    assert not server.narrowed


def test_numbers_that_agree_by_chance_while_the_list_moves():
    """One is missed and another begins in time to be counted for it; then one ends as the record of another goes."""
    server = Server(webui=MIXED)
    server.matches = lambda session, states: session.state in states and session.id != "webui-90"

    def page(page, states):
        sessions = server.sessions["webui"]
        if len(server.asked) == 3:
            sessions.append(Session("new", "webui", "running"))
        if len(server.asked) == 4:
            sessions[91] = replace(sessions[91], state="terminated")
            sessions.pop(0)
        return page

    server.page = page
    assert "webui-90" in server.read()
    assert not server.narrowed


@pytest.mark.parametrize("error", [HttpError("GET x", 400), HttpError("GET x", 500), TransportError("GET x")], ids=repr)
@pytest.mark.parametrize("at", range(2, 7))
def test_an_error_is_no_reason_to_do_without(error, at):
    server = Server(webui=MIXED)

    def page(page, states):
        if len(server.asked) == at:
            raise error
        return page

    server.page = page
    assert (server.read(), server.narrowed) == (server.ids(), False)


def test_an_error_of_the_whole_list_is_raised():
    server = Server(webui=MIXED)

    def page(page, states):
        if not states and len(server.asked) > 1:
            raise HttpError("GET x", 503)
        return page

    server.page = page
    with pytest.raises(HttpError):
        server.read()


def test_where_the_active_ones_do_not_suffice_all_are_read():
    server = Server(webui=MIXED)
    assert server.read(enough=lambda: False) == server.ids()
    assert not server.narrowed


def test_how_long_the_whole_list_is():
    server = Server(webui=MIXED)
    narrowing = Narrowing(server.list, routes(), ["webui"])
    narrowing.read(lambda **options: server.list(["webui"], **options), lambda: True, [])
    assert narrowing.narrowed["webui"].pages == 20
