# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save logs when folders, streams or servers fail: a good file is never replaced by a part of one or by a web page.

Proves rules 6, 9, 10, 15 and 26 for this module.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from plays import PATIENCE, Ansible, Played
from timing import until
from written_logs import as_text, download, lines, numbered, once_asked

pytestmark = pytest.mark.once

BEGIN = int(time.time()) - 40_000
LOG = lines(numbered(40), BEGIN)
TEXT = as_text(LOG).encode()
OLD = b"an older log\n"
MIB = 1 << 20


def names_in(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(entry.name for entry in folder.iterdir())


def ids(*names: str) -> dict[str, Any]:
    """Options that name WebUI sessions."""
    return {"kind": "webui", "session_ids": list(names)}


# Places

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such parent": ({"dest": "nowhere/x.log"}, "nowhere does not exist"),
    "below a file": ({"dest": "file/x.log"}, "file does not exist"),
    "a folder below a file": ({"dest": "file/logs/"}, "cannot be made: Not a directory"),
    "a file for several": ({"dest": "file", "session_ids": ["w1", "w2"]}, "is a file, and 2 logs need a folder"),
    "a pipe": ({"dest": "pipe"}, "pipe is neither a file nor a folder"),
    "a place that is taken": ({"dest": "taken"}, "webui-w1.log cannot be written: Is a directory"),
    "no ids": ({"session_ids": []}, "An empty list never means 'all'"),
    "words for a mode": ({"mode": "u+rw"}, "mode: 'u+rw' is not an octal mode"),
    "a path for an id": ({"session_ids": ["../w1"]}, "cannot be a session id"),
}


