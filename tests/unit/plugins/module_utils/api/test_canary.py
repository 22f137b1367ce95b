# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked before and after the DELETE that ends a session. Whole runs: sessions/test_terminate_by_generation."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api import canary
from ansible_collections.aimms.cloud.plugins.module_utils.api.canary import Canary
from ansible_collections.aimms.cloud.plugins.module_utils.api.discovery import Discovery
from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import LEGACY
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    HttpError,
    StoppedError,
    TransportError,
    TurnError,
    UnseenError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.tests.timing import PATIENCE
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock

SESSION = Session("w1", "webui", "running")
ENDED = replace(SESSION, state="terminated")
MISSING = HttpError("GET /x", 404, form="message")
FOUND = Discovery(default_routes(), LEGACY, [])


class Client:
    """A server on which these paths are answered so; nothing else is there. ``now``: its clock."""

    def __init__(self, now=None, **answers):
        self.answers, self.asked, self.attempts, self.now = answers, [], [], now

    def clock(self):
        return Clock(self.now, 0.0)

    def get(self, path, attempts=None):
        self.attempts.append(attempts)
        self.asked.append(path.partition("/sessions/")[2])
        told = next((told for end, told in self.answers.items() if path.endswith(end)), MISSING)
        if isinstance(told, Exception):
            raise told
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return Response(f"GET {path}", 200, {}, body)


@pytest.fixture(name="clock", autouse=True)
def without_pauses(monkeypatch):
    clock = PausedClock(100.0)
    monkeypatch.setattr(canary, "time", clock)
    return clock


def made(client=None, again=FOUND):
    return Canary(client or Client(), FOUND, lambda: again)


def test_the_routes_of_the_current_generation_must_be_missing_before_each():
    client = Client()
    bird = made(client)
    bird.check(SESSION)
    assert client.asked == ["webui/w1/logs", "webui/w1/terminate"]
    bird.pending = False
    bird.check(SESSION)
    assert client.asked[2:] == ["webui/w1/logs"]


@pytest.mark.parametrize(
    "answers",
    [
        {"w1/logs": []},
        {"w1/logs": b"a line"},
        {"w1/logs": HttpError("x", 405, form="a")},
        {"w1/terminate": HttpError("x", 405, form="a")},
    ],
)
def test_where_one_exists_nothing_more_is_ended(answers):
    bird = made(Client(**answers))
    for _time in range(2):
        with pytest.raises(StoppedError, match=r"No further.*exists there.*Nothing was sent") as caught:
            bird.check(SESSION)
        assert not caught.value.sent


@pytest.mark.parametrize("failure", [HttpError("x", 503), HttpError("x", 429), TransportError("reset")])
def test_without_an_answer_nothing_is_sent_this_time(failure):
    bird = made(Client(**{"/logs": failure}))
    with pytest.raises(TransportError) as caught:
        bird.check(SESSION)
    assert not caught.value.sent
    assert not bird.stopped


def test_a_route_is_looked_at_three_times_before_a_failure_counts():
    client = Client()
    made(client).check(SESSION)
    assert {*client.attempts} == {3}


def test_a_document_that_is_older_than_the_other_answers_is_of_a_cache():
    made(Client(now=1060.0), FOUND._replace(dated=1000.0)).check(SESSION)
    with pytest.raises(StoppedError, match="older than its other answers"):
        made(Client(now=1060.1), FOUND._replace(dated=1000.0)).check(SESSION)


def reader(bird, sights):
    """Reads as the session-manager does: what it finds is noted."""

    def read():
        told = sights.pop(0) if len(sights) > 1 else sights[0]
        if isinstance(told, Exception):
            raise told
        if told is None:
            bird.check_gone("webui", "w1")
        else:
            bird.note(told)
        return told

    return read


@pytest.mark.parametrize("sight", [replace(SESSION, state="closing"), replace(ENDED, state="x")])
def test_only_the_end_of_the_same_session_frees_the_others(sight, clock):
    bird = made()
    bird.check(SESSION)
    sights = [TransportError("reset"), HttpError("x", 503), SESSION, sight, ENDED]
    bird.watch(SESSION, reader(bird, sights))
    assert (sights, bird.pending, len(clock.pauses)) == ([ENDED], False, 4)


