# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of saved logs, whatever is saved into it and in whatever order: no saved byte is ever lost."""

from __future__ import annotations

import gzip
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import AtomicFile, StorageError, sweep
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.tests.timing import PATIENCE
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago

NAMES = ("webui-a.log", "webui-a~2.log", "webui-a.b.log", "task-a.log.gz", "one")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def put(path, text, *, check_mode=False, mode=None):
    """Save a text, packed where the name says so. Returns whether it changed anything, and where it is."""
    with AtomicFile(path, check_mode) as sink:
        sink.write(gzip.compress(text.encode(), mtime=0) if path.suffix == ".gz" else text.encode())
        return sink.put(mode, empty=not text), sink.path


def contents(folder):
    """What is in each file, unpacked."""
    read = {path.name: path.read_bytes() for path in folder.iterdir()}
    return [(gzip.decompress(found) if name.endswith(".gz") else found).decode() for name, found in read.items()]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text("ab\n", max_size=5), st.booleans()), max_size=12))
def test_whatever_is_saved_is_there_for_ever(steps):
    with tempfile.TemporaryDirectory() as name:
        folder, saved = Path(name), set()
        for file, text, check_mode in steps:
            before = names(folder), contents(folder)
            try:
                _changed, at = put(folder / file, text, check_mode=check_mode)
            except StorageError:
                assert not text  # an empty log is never put beside one that is not
                continue
            if check_mode:
                assert (names(folder), contents(folder)) == before
                continue
            saved.add(text)
            assert text in contents(folder)
            assert put(folder / file, text) == (False, at)
            assert all(any(found.startswith(one) for found in contents(folder)) for one in saved)


RUNS = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(["append", "rotate", "create anew", "another account", "empty", "nothing"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(RUNS)
def test_no_run_loses_what_an_earlier_one_saved(runs):
    """Two accounts that share one folder, logs that grow and rotate, ids that are used again."""
    with tempfile.TemporaryDirectory() as name, Account() as one, Account() as other:
        account, saved = one, []
        for number, (session_id, event, compress) in enumerate(runs):
            account = {one: other, other: one}[account] if event == "another account" else account
            for key in ("s1", "s2"):
                account.add("task", key, "completed")
            log = account.logs.setdefault(("task", session_id), [])
            if event == "create anew":
                account.sessions["task", session_id]["created_at"] = ago(5 + number)
            if event in ("rotate", "create anew", "empty"):
                log.clear()
            if event not in ("empty", "nothing"):
                log.append((ago(4), f"line {number}"))
            params = account.params(sessions=[*account.sessions.values()], dest=f"{name}/", compress=compress)
            with suppress(PartlyFailedError):
                download(params, False, [].append)
                saved += ["".join(f"{at} {text}\n" for at, text in lines) for lines in account.logs.values()]
            found = contents(Path(name))
            assert not [text for text in saved if not any(one.startswith(text) for one in found)]


def test_what_goes_on_replaces_and_what_does_not_stands_beside_it(tmp_path):
    path = tmp_path / "webui-a.log"
    assert put(path, "1\n") == (True, path)
    assert put(path, "1\n2\n") == (True, path)
    assert put(path, "2\n") == (True, tmp_path / "webui-a~2.log")
    assert put(path, "2\n3\n") == (True, tmp_path / "webui-a~2.log")
    assert put(path, "3\n", check_mode=True) == (True, tmp_path / "webui-a~3.log")
    assert put(path, "1\n2\n") == (False, path)
    assert contents(tmp_path) == ["1\n2\n", "2\n3\n"] or contents(tmp_path) == ["2\n3\n", "1\n2\n"]
    with pytest.raises(StorageError, match=r"The server gives an empty log, so .*webui-a\.log was left as it is"):
        put(path, "")


def test_a_file_that_is_no_whole_gzip_file_is_kept(tmp_path):
    path = tmp_path / "webui-a.log.gz"
    for number, broken in enumerate((gzip.compress(b"1\n")[:-4], b"\x1f\x8bnonsense", b"text"), start=2):
        path.write_bytes(broken)
        assert put(path, "1\n") == (True, tmp_path / "webui-a~2.log.gz") or number > 2
        assert path.read_bytes() == broken


def test_two_runs_at_once_lose_neither_log(tmp_path):
    path, both = tmp_path / "webui-a.log", threading.Barrier(2)

    def save(text):
        with AtomicFile(path, check_mode=False) as sink:
            sink.write(text.encode())
            both.wait(PATIENCE)
            sink.put(None, empty=False)

    for number in range(20):
        threads = [threading.Thread(target=save, args=(f"{who} {number}\n",)) for who in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(contents(tmp_path)) == sorted(f"{who} {number}\n" for number in range(20) for who in "ab")


# Whose file, and what is no file


def test_a_replaced_file_keeps_its_owner_and_group(tmp_path, monkeypatch):
    path = tmp_path / "one.log"
    path.write_text("1\n")
    there, given_to = path.stat(), []
    monkeypatch.setattr(os, "chown", lambda _path, *ids: given_to.append(ids))
    put(path, "1\n2\n")
    put(tmp_path / "new.log", "1\n")
    assert given_to == [(there.st_uid, there.st_gid)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_root_gives_it_back_to_its_owner(tmp_path):
    path = tmp_path / "one.log"
    path.write_text("1\n")
    os.chown(path, 1234, 4321)
    path.chmod(0o640)
    put(path, "1\n2\n")
    there = path.stat()
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777, path.read_text()) == (1234, 4321, 0o640, "1\n2\n")


def test_what_looks_like_a_leftover_and_is_no_file_is_neither_opened_nor_removed(tmp_path):
    outside = tmp_path / "outside"
    folder = tmp_path / "logs"
    folder.mkdir()
    for number, make in enumerate(
        (os.mkfifo, Path.mkdir, lambda path: path.symlink_to(outside), lambda path: path.symlink_to(__file__))
    ):
        make(folder / f".webui-a.log.abcd123{number}.part")
    before = names(folder)
    sweeping = threading.Thread(target=sweep, args=([folder / "webui-a.log"],), daemon=True)
    sweeping.start()
    sweeping.join(PATIENCE)
    assert not sweeping.is_alive()
    assert (names(folder), outside.exists()) == (before, False)


def test_the_leftover_of_a_second_log_is_removed_too(tmp_path):
    (tmp_path / ".webui-a.log.abcd1234.part").write_text("cut off")
    put(tmp_path / "webui-a.log", "1\n")
    put(tmp_path / "webui-a.log", "2\n")
    sweep([tmp_path / "webui-a.log"])
    assert names(tmp_path) == ["webui-a.log", "webui-a~2.log"]
