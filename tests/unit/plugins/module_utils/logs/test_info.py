# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a question about a log answers, and how little it asks of the server for it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.info import log_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account

LINES = [(f"2026-01-31T08:{minute:02}:00Z", f"Line {minute}") for minute in range(50)]


@pytest.fixture(name="account")
def an_account():
    """A session with fifty lines of log, one a minute; a page has twenty-five at most."""
    with Account(page=25) as account:
        account.add("task", "t1")
        account.logs["task", "t1"] = list(LINES)
        yield account


def asked(account, **options):
    """The answer and the warnings."""
    warnings = []
    return log_info(account.params(**{"kind": "task", "session_id": "t1", **options}), warnings.append), warnings


def minutes(account, **options):
    return [int(line["message"].split()[1]) for line in asked(account, **options)[0]["lines"]]


def test_all_lines_come_oldest_first_with_time_and_message(account):
    result, warnings = asked(account)
    assert (result["count"], result["complete"], warnings) == (50, True, [])
    assert result["lines"][0] == {"timestamp": "2026-01-31T08:00:00.000Z", "message": "Line 0"}
    assert [query.get("offset") for query in account.asked("/logs")] == [None, "25", "50"]
    assert account.changes() == []


def test_times_and_text_filter_here_whatever_the_server_makes_of_them(account):
    assert minutes(account, begin="2026-01-31T08:10:00Z", end="2026-01-31T08:12:00Z") == [10, 11, 12]
    assert minutes(account, contains="Line 4") == [4, *range(40, 50)]
    everything = {"lines": [{"timestamp": at, "message": text} for at, text in LINES[:20]], "total": 20}
    account.on("GET", "/logs", *[(200, everything)] * 3)
    assert minutes(account, contains="line 1", end="2026-01-31T08:11:00") == [1, 10, 11]


def test_naive_times_are_read_in_the_zone_that_is_given(account):
    assert minutes(account, end="2026-01-31T09:02", naive_timezone="Europe/Amsterdam") == [0, 1, 2]


def test_a_limit_takes_the_oldest_and_says_that_there_are_more(account):
    for options, complete in (({"limit": 3}, False), ({"tail": 9, "limit": 3}, False), ({"limit": 50}, True)):
        assert asked(account, **options)[0]["complete"] is complete
    assert minutes(account, limit=3) == [0, 1, 2]
    assert minutes(account, tail=9, limit=3) == [41, 42, 43]


def test_the_last_lines_are_read_without_those_between(account):
    account.requests.clear()
    assert minutes(account, tail=2) == [48, 49]
    assert [query.get("offset") for query in account.asked("/logs")] == [None, "48"]
    assert minutes(account, tail=0) == []


def test_secrets_in_lines_are_masked_unless_that_is_turned_off(account):
    account.logs["task", "t1"] = [("2026-01-31T08:00:00Z", "start --logonToken abc123def")]
    assert asked(account, redact=True)[0]["lines"][0]["message"] == "start --logonToken ********"
    assert asked(account, redact=False)[0]["lines"][0]["message"] == "start --logonToken abc123def"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tail": -1}, "tail: must not be negative"),
        ({"limit": -2}, "limit: must not be negative"),
        ({"contains": " "}, "contains: an empty filter is refused"),
        ({"begin": "lately"}, "begin: 'lately' is neither a time nor a duration"),
        ({"session_id": "t1/../t2"}, "cannot be a session id"),
        ({"naive_timezone": "Mars/Base"}, "naive_timezone: 'Mars/Base' is not a time zone"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, account):
    with pytest.raises(OptionError, match=said):
        asked(account, **options)
    assert account.requests == []


def test_a_beginning_after_the_end_is_refused_before_the_log_is_asked_for(account):
    with pytest.raises(OptionError, match="begin: it is after end, so no line can fit both"):
        asked(account, begin="1h", end="2h")
    with pytest.raises(OptionError, match="kinds: this server has no solve sessions"), Account(legacy=True) as old:
        asked(old, kind="solve")
    assert account.asked("/logs") == []


