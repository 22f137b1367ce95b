# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owners are: each gets an entry, and a service that does not tell is not asked on and on."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.users.info import user_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import USERS, Account

MANY = [f"user{number}@ROOT" for number in range(20)]


@pytest.fixture
def account():
    with Account() as made:
        made.add_user("jdoe@ROOT")
        yield made


def told(account, *owners, **options):
    warnings = []
    return user_info(account.params(owners=list(owners), **options), warnings.append), warnings


def addresses(result):
    return {user["owner"]: user["email"] for user in result["users"]}


def asked(account):
    return [request.path[len(USERS) + 1 :] for request in account.requests]


def test_each_owner_has_an_entry_in_order_and_once(account):
    account.add_user("ann@acme Azure", groups=["Admin"], full_name=None)
    account.add_user("jane@corp.example@ROOT")
    owners = ["jdoe@ROOT", "ann@acme Azure", "nobody@ROOT", "jane@corp.example@ROOT", "jdoe@ROOT"]
    result, warnings = told(account, *owners)
    assert [user["owner"] for user in result["users"]] == owners[:-1]
    assert result["users"][1] == {
        "owner": "ann@acme Azure", "email": "ann@example.com", "full_name": None, "groups": ["Admin"],
    }  # fmt: skip
    assert result["users"][2] == {"owner": "nobody@ROOT", "email": None, "full_name": None, "groups": None}
    assert (result["count"], result["complete"], warnings) == (4, True, [])


def test_the_account_comes_from_the_address_or_from_the_user_of_the_key(account):
    told(account, "jdoe@ROOT")
    assert asked(account) == ["@current/info", "acme/ROOT/jdoe/info"]


def test_without_owners_nothing_is_asked(account):
    result, warnings = told(account)
    assert (result, warnings) == ({"users": [], "count": 0, "complete": True}, [])
    assert account.requests == []


def test_what_is_no_owner_is_not_asked_for_and_does_not_stop_the_others(account):
    result, [warning] = told(account, "jdoe", "a/b@ROOT", "jdoe@ROOT")
    assert addresses(result) == {"jdoe": None, "a/b@ROOT": None, "jdoe@ROOT": "jdoe@example.com"}
    assert asked(account) == ["@current/info", "acme/ROOT/jdoe/info"]
    assert "2 of 3 owners" in warning
    assert "user@ENVIRONMENT" in warning
    assert not result["complete"]


@pytest.mark.parametrize(("status", "requests"), [(401, 1), (403, 3), (500, 3), (429, 3)])
def test_a_service_that_tells_nothing_is_soon_left_alone(account, status, requests):
    account.on("GET", "/info", (200, account.users["jdoe@ROOT"]), *[status] * 40)
    result, [warning] = told(account, *MANY)
    assert set(addresses(result).values()) == {None}
    assert len(asked(account)) == 1 + requests
    assert f"answered {status}" in warning
    assert "20 of 20 owners" in warning


def test_a_key_that_is_refused_at_first_is_not_tried_for_any_owner(account):
    account.on("GET", "/info", 401, *[403] * 40)
    result, [warning] = told(account, *MANY)
    assert (len(asked(account)), result["complete"]) == (1, False)
    assert "wrong or has expired" in warning


def test_one_that_may_not_be_read_is_left_out_and_the_others_are_read(account):
    for owner in MANY:
        account.add_user(owner)
    for number in (3, 7, 11, 12, 13):
        account.on("GET", f"/user{number}/info", 403)
    result, [warning] = told(account, *MANY)
    assert [owner for owner, address in addresses(result).items() if address is None] == [
        MANY[number] for number in (3, 7, 11, 12, 13)
    ]
    assert "5 of 20 owners" in warning
    assert len(asked(account)) == 21


def test_a_server_that_is_not_there_is_a_warning(account):
    result, [warning] = told(account, *MANY, url="http://127.0.0.1:9", timeout=2)
    assert set(addresses(result).values()) == {None}
    assert "refused the connection" in warning


@pytest.mark.parametrize("owners", [[None], ["'a@ROOT'"], ["@ROOT"]])
def test_what_cannot_be_meant_is_refused(account, owners):
    with pytest.raises(OptionError):
        told(account, *owners)
    assert account.requests == []