@pytest.mark.parametrize("patience", [None, 30.0])
@pytest.mark.parametrize("sight", [SESSION, HttpError("x", 503), TransportError("reset")])
def test_what_shows_no_end_is_no_evidence_and_the_next_one_is_a_canary_too(sight, patience, clock):
    bird = made()
    bird.check(SESSION)
    with pytest.raises(UnseenError, match="not seen to end: it "):
        bird.watch(SESSION, reader(bird, [sight]), patience)
    assert clock.now - 100 <= (patience or 120)
    assert (bird.pending, bird.stopped) == (True, "")
    bird.note(replace(ENDED, id="w2"))
    assert bird.pending
    bird.note(ENDED)
    assert not bird.pending


@pytest.mark.parametrize(
    ("sight", "text"), [(None, "no longer has"), (replace(ENDED, owner="b@ROOT"), "another session")]
)
def test_a_watched_record_that_is_gone_or_another_stops_the_run(sight, text):
    bird, first = made(), replace(SESSION, owner="a@ROOT")
    bird.check(first)
    with pytest.raises(StoppedError, match=text) as caught:
        bird.watch(first, reader(bird, [HttpError("x", 503), first, sight]))
    assert caught.value.sent
    assert bird.stopped
    assert bird.pending


@pytest.mark.parametrize(
    ("failure", "sight", "looks", "raised", "pending"),
    [
        (HttpError("x", 504), None, 1, StoppedError, True),
        (TransportError("reset"), None, 1, StoppedError, True),
        (TransportError("reset"), ENDED, 1, TransportError, False),
        (TransportError("reset"), SESSION, 1, TransportError, True),
        (HttpError("x", 504), HttpError("x", 503), 1, HttpError, True),
        (TransportError("refused", sent=False), ENDED, 0, TransportError, True),
    ],
)
def test_after_an_unclear_delete_one_look_counts(failure, sight, looks, raised, pending):
    bird, seen = made(), []
    bird.check(SESSION)

    def read():
        seen.append(sight)
        return reader(bird, [sight])()

    with pytest.raises(raised) as caught, bird.looking(read):
        raise failure
    assert (caught.value is failure) == (raised is not StoppedError)
    assert (len(seen), bird.pending) == (looks, pending)


def test_a_record_that_is_gone_is_no_end_only_where_delete_was_to_end_it():
    bird = made()
    bird.check_gone("webui", "w1")
    bird.check(SESSION)
    bird.check_gone("webui", "w2")
    with pytest.raises(StoppedError, match=r"no longer has the record of w1.*legacy generation") as caught:
        bird.check_gone("webui", "w1")
    assert caught.value.sent


def test_who_had_to_wait_for_the_first_one_must_read_again():
    bird = made()
    inside, go, lock = threading.Event(), threading.Event(), threading.Lock()

    class Door:
        """The lock of the canary; who comes second lets the first one go on."""

        locked, __exit__ = lock.locked, lock.__exit__

        def __enter__(self):
            if inside.is_set():
                go.set()
            return lock.__enter__()

    bird._lock = Door()

    def first():
        with bird.turn():
            inside.set()
            go.wait(PATIENCE)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(PATIENCE)
    with pytest.raises(TurnError) as caught, bird.turn():
        pytest.fail("It was let in without a new read.")
    assert not caught.value.sent
    thread.join()
    with bird.turn():
        bird.pending = False


@pytest.mark.parametrize(
    ("answers", "legacy"),
    [
        ({"logs/webui/w1": []}, True),
        ({}, False),
        ({"logs/webui/w1": [], "w1/logs": []}, False),
        ({"logs/webui/w1": [], "w1/logs": HttpError("x", 404)}, False),
        ({"logs/webui/w1": [], "w1/logs": HttpError("x", 403, form="a")}, False),
        ({"logs/webui/w1": HttpError("x", 405, form="a")}, False),
        ({"logs/webui/w1": b"<html>"}, False),
        ({"logs/webui/w1": b"a line"}, False),
        ({"logs/webui/w1": [], "w1/logs": b"<html>"}, False),
    ],
)
def test_without_a_document_the_log_routes_of_the_session_are_the_evidence(answers, legacy):
    assert made(Client(**answers)).proves_legacy(SESSION) is legacy


def test_the_evidence_of_the_current_generation_is_its_log_route_once():
    client = Client(**{"w1/logs": []})
    bird = made(client)
    assert not bird.proves_current(replace(SESSION, id="w2"))
    assert bird.proves_current(SESSION)
    assert bird.proves_current(replace(SESSION, id="w2"))
