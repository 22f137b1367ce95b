# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the key is: what the services tell, null for all else, and never a guess which of several keys it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.api.user_manager import ApiKey
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.keys import info
from ansible_collections.aimms.cloud.plugins.module_utils.keys.info import key_info
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.user_paths import BASE
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock

NOTHING = {
    **dict.fromkeys("user environment groups administrator key_name scopes expires_at expires_in_days".split()),
}
DAY = 86400


@pytest.fixture
def account():
    with Account() as made:
        made.add_user("jdoe@ROOT")
        made.administrator = False
        made.keys = [key("nightly")]
        yield made


def key(name, days=100.5, scopes=("Session", "Tasks"), **values):
    at = datetime.now(timezone.utc) + timedelta(days=days)
    return {"name": name, "expiration_date": f"{at:%Y-%m-%d %H:%M:%S.%f}", "scopes": list(scopes), **values}


def told(account, **options):
    warnings = []
    given = {"max_requests": 6, "naive_timezone": "UTC", "warn_within": None, **options}
    result = key_info(account.params(**given), warnings.append)
    return result, warnings


def asked(account):
    return [request.path.rpartition("/")[2] for request in account.requests]


def test_three_requests_tell_all(account):
    result, warnings = told(account)
    expected = account.keys[0]["expiration_date"][:19].replace(" ", "T") + "Z"
    assert result == {
        "user": "jdoe", "environment": "ROOT", "groups": ["Users"], "administrator": False, "key_name": "nightly",
        "scopes": ["Session", "Tasks"], "expires_at": expected, "expires_in_days": 100, "not_told": [],
    }  # fmt: skip
    assert warnings == []
    assert asked(account) == ["api-key", "info", "current"]


@pytest.mark.parametrize(
    ("by_task_api", "owner", "groups", "administrator"),
    [
        (True, "jdoe@ROOT", ["Users"], True),
        (False, "jdoe@ROOT", ["Admin"], False),
        (None, "jdoe@ROOT", ["Planners", "admin"], True),
        (None, "jdoe@root", ["Admin"], True),
        (None, "jdoe@EMEA", ["Admin"], None),
        (None, "jdoe@EMEA", ["Admins"], False),
        (None, "jdoe@ROOT", ["Users"], False),
        (None, "jdoe@ROOT", [], None),
        (None, "jdoe@ROOT", None, None),
        ("yes", "jdoe@ROOT", None, None),
    ],
)
def test_an_administrator_is_who_the_task_api_calls_so_and_else_who_is_in_the_group(
    account, by_task_api, owner, groups, administrator
):
    account.own, account.administrator = owner, by_task_api
    account.add_user(owner, groups=groups)
    assert told(account)[0]["administrator"] is administrator


@pytest.mark.parametrize(
    ("by_task_api", "administrator"),
    [
        ({"name": "JDOE", "environment_name": "root"}, True),
        ({"name": "jdoe"}, True),
        ({"name": "admin", "environment_name": "ROOT"}, None),
        ({"name": "jdoe", "environment_name": "EMEA"}, None),
    ],
)
def test_two_services_that_tell_of_two_users_tell_of_no_administrator(account, by_task_api, administrator):
    account.on("GET", "/current", (200, {**by_task_api, "isAdmin": True}))
    result, warnings = told(account, warn_within="1d")
    assert (result["user"], result["administrator"], warnings) == ("jdoe", administrator, [])
    assert len(result["not_told"]) == (administrator is None)
    assert "tells of jdoe@ROOT" in "".join(result["not_told"]) or administrator


def test_of_several_keys_none_is_taken_for_the_one_that_was_used(account):
    account.keys = [key("a", 3), key("b", 300, ["Session"])]
    result, [warning] = told(account)
    assert [result[name] for name in ("key_name", "scopes", "expires_at", "expires_in_days")] == [None] * 4
    assert result["user"] == "jdoe"
    assert "2 keys" in warning
    assert f"expires at {account.keys[0]['expiration_date'][:10]}" in warning


def test_a_day_is_its_first_moment(account):
    account.keys = [{**key("nightly"), "expiration_date": "2999-12-05"}]
    assert told(account)[0]["expires_at"] == "2999-12-05T00:00:00Z"
    day = datetime.now(timezone.utc) + timedelta(days=4)
    account.keys = [{**key("nightly"), "expiration_date": f"{day:%Y-%m-%d}"}]
    assert "expires in 3 days" in "".join(told(account, warn_within="14d")[1])


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"expiration_date": "never"}, {"keys"}),
        ({"expiration_date": None}, {"keys"}),
        ({"scopes": "all"}, {"keys"}),
        ({"name": ""}, {"keys"}),
        ({"expiration_date": "2020-01-01"}, {"keys"}),
        ({"of": "user", "groups": "Admin"}, {"user and groups"}),
        ({"of": "user", "groups": [], "by": None}, {"administrator"}),
        ({"of": "list", "more": 1}, {"keys"}),
        ({}, set()),
    ],
)
@pytest.mark.parametrize("within", [None, "14d"])
def test_what_is_null_has_a_reason(account, change, parts, within):
    if change.get("of") == "user":
        account.add_user("jdoe@ROOT", groups=change["groups"])
        account.administrator = change.get("by", False)
    elif change.get("of") == "list":
        account.keys.append(key("another"))
    else:
        account.keys[0].update(change)
    result, _warnings = told(account, warn_within=within)
    assert {reason.partition(":")[0] for reason in result["not_told"]} == parts
    assert (None in [result[name] for name in NOTHING]) == bool(parts)


