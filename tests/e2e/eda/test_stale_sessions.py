# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One event for each session that becomes stale, no event twice, also after outages. Proves rules 20, 24 and 28."""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest
from watching import in_flight, watch

pytestmark = pytest.mark.once
HOUR = 3600
LOOK = "ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch.Watch.look"


def test_a_session_is_told_of_once_when_it_becomes_stale(serve):
    emulator = serve()
    old = emulator.add_session(owner="jdoe@ROOT", age=9 * HOUR)
    young = emulator.add_session(age=8 * HOUR - 300)
    emulator.add_session(age=99 * HOUR, owner="svc-nightly@ROOT")
    emulator.add_session(age=99 * HOUR, state="terminated")

    async def story(watched):
        event = await watched.event()
        assert event["session"]["id"] == old["id"]
        assert event["session"]["owner"] == "jdoe@ROOT"
        assert event["url"] == emulator.url
        assert event["cutoff"].endswith("Z")
        assert set(event) == {"session", "url", "cutoff"}
        assert not {"result", "reason", "msg"} & set(event["session"])
        assert await watched.looks(2) == 0
        emulator.update_session(young["id"], age=8 * HOUR + 10)
        assert (await watched.event())["session"]["id"] == young["id"]
        assert await watched.looks() == 0

    watch(emulator, story, older_than="8h", protect_owners=["svc-*"])
    assert emulator.changes() == []


def test_a_session_that_is_stale_again_is_the_same_session(serve):
    emulator = serve()
    session = emulator.add_session(owner="jdoe@ROOT", age=HOUR)
    others = [emulator.add_session(owner="ann@ROOT", age=HOUR)["id"] for _number in range(2)]

    async def story(watched):
        assert (await watched.event())["session"]["id"] == session["id"]
        emulator.update_session(session["id"], owner="ann@ROOT")
        assert await watched.looks(4) == 0
        emulator.update_session(session["id"], owner="jdoe@ROOT")
        assert await watched.looks(2) == 0
        emulator.update_session(others[0], owner="jdoe@ROOT")
        assert (await watched.event())["session"]["id"] == others[0]

    watch(emulator, story, owners=["jdoe@*"])


def test_an_id_that_is_used_again_is_another_session(serve):
    emulator = serve()
    emulator.add_session(id="webui-1", age=20 * HOUR)

    async def story(watched):
        assert (await watched.event())["session"]["id"] == "webui-1"
        emulator.remove_session("webui-1")
        emulator.add_session(id="webui-1", age=10 * HOUR)
        assert (await watched.event())["session"]["age_seconds"] < 11 * HOUR

    watch(emulator, story, older_than="8h")


def test_an_outage_is_logged_and_survived(serve, caplog):
    emulator = serve()
    emulator.add_session(id="before", age=9 * HOUR)

    async def story(watched):
        assert (await watched.event())["session"]["id"] == "before"
        emulator.fault("status", status=503)
        while "The next look is in" not in caplog.text:
            await watched.looks(0)
        emulator.add_session(id="meanwhile", age=9 * HOUR)
        emulator.clear_faults()
        assert (await watched.event())["session"]["id"] == "meanwhile"
        assert await watched.looks() == 0

    watch(emulator, story, older_than="8h")
    assert "answered 503" in caplog.text
    assert "is watched again" in caplog.text
    assert emulator.admin_key not in caplog.text


def test_a_key_that_is_refused_later_ends_the_source(serve):
    """Repeated failed logins block an account."""
    emulator = serve()
    emulator.add_session(id="before", age=9 * HOUR)

    async def story(watched):
        assert (await watched.event())["session"]["id"] == "before"
        emulator.fault("status", status=401)
        await asyncio.sleep(3600)

    with pytest.raises(Exception, match="The API key is wrong or has expired"):
        watch(emulator, story, older_than="8h")
    refused = [row["path"].rpartition("/")[2] for row in emulator.requests() if row["status"] == 401]
    assert refused in (["openapi.yaml"], ["openapi.yaml", "webui"]), "it was asked again"


def test_a_session_that_was_at_work_meanwhile_is_told_of_again(serve):
    emulator = serve()
    emulator.add_session(id="old", kind="task", task_id="k1", age=20 * HOUR)
    late = emulator.add_session(age=HOUR)["started_at"]
    early = emulator.session("old")["started_at"]

    async def story(watched):
        assert (await watched.event())["session"]["id"] == "old"
        emulator.update_session("old", started_at=late)
        assert await watched.looks(2) == 0
        emulator.update_session("old", started_at=early)
        assert (await watched.event())["session"]["id"] == "old"
        assert await watched.looks() == 0

    watch(emulator, story, older_than="8h", repeat_after="1h")


def test_a_key_that_the_server_says_is_in_no_event(serve):
    emulator = serve()
    emulator.add_session(app_name=f"app of {emulator.admin_key}", age=9 * HOUR)

    async def story(watched):
        assert (await watched.event())["session"]["app_name"] == "app of ********"

    watch(emulator, story, older_than="8h")


def test_a_key_in_the_words_of_an_error_or_a_warning_is_not_logged(serve, caplog):
    emulator = serve()
    from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError

    def look(_watch, warn):
        warn(f"Said: {emulator.admin_key}.")
        raise RefusedError(f"Refused: {emulator.admin_key}.")

    async def story(watched):
        while "Refused: ********." not in caplog.text:
            await asyncio.sleep(0.05)

    with mock.patch(LOOK, look):
        watch(emulator, story, older_than="8h")
    assert "Said: ********." in caplog.text
    assert emulator.admin_key not in caplog.text


def test_an_outage_at_the_start_is_survived_too(serve):
    emulator = serve()
    emulator.add_session(age=9 * HOUR)
    emulator.fault("reset", count=1)

    async def story(watched):
        assert (await watched.event())["session"]["kind"]

    watch(emulator, story, older_than="8h")


def test_of_an_incomplete_list_nothing_is_told(serve, caplog):
    emulator = serve(sessions=250)
    emulator.set(ignore_paging=True)
    emulator.add_session(id="old", age=9 * HOUR)

    async def story(watched):
        while "incomplete" not in caplog.text:
            await watched.looks(0)
        assert watched.queue.empty()

    watch(emulator, story, older_than="1s")


def test_more_stale_sessions_than_the_limit_are_not_told_of(serve, caplog):
    emulator = serve()
    for number in range(3):
        emulator.add_session(id=f"old-{number}", age=9 * HOUR)

    async def story(watched):
        while "max_sessions is 2" not in caplog.text:
            await watched.looks(0)
        assert watched.queue.empty()
        emulator.remove_session("old-0")
        assert {(await watched.event())["session"]["id"] for _number in range(2)} == {"old-1", "old-2"}

    watch(emulator, story, older_than="8h", max_sessions=2)


def test_the_event_loop_goes_on_while_the_server_is_slow(serve):
    emulator = serve()
    emulator.add_session(age=9 * HOUR)
    emulator.fault("timeout", count=1)

    async def story(watched):
        await watched.asked()
        for _step in range(21):
            await asyncio.sleep(0.01)
            assert len(emulator.requests()) == 1  # it still has no answer, and none came after it

    watch(emulator, story, older_than="8h")
    assert in_flight(emulator) == 1, "a shutdown waits for the server"
