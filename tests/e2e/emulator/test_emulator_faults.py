"""Every fault, as a plain HTTP client sees it."""

from __future__ import annotations

import gzip
import http.client
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from plain_client import MANAGER, ask, connect, sessions
from timing import until

DROPPED = (ConnectionResetError, http.client.RemoteDisconnected)


def _target(emulator: Any) -> tuple[Any, str]:
    session = emulator.add_session(kind="webui")
    return session, f"{MANAGER}/sessions/webui/{session['id']}/terminate"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_statuses(start: Any, status: int) -> None:
    emulator = start()
    emulator.fault("status", status=status, count=1, retry_after="7")
    answer = sessions(emulator, "webui")
    assert (answer.status, answer.headers["retry-after"]) == (status, "7")
    assert answer.json()["code"] == status
    assert sessions(emulator, "webui").status == 200


def test_retry_after_as_a_date_and_an_html_body(start: Any) -> None:
    emulator = start()
    emulator.fault("503", body="html", retry_after="date+30")
    answer = sessions(emulator, "webui")
    assert answer.headers["content-type"] == "text/html"
    assert answer.body.startswith(b"<html>")
    away = parsedate_to_datetime(answer.headers["retry-after"]) - parsedate_to_datetime(answer.headers["date"])
    assert 29 <= away.total_seconds() <= 31


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("kind", ["reset", "close", "status", "timeout", "html", "empty"])
def test_a_fault_comes_before_or_after_the_server_acted(start: Any, kind: str, before: bool) -> None:
    emulator = start()
    session, path = _target(emulator)
    emulator.fault(kind, method="PATCH", before=before, count=1)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, emulator, "PATCH", path)
        if kind == "timeout":
            until(lambda: [change for change in emulator.changes() if change["fault"]])
            assert not asked.done()
            emulator.clear_faults()
        try:
            answered = asked.result().status
        except DROPPED:
            answered = None
    assert answered == {"status": 503, "html": 200, "empty": 200}.get(kind)
    assert emulator.session(session["id"])["active"] is before
    (change,) = emulator.changes()
    assert (change["fault"], change["acted"], change["status"]) == (kind, not before, answered)


def test_a_reset_is_a_reset_and_a_close_is_none(start: Any) -> None:
    emulator = start()
    emulator.fault("reset", count=1)
    with pytest.raises(ConnectionResetError) as reset:
        sessions(emulator, "webui")
    assert not isinstance(reset.value, http.client.RemoteDisconnected)
    emulator.fault("close", count=1)
    with pytest.raises(http.client.RemoteDisconnected):
        sessions(emulator, "webui")


def test_a_truncated_body(start: Any) -> None:
    emulator = start()
    emulator.fault("truncate", count=1)
    with pytest.raises(http.client.IncompleteRead):
        sessions(emulator, "webui")


@pytest.mark.parametrize("kind", ["drip_headers", "drip_body"])
def test_drips(start: Any, kind: str) -> None:
    emulator = start()
    emulator.fault(kind, seconds=0.005, count=1)
    begun = time.monotonic()
    assert sessions(emulator, "webui", query={"limit": 1}).json()["items"]
    assert time.monotonic() - begun > 0.5


@pytest.mark.parametrize(("kind", "error"), [
    ("empty", json.JSONDecodeError), ("html", json.JSONDecodeError), ("no_content", json.JSONDecodeError),
    ("deep", RecursionError), ("bigint", ValueError), ("bom", json.JSONDecodeError),
])  # fmt: skip
def test_bodies_that_do_not_parse(start: Any, kind: str, error: type[Exception]) -> None:
    emulator = start()
    emulator.fault(kind, count=1)
    answer = sessions(emulator, "webui")
    assert answer.status == (204 if kind == "no_content" else 200)
    with pytest.raises(error):
        json.loads(answer.body.decode())