def test_what_all_keys_have_in_common_is_true_of_the_one_that_was_used(account):
    account.keys = [key("a", 3, ["Tasks", "Session"]), key("b", 300)]
    result, [warning] = told(account)
    assert (result["scopes"], result["expires_at"]) == (["Session", "Tasks"], None)
    account.keys[1]["expiration_date"] = account.keys[0]["expiration_date"]
    result, [warning] = told(account)
    assert (result["expires_in_days"], result["key_name"]) == (2, None)
    assert "in common" in warning


def test_a_key_that_expired_long_ago_is_not_the_one_that_was_used(account):
    account.keys = [key("old", -3), key("nightly", 30.5)]
    result, warnings = told(account)
    assert (result["key_name"], result["expires_in_days"], warnings) == ("nightly", 30, [])
    account.keys[0] = key("perhaps", -0.5)  # clocks and zones differ
    assert told(account)[0]["key_name"] is None


def test_the_service_may_say_which_key_was_used(account):
    account.keys = [key("a", 3), key("b", 30.5, is_current=True), key("c", 300, is_current=False)]
    result, warnings = told(account)
    assert (result["key_name"], result["expires_in_days"], warnings) == ("b", 30, [])
    account.keys[0]["is_current"] = True
    assert told(account)[0]["key_name"] is None


def test_of_a_part_of_the_list_nothing_is_known(account):
    account.on("GET", "/api-key", (200, {"items": account.keys, "total": 2}))
    result, [warning] = told(account)
    assert (result["key_name"], result["expires_at"]) == (None, None)
    assert "does not list all keys" in warning


@pytest.mark.parametrize("keys", [[], [key("old", -30)]])
def test_no_key_that_can_be_the_one_is_a_warning(account, keys):
    account.keys = keys
    result, [warning] = told(account)
    assert result["expires_at"] is None
    assert "no key of this user" in warning


