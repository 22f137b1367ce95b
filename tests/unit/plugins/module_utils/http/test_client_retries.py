# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often, when and how a read is tried again, by a clock that only sleeping moves. Proves rule 6."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, RedirectError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock, connection

WELL = (200, {}, b"{}")
EMPTY = {"Content-Length": "0"}
RESET = TransportError("the connection was reset")


def busy(retry_after=None, status=503):
    """An answer that may pass."""
    return (status, {} if retry_after is None else {"Retry-After": retry_after}, b'{"message": "busy"}')


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only in pauses, and chance that always takes the longest one."""
    fake = PausedClock(1000.0)
    monkeypatch.setattr(client, "time", fake)
    monkeypatch.setattr(client, "random", SimpleNamespace(uniform=lambda _low, high: high))
    return fake


class Scripted(HttpClient):
    """Plays answers, the last of which recurs; ``log`` has each request's deadline, and where a connection is left."""

    def __init__(self, *script, **options):
        super().__init__(connection("https://acme.example", **{"retries": 4, "max_time": 120, **options}))
        self._script, self.log = list(script), []

    def close(self):
        self.log.append("close")

    @contextmanager
    def _open(self, method, path, query, body, deadline, *, whole=True):
        self.log.append(deadline)
        answer = self._script[0] if len(self._script) == 1 else self._script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, headers, said = answer
        raw = SimpleNamespace(stream=lambda *_args, **_options: iter([said]))
        yield SimpleNamespace(status_code=status, headers=headers, raw=raw)

    @property
    def tries(self):
        return len(self.log) - self.log.count("close")


@pytest.mark.parametrize("failure", [busy(), busy(status=429), RESET])
def test_a_read_is_tried_retries_times_again_after_pauses_that_double(failure, clock):
    service = Scripted(failure, retries=6)
    with pytest.raises((HttpError, TransportError)):
        service.get("/a")
    assert service.tries == 7
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize("retries", [1, 4])
def test_a_read_that_may_pass_but_seldom_does_is_tried_once_more(retries, clock):
    service = Scripted(busy(status=408), retries=retries)
    with pytest.raises(HttpError):
        service.get("/a")
    assert service.tries == 2


def test_a_read_that_succeeds_is_not_repeated_and_leaves_its_connection_open(clock):
    service = Scripted(WELL)
    assert service.get("/a").status == 200
    assert service.log == [1120.0]
    assert clock.pauses == []


def test_every_try_has_a_new_connection_and_the_same_moment_by_which_all_must_be_over(clock):
    service = Scripted(RESET, RESET, WELL, max_time=60)
    assert service.get("/a").status == 200
    assert service.log == [1060.0, "close", 1060.0, "close", 1060.0]


def test_a_fresh_read_leaves_the_connection_at_hand_first(clock):
    service = Scripted(WELL)
    service.get("/a", fresh=True)
    assert service.log == ["close", 1120.0]


@pytest.mark.parametrize(
    ("retries", "attempts", "tries"), [(4, 2, 2), (1, 4, 2), (4, 1, 1), (0, None, 1), (3, None, 4)]
)
def test_attempts_lower_the_number_of_tries_but_never_raise_it(retries, attempts, tries, clock):
    service = Scripted(busy("0"), retries=retries)
    with pytest.raises(HttpError):
        service.get("/a", attempts=attempts)
    assert service.tries == tries


@pytest.mark.parametrize("failure", [(404, EMPTY, b""), (501, EMPTY, b""), RedirectError("elsewhere")])
def test_what_will_not_pass_is_not_tried_again(failure, clock):
    service = Scripted(failure)
    with pytest.raises((HttpError, TransportError)):
        service.get("/a")
    assert (service.tries, clock.pauses) == (1, [])


def test_the_pause_that_the_service_asks_for_is_waited(clock):
    service = Scripted(busy("0"), busy("7"), busy(), WELL)
    service.get("/a")
    assert clock.pauses == [0.0, 7.0, 2.0]


def test_a_pause_that_leaves_time_for_the_next_try_is_waited(clock):
    service = Scripted(busy("60"), WELL, max_time=61)
    assert service.get("/a").status == 200
    assert clock.pauses == [60.0]


def test_a_try_is_made_with_a_tenth_of_a_second_left(clock):
    clock.now = 0.0
    assert Scripted(busy("0"), WELL, max_time=0.1).get("/a").status == 200


def test_a_stream_is_tried_again_as_a_read_is(clock):
    service = Scripted(RESET, busy("3"), WELL)
    assert service.stream("/a", (), b"".join) == b"{}"
    assert service.log == [1120.0, "close", 1120.0, "close", 1120.0]
    assert clock.pauses == [0.5, 3.0]


@pytest.mark.parametrize("before", [0, 1])
def test_a_pause_that_leaves_no_time_for_the_next_try_is_not_waited(before, clock):
    service = Scripted(*[busy("30")] * before, busy("60"), max_time=60 + 30 * before)
    with pytest.raises(TransportError) as caught:
        service.get("/a")
    assert clock.pauses == [30.0] * before
    assert str(caught.value) == (
        "GET /a answered 503: busy. The service has a problem of its own: try again later. "
        f"The next try would have to wait 60 s, more than is left of max_time ({60 + 30 * before} s)."
    )