def test_bodies_that_parse_to_nonsense(start: Any) -> None:
    emulator = start()
    emulator.fault("nan", count=1)
    assert b"NaN" in sessions(emulator, "webui").body
    values: list[Any] = ["text", 42, None, [], {"items": "none"}]
    for value in values:
        emulator.fault("wrong_json", value=value, count=1)
        assert sessions(emulator, "webui").json() == value


def test_bombs(start: Any) -> None:
    emulator = start()
    emulator.fault("gzip_bomb", mib=20, count=1)
    answer = sessions(emulator, "webui")
    assert len(answer.body) < 200_000
    assert len(gzip.decompress(answer.body)) > 20 << 20
    emulator.fault("big_body", mib=20, count=1)
    assert len(sessions(emulator, "webui").body) > 20 << 20


def test_a_redirect_and_an_echo(start: Any) -> None:
    emulator = start()
    emulator.fault("redirect", location="https://elsewhere.example/?k={key}", count=1)
    answer = sessions(emulator, "webui")
    assert (answer.status, answer.headers["location"].endswith(emulator.admin_key)) == (302, True)
    emulator.fault("echo_key", count=1)
    answer = sessions(emulator, "webui")
    assert answer.status == 400
    assert answer.headers["x-echo"] == emulator.admin_key
    assert emulator.admin_key in answer.body.decode()
    assert emulator.admin_key not in str(emulator.requests())


def test_a_stale_keep_alive_hits_only_a_connection_in_use(start: Any) -> None:
    emulator = start()
    session, path = _target(emulator)
    emulator.fault("stale_keepalive", method="PATCH")
    connection = connect(emulator)
    assert sessions(emulator, "webui", connection=connection).status == 200
    with pytest.raises(DROPPED):
        ask(emulator, "PATCH", path, connection=connection)
    assert emulator.session(session["id"])["active"]
    assert ask(emulator, "PATCH", path).status == 204
    assert [change["carried"] for change in emulator.changes()] == [2, 1]


def test_count_skip_path_and_method_narrow(start: Any) -> None:
    emulator = start()
    emulator.fault("500", path_contains="/task", method="GET", skip=1, count=2)
    assert sessions(emulator, "webui").status == 200
    assert [sessions(emulator, "task").status for _time in range(4)] == [200, 500, 500, 200]
    assert emulator.faults()[0]["hits"] == 2
    emulator.clear_faults()
    assert emulator.faults() == []


def test_a_rate_is_seeded(start: Any) -> None:
    runs = []
    for _run in range(2):
        emulator = start()
        emulator.fault("502", rate=0.3, seed=5)
        runs.append([sessions(emulator, "webui", query={"limit": 1}).status for _time in range(60)])
    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(502) <= 28


def test_counts_hold_under_concurrency(start: Any) -> None:
    emulator = start()
    emulator.fault("503", count=25)
    emulator.fault("429", count=25)
    with ThreadPoolExecutor(16) as pool:
        seen = Counter(pool.map(lambda _n: sessions(emulator, "webui", query={"limit": 1}).status, range(200)))
    assert seen == {503: 25, 429: 25, 200: 150}
    assert max(entry["in_flight"] for entry in emulator.requests()) <= 16


def test_a_rate_limit(start: Any) -> None:
    emulator = start()
    emulator.set(rate_limit=1)
    answers = [sessions(emulator, "webui", query={"limit": 1}) for _time in range(40)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert all(entry["fault"] == "rate_limit" for entry in emulator.requests() if entry["status"] == 429)
    assert not any(entry["acted"] for entry in emulator.requests() if entry["status"] == 429)
    emulator.set(rate_retry_after=False)
    later = [sessions(emulator, "webui", query={"limit": 1}) for _time in range(40)]
    assert {"retry-after" in answer.headers for answer in later if answer.status == 429} == {False}


def test_latency(start: Any) -> None:
    emulator = start(latency_ms=120)
    begun = time.monotonic()
    sessions(emulator, "webui")
    assert time.monotonic() - begun >= 0.12
