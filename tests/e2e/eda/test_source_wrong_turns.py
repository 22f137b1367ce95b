# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid options end the source with one sentence that never contains the key. Proves rules 11 and 12."""

from __future__ import annotations

import traceback

import pytest
from watching import watch

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def account(shared_serve):
    emulator = shared_serve()
    emulator.add_session(age=9 * 3600)
    return emulator


def refused(emulator, **args):
    """The error that ends the source."""

    async def story(watched):
        await watched.event()

    with pytest.raises(Exception, match=r"\w") as caught:
        watch(emulator, story, **{"older_than": "8h", **args})
    assert type(caught.value).__name__ == "SourceError"
    assert emulator.admin_key not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"older_than": "8"}, "older_than: '8' has no unit."),
        ({"older_than": None}, "older_than: null is refused"),
        ({"owners": []}, "an empty filter is refused"),
        ({"older_then": "8h"}, "older_then"),
        ({"kinds": ["web"]}, "kinds"),
        ({"interval": 0}, "interval: must be at least one second."),
        ({"interval": "soon"}, "interval: 'soon' is not a duration."),
        ({"timeout": "long"}, "timeout"),
        ({"url": "", "account": ""}, "Neither account nor url is set."),
        ({"api_key": ""}, "No API key"),
        ({"api_key": "two words"}, "white space"),
        ({"max_sessions": -1}, "max_sessions: must not be negative."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_an_option_that_cannot_be_used(account, args, words):
    before = len(account.requests())
    assert words in refused(account, **args)
    assert len(account.requests()) == before


def test_without_a_criterion_every_session_would_be_stale(account):
    async def story(watched):
        await watched.event()

    with pytest.raises(Exception, match="Without a criterion every session would be stale"):
        watch(account, story)


def test_a_wrong_key(account):
    assert "The API key is wrong or has expired" in refused(account, api_key="another-key")


def test_a_key_without_the_scope(account):
    assert "lacks the Session scope" in refused(account, api_key=account.tasks_key)


def test_a_server_that_echoes_the_key(account):
    account.fault("redirect", location="https://example.com/{key}", count=20)
    try:
        assert "redirect" in refused(account)
    finally:
        account.clear_faults()


def test_the_key_in_the_wrong_place_is_masked(account):
    assert "older_than: '********' is not a duration" in refused(account, older_than=account.admin_key)
