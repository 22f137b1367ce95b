# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads: large ones, their secrets, and gzip."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from plain_client import MANAGER, TASKS, ask, connect, processor_seconds
from timing import cost, until

MIB = 1 << 20
BIG = 2 << 30


def _download(emulator: Any, session: Any, **headers: str) -> Any:
    connection = connect(emulator)
    path = f"{MANAGER}/sessions/{session['kind']}/{session['id']}/logs/download"
    connection.request("GET", path, headers={"apiKey": emulator.admin_key, **headers})
    return connection.getresponse()


def _peak_mib(emulator: Any) -> float:
    status = Path(f"/proc/{emulator.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def _size(answer: Any) -> int:
    whole, buffer = 0, bytearray(MIB)
    while read := answer.readinto(buffer):
        whole += read
    return whole


@pytest.mark.parametrize("log_text", ["", "solver", "json", "prose"])
def test_the_secret_recurs_in_every_mebibyte(log_text: str, start: Any) -> None:
    emulator = start(sessions=0)
    session = emulator.add_session(kind="webui", log_bytes=8 * MIB + 5, log_text=log_text)
    text = _download(emulator, session).read()
    assert len(text) == 8 * MIB + 5
    assert text.endswith(b"\n")
    places = [found.start() for found in re.finditer(f"--logonToken {session['logon_token']} ".encode(), text)]
    assert len(places) in (9, 10)
    assert max(later - earlier for earlier, later in zip(places, places[1:])) <= MIB
    assert len({place % MIB for place in places}) == len(places)  # it is at another position in each chunk of a reader


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_2_gib_stream_fast_with_constant_memory(start: Any) -> None:
    emulator, sizes = start(sessions=0), []
    session = emulator.add_session(kind="webui", log_bytes=BIG)
    _download(emulator, emulator.add_session(kind="webui", log_bytes=8 * MIB)).read()
    before, used = _peak_mib(emulator), processor_seconds(emulator)
    read = cost(lambda: sizes.append(_size(_download(emulator, session))))
    used, grown = processor_seconds(emulator) - used, _peak_mib(emulator) - before
    print(f"\n2 GiB cost {used:.1f} s, to read them {read:.1f} s; the emulator's memory grew by {grown:.1f} MiB")
    assert sizes == [BIG]
    assert used < 10 * read  # measured: as much
    assert grown < 16


def test_nothing_more_is_made_for_a_reader_who_has_left(start: Any) -> None:
    emulator = start(sessions=0)
    emulator.set(gzip=True)
    session = emulator.add_session(kind="webui", log_bytes=8 * BIG)
    connection = connect(emulator)
    path = f"{MANAGER}/sessions/webui/{session['id']}/logs/download"
    connection.request("GET", path, headers={"apiKey": emulator.admin_key, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read(1000)
    answer.close()
    connection.close()

    def alone() -> bool:
        ask(emulator, "GET", f"{MANAGER}/sessions/webui")
        return bool(emulator.requests()[-1]["in_flight"] == 1)

    until(alone)


def test_gzip_needs_the_setting_and_a_client_that_accepts_it(start: Any) -> None:
    emulator = start(sessions=0)
    session = emulator.add_session(kind="task", log_bytes=3 * MIB)
    accepting = {"Accept-Encoding": "deflate, gzip;q=0.8"}
    plain = _download(emulator, session, **accepting)
    assert "content-encoding" not in plain.headers
    emulator.set(gzip=True)
    for headers in ({}, {"Accept-Encoding": "deflate"}, {"Accept-Encoding": "gzip;q=0"}):
        assert "content-encoding" not in _download(emulator, session, **headers).headers
    packed = _download(emulator, session, **accepting)
    assert packed.headers["content-encoding"] == "gzip"
    body = packed.read()
    assert len(body) < 0.1 * MIB
    assert gzip.decompress(body) == plain.read()


def test_gzip_of_a_big_download_streams(start: Any) -> None:
    emulator = start(sessions=0)
    emulator.set(gzip=True)
    answer = _download(emulator, emulator.add_session(kind="webui", log_bytes=256 * MIB), **{"Accept-Encoding": "gzip"})
    unpacker, whole = zlib.decompressobj(31), 0
    while chunk := answer.read1(MIB):
        whole += len(unpacker.decompress(chunk))
    assert whole == 256 * MIB
    assert unpacker.eof


def test_lists_and_the_log_of_a_task_are_compressed_too(start: Any) -> None:
    emulator = start(sessions=90)
    emulator.set(gzip=True)
    session = emulator.add_session(kind="task", log_count=200)
    for path in (f"{MANAGER}/sessions/webui", f"{TASKS}/tasks/{session['task_id']}/logs/download"):
        answer = ask(emulator, "GET", path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == ask(emulator, "GET", path).body