@pytest.fixture(scope="module")
def places(shared_ansible: Ansible, shared_serve: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """Save to invalid places, and to one that is valid for two of three logs."""
    folder = tmp_path_factory.mktemp("places")
    (folder / "file").write_bytes(OLD)
    (folder / "taken" / "webui-w1.log").mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    server = shared_serve(generation="current")
    for name in ("w1", "w2"):
        server.add_session(id=name, age=50_000, logs=LOG)
    tasks = []
    for name, (options, _text) in WRONG.items():
        given = {**ids("w1"), "dest": "new.log", **options}
        tasks.append(download(name, **{**given, "dest": f"{folder}/{given['dest']}"}))
    several = download("several", **ids("w1", "gone", "w2", "w1"), dest=f"{folder}/many")
    return shared_ansible.play(*tasks, several, server=server), folder


@pytest.mark.parametrize("name", WRONG)
def test_wrong_place_or_option_is_explained(name: str, places: tuple[Played, Path]) -> None:
    result = places[0][name]
    assert result["failed"]
    assert not result["changed"]
    assert WRONG[name][1] in result["msg"]


def test_what_is_in_the_way_stays_as_it_is(places: tuple[Played, Path]) -> None:
    folder = places[1]
    assert names_in(folder) == ["file", "many", "pipe", "taken"]
    assert (folder / "file").read_bytes() == OLD
    assert (folder / "pipe").is_fifo()
    assert names_in(folder / "taken") == ["webui-w1.log"]


def test_log_that_cannot_be_saved_does_not_stop_the_others(places: tuple[Played, Path]) -> None:
    result = places[0]["several"]
    assert result["failed"]
    assert "1 of 3 logs could not be saved" in result["msg"]
    assert [entry["session_id"] for entry in result["files"]] == ["w1", "w2"]
    assert [(entry["session_id"], entry["kind"]) for entry in result["not_saved"]] == [("gone", "webui")]
    assert "answered 404" in result["not_saved"][0]["msg"]
    assert names_in(places[1] / "many") == ["webui-w1.log", "webui-w2.log"]


# Streams

PASSING = ("truncate", "reset", "503")
LASTING = {
    "truncate": "broke",
    "reset": "",
    "html": "answered 200 with an HTML page",
    "500": "answered 500",
    "redirect": "redirects are not followed",
    "empty": "The server gives an empty log",
    "no_content": "The server gives an empty log",
}


@pytest.fixture(scope="module")
def streams(
    shared_ansible: Ansible, shared_serve: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Played, Path, Any]:
    """Save logs whose download fails once, and, over old files, logs whose download always fails."""
    folder = tmp_path_factory.mktemp("streams")
    server = shared_serve(generation="current")
    legacy = shared_serve(generation="legacy")
    for kind in PASSING:
        server.add_session(id=f"once-{kind}", age=50_000, logs=LOG)
        server.fault(kind, path_contains=f"once-{kind}", count=1)
    for kind in LASTING:
        server.add_session(id=f"ever-{kind}", age=50_000, logs=LOG)
        server.fault(kind, path_contains=f"ever-{kind}")
        (folder / f"webui-ever-{kind}.log").write_bytes(OLD)
    legacy.add_session(id="page", age=50_000, logs=lines(numbered(230), BEGIN))
    legacy.fault("html", path_contains="offset=200")
    legacy.add_session(id="half", age=50_000, logs=lines(["half \ud83d a rocket"], BEGIN))
    for name in ("page", "half"):
        (folder / f"webui-{name}.log").write_bytes(OLD)
    played = shared_ansible.play(
        download("once", **ids(*(f"once-{kind}" for kind in PASSING)), dest=str(folder)),
        download("ever", **ids(*(f"ever-{kind}" for kind in LASTING)), dest=str(folder)),
        download("pages", **ids("page", "half"), dest=str(folder), url=legacy.url, api_key=legacy.admin_key),
        server=server,
    )
    return played, folder, server


def test_stream_that_breaks_is_asked_for_again(streams: tuple[Played, Path, Any]) -> None:
    played, folder, server = streams
    assert not played["once"]["failed"]
    for kind in PASSING:
        assert (folder / f"webui-once-{kind}.log").read_bytes() == TEXT
        asked = [entry["path"] for entry in server.requests() if f"/once-{kind}/" in entry["path"]]
        assert len(asked) == 3  # one is repeated: the number of lines, or the download


def test_stream_that_always_breaks_leaves_the_old_file(streams: tuple[Played, Path, Any]) -> None:
    played, folder, _server = streams
    said = {entry["session_id"]: entry["msg"] for entry in played["ever"]["not_saved"]}
    assert played["ever"]["failed"]
    assert not played["ever"]["changed"]
    assert set(said) == {f"ever-{kind}" for kind in LASTING}
    for kind, text in LASTING.items():
        assert text in said[f"ever-{kind}"]
        assert (folder / f"webui-ever-{kind}.log").read_bytes() == OLD


def test_page_that_is_none_leaves_the_old_file(streams: tuple[Played, Path, Any]) -> None:
    played, folder, _server = streams
    assert [entry["session_id"] for entry in played["pages"]["not_saved"]] == ["page"]
    assert (folder / "webui-page.log").read_bytes() == OLD


def test_half_a_character_spoils_neither_its_log_nor_the_others(streams: tuple[Played, Path, Any]) -> None:
    played, folder, _server = streams
    assert [entry["session_id"] for entry in played["pages"]["files"]] == ["half"]
    assert b" a rocket\n" in (folder / "webui-half~2.log").read_bytes()
    assert (folder / "webui-half.log").read_bytes() == OLD  # it is not what this log begins with


def test_no_temporary_file_stays(streams: tuple[Played, Path, Any]) -> None:
    expected = [f"webui-once-{kind}.log" for kind in PASSING] + [f"webui-ever-{kind}.log" for kind in LASTING]
    assert names_in(streams[1]) == sorted([*expected, "webui-page.log", "webui-half.log", "webui-half~2.log"])


# The module's own process

SAVE = """
import json, sys
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
files = download(json.loads(sys.argv[1]), False, print)["files"]
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([int(peak) << 10, files[0]["size"], files[0]["redactions"]]))
"""


def saving(collections: str, server: Any, session_id: str, dest: Path) -> list[str]:
    """A command that saves a log in a Python process and prints peak memory, size and number of redactions."""
    params = {**PATIENCE, "url": server.url, "api_key": server.admin_key, "validate_certs": True}
    params.update(api_generation="auto", redact=True, compress=False, dest=str(dest), **ids(session_id))
    folders = os.pathsep.join(collections.split(os.pathsep))
    return [
        sys.executable,
        "-c",
        f"import sys; sys.path[:0] = {folders!r}.split({os.pathsep!r})\n{SAVE}",
        json.dumps(params),
    ]


def test_memory_does_not_grow_with_the_log(serve: Any, collections: str, tmp_path: Path) -> None:
    server = serve(generation="current")
    peaks = []
    for mib in (1, 256):
        server.add_session(id=f"big{mib}", age=50_000, log_bytes=mib * MIB)
        command = saving(collections, server, f"big{mib}", tmp_path / f"{mib}.log")
        made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        peak, size, redactions = json.loads(made.stdout)
        assert size == (tmp_path / f"{mib}.log").stat().st_size > (mib * MIB) * 0.99
        assert redactions >= mib
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 64 * MIB
    (tmp_path / "256.log").unlink()


def part_of(dest: Path) -> int:
    """How many bytes of a file have been written that is not in its place yet."""
    return sum(entry.stat().st_size for entry in dest.parent.glob(".w*"))


def test_leftovers_of_a_killed_run_are_removed_by_the_next_but_not_the_file_of_a_living_one(
    ansible: Ansible, serve: Any, collections: str, tmp_path: Path
) -> None:
    server = serve(generation="current")
    server.add_session(id="w1", age=50_000, log_bytes=2048 * MIB)
    server.add_session(id="w2", age=50_000, logs=LOG)
    dest = tmp_path / "logs" / "webui-w1.log"
    dest.parent.mkdir()
    dest.write_bytes(OLD)
    other = dest.with_name(".other.log.abcdefgh.part")
    other.touch()
    running = subprocess.Popen(saving(collections, server, "w1", dest), stdout=subprocess.DEVNULL)
    until(lambda: part_of(dest) > MIB)
    running.send_signal(signal.SIGSTOP)
    [left] = dest.parent.glob(".w*")
    ansible.play(download("meanwhile", **ids("w2"), dest=f"{dest.parent}/"), server=server)
    assert names_in(dest.parent) == sorted([left.name, other.name, dest.name, "webui-w2.log"])
    running.kill()
    running.wait()
    assert dest.read_bytes() == OLD
    ansible.play(download("afterwards", **ids("w2"), dest=f"{dest.parent}/"), server=server)
    assert names_in(dest.parent) == sorted([other.name, dest.name, "webui-w2.log"])


def test_server_that_dies_in_the_middle_of_a_log_leaves_the_old_file(
    ansible: Ansible, serve: Any, tmp_path: Path
) -> None:
    server = serve(generation="current")
    server.add_session(id="w1", age=50_000, log_bytes=2048 * MIB)
    dest = tmp_path / "w1.log"
    dest.write_bytes(OLD)

    def die() -> None:
        until(lambda: part_of(dest) > MIB)
        os.kill(server.pid, 9)

    dying = once_asked(server, die, "/download")
    played = ansible.play(download("cut off", **ids("w1"), dest=str(dest)), server=server)
    dying.join()
    assert played["cut off"]["failed"]
    assert not played["cut off"]["changed"]
    assert dest.read_bytes() == OLD
    assert not list(tmp_path.glob(".w1*"))