def test_lines_that_are_not_all_are_said(account):
    told = {"lines": [{"timestamp": at, "message": text} for at, text in LINES[:3]], "total": 9, "hasMore": False}
    account.on("GET", "/logs", (200, told), (200, {**told, "lines": []}))
    result, warnings = asked(account)
    assert (result["count"], result["complete"]) == (3, False)
    assert warnings == ["The lines are not all that were asked for: the server counts 9 lines and gave 3."]


def test_a_log_that_comes_as_text_is_read_all_the_same(account):
    account.on("GET", "/logs", (200, "2026-01-31 08:00:00.250 one\n  and more\n2026-01-31 08:01:00 two\n"), (200, ""))
    result, _warnings = asked(account)
    assert [line["message"] for line in result["lines"]] == ["one", "  and more", "two"]
    assert result["lines"][1]["timestamp"] == "2026-01-31T08:00:00.250Z"


@pytest.mark.parametrize("body", [{"lines": [17]}, {"hello": "world"}, 17, {"lines": [{}]}])
def test_what_is_no_log_is_an_error_and_never_an_empty_log(body, account):
    account.on("GET", "/logs", (200, body))
    with pytest.raises(AnswerError, match=r"GET .*/sessions/task/t1/logs answered with"):
        asked(account)


def test_a_session_that_is_not_there_is_an_error(account):
    with pytest.raises(HttpError, match=r"/sessions/task/t2/logs answered 404"):
        asked(account, session_id="t2")


@pytest.mark.parametrize("legacy", [False, True])
def test_without_a_document_the_log_is_looked_for_where_either_generation_has_it(legacy):
    with Account(legacy=legacy, documented=False) as account:
        account.add("task", "t1")
        account.logs["task", "t1"] = LINES[:4]
        result, warnings = asked(account)
        assert ([line["message"] for line in result["lines"]], len(warnings)) == ([f"Line {n}" for n in range(4)], 1)
        assert (len(account.asked("/task/t1/logs")), len(account.asked("/logs/task/t1"))) == (
            (1, 2) if legacy else (2, 0)
        )
        account.on("GET", "/task/t1/logs", 403)
        with pytest.raises(HttpError, match="answered 403"):
            asked(account)


def odd(account, read):
    """Make the server's filter select what ``read`` says of a query and a line."""

    def told():
        query = account.requests[-1].query
        start, size = int(query.get("offset", 0)), int(query.get("limit", 20))
        found = [line for line in LINES if read(query, *line)]
        page = [{"timestamp": at, "message": text} for at, text in found[start : start + size]]
        return 200, {"lines": page, "total": len(found)}

    account.on("GET", "/logs", *[told] * 20)


ODD = {
    "as it should be": lambda query, at, text: query.get("contains", "").lower() in text.lower(),
    "with its letter case": lambda query, at, text: query.get("contains", "") in text,
    "whole words": lambda query, at, text: {query.get("contains", "").lower()} <= {"", *text.lower().split()},
    "a pattern": lambda query, at, text: re.match(query.get("contains", ""), text, re.IGNORECASE),
    "later by an hour": lambda query, at, text: at.replace("T08", "T07") >= query.get("begin", ""),
    "the hour only": lambda query, at, text: at[:13] + ":00" >= query.get("begin", "")[:16],
    "ends an hour earlier": lambda query, at, text: at.replace("T08", "T09") <= query.get("end", "Z"),
}


@pytest.mark.parametrize("way", ODD)
def test_a_filter_of_the_server_that_is_not_what_its_name_says_loses_no_line(way, account):
    odd(account, ODD[way])
    result, _warnings = asked(account, contains="INE 4", begin="2026-01-31T08:10:00Z", end="2026-01-31T08:48:00Z")
    assert [line["message"] for line in result["lines"]] == [f"Line {number}" for number in range(40, 49)]
    assert result["complete"]


def test_a_filter_that_is_proven_is_sent(account):
    account.logs["task", "t1"] = [(at, text.replace("Line", "lINE")) for at, text in LINES]
    assert minutes(account, begin="2026-01-31T08:40:00Z") == [*range(40, 50)]
    assert [("begin" in query, "offset" in query) for query in account.asked("/logs")] == [
        (False, False),
        (True, False),
        (True, False),
    ]
