# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a log: the effect of each option, refused options, and no secrets in the result.

Proves rules 11, 15 and 18 for this module.
"""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from plays import Ansible, Played
from written_logs import lines, numbered, read_log, texts, written

pytestmark = pytest.mark.once

HOUR = 3600
BEGIN = int(time.time()) - 20 * HOUR + 3000  # stays within its hour even if this file runs late
TOKEN = "s3cretT0ken"
FIFTEENTH = "%Y-%m-%dT%H:%M:%S", time.gmtime(BEGIN + 15 * HOUR)
OPTIONS: dict[str, tuple[dict[str, Any], list[str], bool]] = {
    "limit": ({"limit": 3}, numbered(3), False),
    "limit as many as there are": ({"limit": 20}, numbered(20), True),
    "limit of nothing": ({"limit": 0}, [], False),
    "tail of nothing": ({"tail": 0}, [], True),
    "tail beyond the beginning": ({"tail": 99}, numbered(20), True),
    "tail of a filter": ({"tail": 2, "contains": "line 00"}, numbered(2, 8), True),
    "tail and limit": ({"tail": 5, "limit": 2}, numbered(2, 15), False),
    "limit of a filter": ({"begin": written(BEGIN + 10 * HOUR), "limit": 2}, numbered(2, 10), False),
    "nothing fits": ({"contains": "no such text"}, [], True),
    "an empty log": ({"session_id": "empty"}, [], True),
    "tail of an empty log": ({"session_id": "empty", "tail": 3}, [], True),
    "durations": ({"begin": "10h", "end": "4h"}, numbered(6, 10), True),
    "a time without a zone": ({"begin": time.strftime(*FIFTEENTH)}, numbered(5, 15), True),
    "time and lines in a zone": (
        {"begin": time.strftime(*FIFTEENTH), "naive_timezone": "Asia/Tokyo"},
        numbered(5, 15),
        True,
    ),
    "lines in a zone": ({"begin": written(BEGIN + 6 * HOUR), "naive_timezone": "Asia/Tokyo"}, numbered(5, 15), True),
    "a day": ({"end": "2020-01-01"}, [], True),
}
FAILING: dict[str, tuple[dict[str, Any], str]] = {
    "unknown session": ({"session_id": "nobody"}, "/sessions/webui/nobody/logs answered 404: no such session"),
    "another kind": ({"kind": "solve"}, "/sessions/solve/w1/logs answered 404"),
    "tail of an unknown session": ({"session_id": "nobody", "tail": 3}, "answered 404: no such session"),
    "begin after end": ({"begin": "1h", "end": "2h"}, "begin: it is after end"),
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "words for a time": ({"begin": "yesterday"}, "begin: 'yesterday' is neither a time nor a duration"),
    "a number for a time": ({"begin": 3600}, "begin: '3600' is neither a time nor a duration"),
    "no such day": ({"end": "2026-02-30"}, "end: '2026-02-30' is neither"),
    "empty begin": ({"begin": ""}, "begin: an empty filter is refused"),
    "null for an end": ({"end": None}, "end: null is refused"),
    "empty text": ({"contains": ""}, "contains: an empty filter is refused"),
    "null for a text": ({"contains": None}, "contains: null is refused"),
    "negative tail": ({"tail": -1}, "tail: must not be negative"),
    "negative limit": ({"limit": -5}, "limit: must not be negative"),
    "unknown zone": ({"naive_timezone": "Mars/Olympus"}, "naive_timezone: 'Mars/Olympus' is not a time zone"),
    "a path for an id": ({"session_id": "../../task/s1"}, "cannot be a session id"),
}
SECRETS = [
    read_log("masked", "s1", "task"),
    read_log("shown", "s1", "task", redact=False),
    read_log("found", "s1", "task", contains=TOKEN),
]


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A server with a log of one line per hour, the first almost 20 hours ago, a log with secrets, and an empty one."""
    made = shared_serve()
    made.add_session(id="w1", age=30 * HOUR, owner="chen@PLANNING", logs=lines(numbered(20), BEGIN, HOUR))
    key = made.admin_key
    encoded = base64.b64encode(key.encode()).decode()
    secret = [f"--logonToken {TOKEN}", f"apiKey: {key}", f"the key {key} in prose", f"basic {encoded}"]
    secret.append("password=x1y2z3")
    made.add_session(id="s1", kind="task", age=30 * HOUR, logs=lines(secret, BEGIN))
    made.add_session(id="empty", age=30 * HOUR, logs=[])
    return made


@pytest.fixture(scope="module")
def refusals(shared_ansible: Ansible, server: Any) -> tuple[Played, int]:
    """All refused options, and the number of requests meanwhile."""
    played = shared_ansible.play(*(read_log(name, **given[0]) for name, given in REFUSED.items()), server=server)
    return played, len(server.requests())


@pytest.fixture(scope="module")
def asked(shared_ansible: Ansible, server: Any, refusals: Any) -> Played:
    """One task for each combination of options."""
    tasks = [read_log(name, **given[0]) for name, given in {**OPTIONS, **FAILING}.items()]
    return shared_ansible.play(*tasks, *SECRETS, read_log("foreign", api_key=server.user_key), server=server)


@pytest.mark.parametrize("name", OPTIONS)
def test_option_gives_these_lines(name: str, asked: Played) -> None:
    result = asked[name]
    _options, expected, complete = OPTIONS[name]
    assert texts(result) == expected
    assert (result["count"], result["complete"]) == (len(expected), complete)
    assert "warnings" not in result


@pytest.mark.parametrize("name", FAILING)
def test_failure_is_explained(name: str, asked: Played) -> None:
    assert asked[name]["failed"]
    assert FAILING[name][1] in asked[name]["msg"]


@pytest.mark.parametrize("name", REFUSED)
def test_bad_option_is_refused(name: str, refusals: tuple[Played, int]) -> None:
    assert refusals[0][name]["failed"]
    assert REFUSED[name][1] in refusals[0][name]["msg"]


def test_bad_options_send_nothing(refusals: tuple[Played, int]) -> None:
    assert len(refusals[0]) == len(REFUSED)
    assert refusals[1] == 0


def test_another_user_s_log_is_not_read(asked: Played) -> None:
    assert asked["foreign"]["failed"]
    assert "answered 403" in asked["foreign"]["msg"]
    assert "administrator's key" in asked["foreign"]["msg"]
    assert "lines" not in asked["foreign"]


def test_secrets_are_masked_unless_asked_for(asked: Played) -> None:
    assert [texts(asked["masked"])[number] for number in (0, 4)] == ["--logonToken ********", "password=********"]
    assert [texts(asked["shown"])[number] for number in (0, 4)] == [f"--logonToken {TOKEN}", "password=x1y2z3"]
    assert texts(asked["found"]) == ["--logonToken ********"]


def test_api_key_is_never_shown(asked: Played, server: Any) -> None:
    for name in ("masked", "shown"):
        assert texts(asked[name])[1:3] == ["apiKey: ********", "the key ******** in prose"]
        assert texts(asked[name])[3].startswith("basic ********")
    assert server.admin_key not in asked.output
    assert base64.b64encode(server.admin_key.encode()).decode()[4:-4] not in asked.output