@given(
    st.lists(
        st.builds(
            ApiKey,
            name=st.sampled_from(["a", "b", None]),
            expires_at=st.none() | st.integers(-5, 5).map(lambda days: Instant(1e9 + days * DAY)),
            scopes=st.none() | st.sampled_from([("Session",), ("Session", "Tasks")]),
            used=st.sampled_from([False, False, False, True]),
        ),
        max_size=4,
    ),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_what_is_told_is_true_whichever_key_was_used(keys, whole):
    now = Clock(1e9, 1e9)
    candidates, warning = info._candidates((keys, whole), now)
    marked = [one for one in keys if one.used]
    possible = marked if len(marked) == 1 else [one for one in keys if not info._has_expired(one, now)]
    assert [*candidates] in ([], [*possible])
    assert bool(warning) == (len(candidates) != 1)
    common = info._common([one.expires_at for one in candidates])
    assert all(common in (None, one.expires_at) for one in possible)


@pytest.mark.parametrize("status", [403, 404, 405, 409, 500, 503])
def test_what_a_service_refuses_is_null_with_the_reason_and_the_rest_is_told(account, status):
    account.on("GET", "/api-key", *[status] * 5)
    result, warnings = told(account)
    assert (result["user"], result["administrator"], result["scopes"]) == ("jdoe", False, None)
    [reason] = result["not_told"]
    assert reason.startswith("keys: ")
    assert f"answered {status}" in reason
    assert warnings == []


def test_without_a_user_manager_the_task_api_is_asked_all_the_same(account):
    account.users, account.keys = {}, None
    account.on("GET", "/api-key", 404, 404)
    result, _warnings = told(account)
    task_api = {"user": "jdoe", "environment": "ROOT", "administrator": False}
    assert result == {**NOTHING, **task_api, "not_told": result["not_told"]}
    assert asked(account) == ["api-key", "openapi.yaml", "info", "current"]
    assert [reason.partition(":")[0] for reason in result["not_told"]] == ["keys", "user and groups"]
    account.requests.clear()
    told(account, max_requests=3)
    assert asked(account) == ["api-key", "info", "current"]


def test_other_paths_are_those_of_the_document(account):
    listed = {"/me": {"get": {}}, "/me/keys": {"get": {}}}
    document = {"openapi": "3.0.3", "servers": [{"url": BASE}], "paths": listed}
    account.on("GET", "/user/@current/api-key", 404)
    account.on("GET", "/user/@current/info", 404)
    account.on("GET", "user-manager/v1/openapi.yaml", (200, document))
    account.on("GET", "/me/keys", (200, account.keys))
    account.on("GET", "/me", (200, account.users["jdoe@ROOT"]))
    result, _warnings = told(account)
    assert (result["key_name"], result["user"], result["not_told"]) == ("nightly", "jdoe", [])
    assert asked(account) == ["api-key", "openapi.yaml", "keys", "info", "me", "current"]


def test_a_wrong_key_is_tried_once(account):
    account.on("GET", "/api-key", 401)
    result, _warnings = told(account, retries=4)
    assert result == {**NOTHING, "not_told": result["not_told"]}
    assert asked(account) == ["api-key"]
    assert "wrong or has expired" in result["not_told"][0]
    assert [reason.partition(": ")[2] for reason in result["not_told"][1:]] == [
        "not asked, as the key was refused."
    ] * 2


def test_a_server_that_does_not_answer_is_not_asked_on(account):
    result, _warnings = told(account, url="http://127.0.0.1:9")
    assert result == {**NOTHING, "not_told": result["not_told"]}
    assert "not asked, as the server did not answer" in result["not_told"][2]


def test_when_the_time_is_over_nothing_more_is_asked(account, monkeypatch):
    clock = PausedClock(0.0)
    monkeypatch.setattr(info, "time", clock)
    account.on("GET", "/api-key", lambda: clock.sleep(60.0))
    result, _warnings = told(account, max_time=60)
    assert asked(account) == ["api-key"]
    assert (result["key_name"], result["user"]) == ("nightly", None)
    assert "the time for it was over" in result["not_told"][0]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_no_more_requests_are_sent_than_allowed(account, most):
    result, _warnings = told(account, max_requests=most)
    assert len(account.requests) == min(most, 3)
    assert result["key_name"] == "nightly"
    assert len(result["not_told"]) == max(0, 3 - most)


def test_the_document_counts_among_the_requests(account):
    account.on("GET", "/api-key", 404)
    told(account, max_requests=1)
    assert asked(account) == ["api-key"]


@pytest.mark.parametrize("name", ["api_key", "key", "token"])
def test_no_key_is_returned_whosever_it_is(account, name):
    account.keys = [key("nightly", **{name: KEY, "hint": KEY[:8]}), key(KEY, **{name: "Zq81mmOfSomebody"})]
    account.add_user("jdoe@ROOT", full_name=KEY)
    result, warnings = told(account)
    assert KEY not in str(result)
    assert "Zq81mm" not in f"{result} {warnings}"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_requests": 0}, "max_requests: must be at least 1"),
        ({"naive_timezone": "Mars"}, "not a time zone"),
        ({"warn_within": "14"}, "warn_within: '14' has no unit"),
    ],
)
def test_unusable_options_are_refused_before_anything_is_asked(account, options, said):
    with pytest.raises(OptionError, match=said):
        told(account, **options)
    assert account.requests == []


@pytest.mark.parametrize(
    ("days", "administrator", "within", "said"),
    [
        ([100], True, "14d", []),
        ([100], None, "14d", []),
        ([13.5], True, "14d", ["The API key expires in 13 days, at"]),
        ([13.5], True, "8h", []),
        ([0.2], True, "8h", ["The API key expires in less than a day, at"]),
        ([-0.2], True, "0d", ["The API key expired at"]),
        ([100, -0.2], True, "0d", ["One of the 2 API keys of this user expired at"]),
        ([100, 200], True, "14d", []),
        ([100, 3.5], True, "14d", ["One of the 2 API keys of this user expires in 3 days, at"]),
        ([100], False, "14d", ["The API key belongs to jdoe@ROOT, who is not an administrator"]),
        ([1.5], False, "14d", ["The API key belongs to jdoe@ROOT, who is", "The API key expires in 1 day, at"]),
    ],
)
def test_a_clean_up_is_warned_of_what_it_must_know_and_of_nothing_else(account, days, administrator, within, said):
    account.administrator = administrator
    account.add_user("jdoe@ROOT", groups=[])
    account.keys = [key(f"k{number}", left) for number, left in enumerate(days)]
    _result, warnings = told(account, warn_within=within)
    assert len(warnings) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(warnings, said))
    assert all(("replace it now" in text) is ("expired" in text) for text in warnings)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_clean_up_is_not_warned_of_what_is_not_told(account, status):
    account.administrator = None
    account.on("GET", "/api-key", status)
    account.on("GET", "/info", status)
    assert told(account, warn_within="14d")[1] == []
