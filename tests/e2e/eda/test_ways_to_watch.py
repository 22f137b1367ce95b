# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protections in every way that people write them, given to the event source; and the address that it takes."""

from __future__ import annotations

import runpy

import pytest
from watching import OPTIONS, SOURCE
from ways_to_write import REFUSED, WAYS, other_id, populate, scope

pytestmark = pytest.mark.once


@pytest.fixture(name="account", scope="module")
def an_account(shared_serve):
    return populate(shared_serve(generation="current"))


@pytest.fixture(name="code", scope="module")
def the_source():
    code = runpy.run_path(str(SOURCE))
    code["_find_collection"]()
    return code


@pytest.mark.parametrize("label", WAYS)
def test_what_is_protected_is_never_told_of(label, account, code):
    before = len(account.requests())
    given = {"url": account.url, "api_key": account.admin_key, **OPTIONS, **scope(label)}
    watch, mask, failure = code["_watch"]({**given, WAYS[label].option: WAYS[label].value})
    if label in REFUSED:
        assert failure.startswith(f"{WAYS[label].option}: ")
        assert len(account.requests()) == before
    else:
        events, failure, _temporary = code["_poll"](watch, mask)
        assert failure == ""
        assert [event["session"]["id"] for event in events] == [other_id(label)]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"account": "acme"}, "https://acme.aimms.cloud"),
        ({"account": "acme", "url": ""}, "https://acme.aimms.cloud"),
        ({"url": "https://own.example"}, "https://own.example"),
        ({}, "https://elsewhere.example"),
    ],
    ids=str,
)
def test_the_environment_never_beats_what_is_given(given, address, code, monkeypatch):
    monkeypatch.setenv("AIMMS_URL", "https://elsewhere.example")
    monkeypatch.setenv("AIMMS_ACCOUNT", "elsewhere")
    watch, _mask, failure = code["_watch"]({"api_key": "key", "older_than": "8h", **given})
    assert (failure, watch.url) == ("", address)


def test_sessions_of_old_versions_are_told_of(shared_serve, code):
    account = shared_serve(generation="current")
    old, _new = (account.add_session(app_name="Crew", app_version=version)["id"] for version in ("22.1.0", "24.1.10"))
    watch, mask, _failure = code["_watch"]({"url": account.url, "api_key": account.admin_key, "keep_versions": 1})
    assert [event["session"]["id"] for event in code["_poll"](watch, mask)[0]] == [old]
