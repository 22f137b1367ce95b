# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list's own words for "not whole": none is overheard, and nothing else is taken for one. Rules 20, 33 and 35.

A new word is one line of a table. What it leads to is seen where a list is read, and where sessions would be ended.
"""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import open_list
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import run

RECORDS = [{"id": "w1", "state": "running"}]
NOT_WHOLE = {
    "partial": {"partial": True},
    "partial as text": {"partial": "True"},
    "in camel case": {"isPartial": True},
    "GitHub": {"incomplete_results": True},
    "incomplete": {"incomplete": True},
    "Elasticsearch": {"timed_out": True},
    "terminated early": {"terminated_early": True},
    "in an object beside the list": {"meta": {"status": {"partial": True}}},
    "no success": {"success": False},
    "no success as text": {"success": "false"},
    "not ok": {"ok": False},
    "a list of errors": {"errors": ["shard 3 did not answer"]},
    "an object of errors": {"errors": {"eu": "timeout"}},
    "failures": {"_shards": {"failures": [{"shard": 3}]}},
    "an error": {"error": "shard 3 did not answer"},
    "an error that is true": {"error": True},
    "an error as an object": {"error": {"code": 7}},
    "an error's id": {"errorId": "e-1"},
    "an error's code": {"errorCode": 503},
}
MORE = {
    "truncated": {"truncated": True},
    "more as text": {"hasNext": "true"},
    "not complete": {"complete": False},
    "not complete as text": {"complete": "False"},
    "neither complete nor more": {"complete": False, "has_more": False},
    "not done": {"done": False},
}
COUNTED = {
    "total as text": {"total": "250"},
    "total with a point": {"total": 250.0},
    "pages": {"total_pages": 50},
    "pages as text": {"page": {"totalPages": "50"}},
    "the last page": {"lastPage": 49},
}
WHOLE = [
    {"partial": False, "incomplete_results": "false", "timed_out": False, "success": True, "complete": True},
    {"errors": [], "failures": {}, "error": None, "errorId": "", "errorCode": 0, "truncated": False},
    {"error": "none", "exception": False, "ok": "true"},
    {"counts": {"partial": True, "error": "x"}, "summary": {"error": 3, "success": 0, "done": 0, "partial": 1}},
    {"filters": {"complete": True, "error": "timeout"}, "total_pages": 1, "warnings": ["slow"]},
]


@pytest.mark.parametrize("words", NOT_WHOLE.values(), ids=NOT_WHOLE)
def test_what_says_that_it_is_not_whole_is_not(words):
    assert open_list({"sessions": RECORDS, **words}, {}).partial.startswith("an answer that calls itself not whole (")
    assert open_list({"lines": ["x"], **words}, {}, lines=True).partial
    assert open_list({"sessions": [], **words}, {}).partial


@pytest.mark.parametrize("words", MORE.values(), ids=MORE)
def test_what_says_that_there_is_more_has_more(words):
    assert open_list({"sessions": RECORDS, **words}, {}).more is True


@pytest.mark.parametrize("words", WHOLE)
def test_what_says_nothing_of_the_kind_is_whole(words):
    page = open_list({"sessions": RECORDS, **words}, {})
    assert (page.partial, page.more or False) == ("", False)


def test_what_a_record_says_of_itself_is_not_about_the_list():
    told = {"id": "w1", "partial": True, "errorId": "e", "errors": ["x"], "complete": False, "total_pages": 9}
    page = open_list([told], {})
    assert (page.partial, page.more, page.pages) == ("", None, None)
    assert open_list({"sessions": [told]}, {}).partial == ""


@pytest.fixture(name="account")
def an_account():
    """One old session."""
    with Account() as account:
        account.add("webui", "w1", hours=30)
        yield account


def say(account, words):
    """Let each list of WebUI sessions say this, and be as short as it is."""

    def listed():
        query = account.requests[-1].query
        records = [account.sessions["webui", "w1"]] if query.get("offset", "0") == "0" else []
        return 200, {"sessions": records, **words}

    account.on("GET", "/sessions/webui", *[listed] * 400)


@pytest.mark.parametrize("words", [*NOT_WHOLE.values(), *MORE.values(), *COUNTED.values()])
def test_of_a_list_that_is_not_whole_by_its_own_words_nothing_is_ended(words, account):
    say(account, words)
    shown = session_info(account.params(kinds=["webui"]), [].append)
    assert ([one["id"] for one in shown["sessions"]], shown["complete"]) == (["w1"], False)
    with pytest.raises(RefusedError, match="The list of sessions is incomplete"):
        run(account, kinds=["webui"], older_than="24h")
    assert (account.changes(), account.state("webui", "w1")) == ([], "running")


@pytest.mark.parametrize("words", WHOLE)
def test_of_one_that_is_whole_what_is_stale_is_ended(words, account):
    say(account, words)
    assert session_info(account.params(kinds=["webui"]), [].append)["complete"]
    run(account, kinds=["webui"], older_than="24h")
    assert account.state("webui", "w1") == "terminated"
