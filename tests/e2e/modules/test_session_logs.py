# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a log from every dialect: all lines, filtered lines, and the last lines."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from emulator.dialects.dialect import DIALECTS
from plays import Ansible, Played
from written_logs import lines, log_requests, on, read_log, runs, texts, written

pytestmark = pytest.mark.once

COUNT = 330
BEGIN = int(time.time()) - 40_000
TOKEN = "s3cretT0ken"
ODD = {
    0: "pod/daaimmsbox-77 annotated",
    1: f"Bootstrap: --project 'Crew' --logonToken {TOKEN} --port 2600",
    3: "",
    4: "  blanks before, a tab\there, blanks behind  ",
    5: "2020-01-01 00:00:00.000 a time of its own",
    6: "Größe \"Δ\" 'x' \\ 日本 \U0001f680",
    7: '{"level": "info", "msg": "as JSON"}',
    8: "first of two\nsecond of two",
    9: "long " * 4_000,
    12: "a fraction of a second later",
}
TEXTS = [ODD.get(number, f"line {number:03}") for number in range(COUNT)]
LOG = lines(TEXTS, BEGIN)
LOG[12]["timestamp"] = written(BEGIN + 120.306)
for early in LOG[:10]:
    early["timestamp"] = written(BEGIN)  # as logs begin: with many lines at once
TOLD = "legacy legacy-skip current current-page current-page0 current-rows".split()
"""These tell how many lines there are, and any page can be asked for."""
FILTER = {"begin": LOG[100]["timestamp"], "end": LOG[190]["timestamp"], "contains": "LINE 1"}


@pytest.fixture(scope="module")
def servers(shared_serve: Any) -> dict[str, Any]:
    """A server of each dialect with the log above."""
    with ThreadPoolExecutor(4) as pool:
        made = dict(zip(DIALECTS, pool.map(lambda dialect: shared_serve(dialect=dialect), DIALECTS)))
    for server in made.values():
        server.add_session(id="w1", age=50_000, logs=LOG)
        server.clear_requests()
    return made


@pytest.fixture(scope="module")
def read(shared_ansible: Ansible, servers: dict[str, Any]) -> Played:
    """Read all lines, filtered lines, and the last lines."""
    return shared_ansible.play(read_log("all"), read_log("some", **FILTER), read_log("end", tail=7), server=servers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_whole_log_comes_in_order_and_unaltered_but_for_secrets(dialect: str, read: Played) -> None:
    result = on(read, dialect, "all")
    expected = [*TEXTS]
    expected[1] = expected[1].replace(TOKEN, "********")
    assert texts(result) == expected
    assert (result["count"], result["complete"], result["changed"]) == (COUNT, True, False)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_times_are_in_utc_whatever_the_server_s_form(dialect: str, read: Played) -> None:
    shown = [line["timestamp"] for line in on(read, dialect, "all")["lines"]]
    exact = DIALECTS[dialect].log_strings or DIALECTS[dialect].time.endswith(("_ms", "_us"))
    expected = [line["timestamp"] for line in LOG]
    expected[12] = expected[12] if exact else written(BEGIN + 120)
    assert shown == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_begin_and_end_are_included_and_case_does_not_matter(dialect: str, read: Played) -> None:
    result = on(read, dialect, "some")
    assert texts(result) == TEXTS[100:191]
    assert result["complete"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_filters_spare_reading_the_rest(dialect: str, read: Played, servers: dict[str, Any]) -> None:
    whole, some, _end = runs(servers[dialect])
    asked = log_requests(some)  # up to four of them show that a known line comes through the filters
    assert len(asked) <= 6 or DIALECTS[dialect].paging == "none"
    assert len(log_requests(whole)) > 2 or DIALECTS[dialect].paging == "none"
    names = {name for one in asked for name in set(one["query"]) - set(log_requests(whole)[-1]["query"])}
    any_case = any(name.lower().endswith(("ci", "case")) for name in names)  # else a text is looked for here only
    unit_told = not DIALECTS[dialect].time.startswith("epoch")  # else nothing but prose tells the unit of the numbers
    assert len(names) == (2 + any_case if unit_told else 0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_last_lines_come_without_reading_the_others_where_they_can_be_jumped_to(
    dialect: str, read: Played, servers: dict[str, Any]
) -> None:
    result = on(read, dialect, "end")
    assert texts(result) == TEXTS[-7:]
    assert result["complete"]
    if dialect in TOLD:
        assert len(log_requests(runs(servers[dialect])[2])) <= 3
