# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What killed runs left is removed, and what another run still writes is not. Proves rule 30 for downloads."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.logs import atomic_file
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import AtomicFile, StorageError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.tests.timing import until
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account

PIECE = 64 * 1024
LEFT = ".task-t9.log.abcd1234.part"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def no_locks(_file, _how):
    raise OSError(errno.ENOLCK, "No locks available")


def test_a_run_removes_leftovers_of_saved_logs_and_of_its_own_file_but_not_in_check_mode(tmp_path):
    for name in (LEFT, ".one.log.abcd_234.part", ".mine.abcd1234.part", ".task-t9.log.short.part", ".x.part"):
        (tmp_path / name).write_text("cut off")
    with Account() as account:
        account.add("task", "t1")
        params = account.params(kind="task", session_ids=["t1"], dest=f"{tmp_path}/one.log")
        download(params, True, [].append)
        assert len(names(tmp_path)) == 5
        download(params, False, [].append)
    assert names(tmp_path) == [".mine.abcd1234.part", ".task-t9.log.short.part", ".x.part", "one.log"]


def test_where_there_are_no_locks_files_are_written_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_file.fcntl, "flock", no_locks)
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        sink.write(b"whole\n")
        assert sink.put(None, empty=False) is True
    assert (tmp_path / "one.log").read_text() == "whole\n"


def test_a_file_that_was_taken_for_a_leftover_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    lock, taken = fcntl.flock, []

    def locked_too_late(handle, how):
        if not taken:
            taken.extend(names(tmp_path))
            (tmp_path / taken[0]).unlink()
        lock(handle, how)

    monkeypatch.setattr(atomic_file.fcntl, "flock", locked_too_late)
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        sink.write(b"whole\n")
        assert sink.put(0o640, empty=False) is True
    assert len(taken) == 1
    assert names(tmp_path) == ["one.log"]
    assert (tmp_path / "one.log").read_text() == "whole\n"


def test_what_is_not_put_in_its_place_leaves_nothing(tmp_path):
    def broken(sink):
        with sink:
            sink.write(b"half")
            with atomic_file.storing(tmp_path / "one.log"):
                raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "one.log").write_text("before\n")
    with pytest.raises(StorageError, match=r"one\.log cannot be written: No space left on device"):
        broken(AtomicFile(tmp_path / "one.log", check_mode=False))
    assert names(tmp_path) == ["one.log"]
    assert (tmp_path / "one.log").read_text() == "before\n"


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_no_file_stays(check_mode, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with AtomicFile(tmp_path / "pipe", check_mode=check_mode) as sink:
        sink.write(b"whole")
        with pytest.raises(StorageError, match=r"pipe cannot be written: it is no regular file\."):
            sink.put(None, empty=False)
    assert (tmp_path / "pipe").is_fifo()
    assert names(tmp_path) == ["pipe"]


def test_pieces_of_any_size_are_written_and_digested_in_their_order(tmp_path):
    pieces = [b"a" * size for size in (0, 1, PIECE - 1, 1, PIECE, 3 * PIECE, 7)]
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        for number, piece in enumerate(pieces * 3):
            sink.write(bytes([number]) + piece)
        sink.put(None, empty=False)
    content = b"".join(bytes([number]) + piece for number, piece in enumerate(pieces * 3))
    assert (tmp_path / "one.log").read_bytes() == content
    assert (sink.size, sink.checksum) == (len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest())


@pytest.mark.parametrize("size", [PIECE, 4 * PIECE])  # the thread writes one by one what is as large as that
@pytest.mark.parametrize("failing", [1, 2, 6])
def test_a_piece_that_the_disk_did_not_take_is_told(failing, size, tmp_path):
    class Full:
        def __init__(self, opened):
            self._opened, self._writes = opened, 0

        def write(self, piece):
            self._writes += 1
            if self._writes == failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._opened.write(piece)

        def __getattr__(self, name):
            return getattr(self._opened, name)

    def saved(sink):
        with sink:
            sink._file = Full(sink._file)
            for _piece in range(6):
                sink.write(b"x" * size)
            sink.put(None, empty=False)

    with pytest.raises(StorageError, match=r"one\.log cannot be written: No space left on device"):
        saved(AtomicFile(tmp_path / "one.log", check_mode=False))
    assert names(tmp_path) == []


def test_few_pieces_wait_for_a_slow_disk(tmp_path):
    class Slow:
        def __init__(self, opened):
            self._opened = opened

        def write(self, piece):
            until(lambda: len(waited) == 20 or len(sink._waiting) == 4)
            return self._opened.write(piece)

        def __getattr__(self, name):
            return getattr(self._opened, name)

    waited = []
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        sink._file = Slow(sink._file)
        for _piece in range(20):
            sink.write(b"x" * 4 * PIECE)
            waited.append(len(sink._waiting))
        sink.put(None, empty=False)
    assert max(waited) == 4
    assert (tmp_path / "one.log").stat().st_size == 20 * 4 * PIECE


def test_a_small_file_needs_no_thread(tmp_path):
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        sink._thread = None
        for _piece in range(3):
            sink.write(b"x" * PIECE)
        sink._thread = atomic_file.WorkerPool(1)
        sink.put(None, empty=False)
    assert (tmp_path / "one.log").stat().st_size == 3 * PIECE


def test_the_way_to_the_disk_begins_early_for_each_part_once(tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _file, start, length, _advice: begun.append((start, length)))
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        for _piece in range(80):
            sink.write(b"x" * 4 * PIECE)
        sink.put(None, empty=False)
    assert begun == [(0, 128 * PIECE), (128 * PIECE, 128 * PIECE)]


@pytest.mark.parametrize("without", [True, False])
def test_a_system_without_such_hints_writes_all_the_same(without, tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise OSError(errno.EINVAL, "Invalid argument")

    if without:
        monkeypatch.delattr(os, "posix_fadvise")
    else:
        monkeypatch.setattr(os, "posix_fadvise", refuse)
    with AtomicFile(tmp_path / "one.log", check_mode=False) as sink:
        for _piece in range(40):
            sink.write(b"x" * 4 * PIECE)
        sink.put(None, empty=False)
    assert (tmp_path / "one.log").stat().st_size == 160 * PIECE


def test_who_stops_in_the_middle_waits_for_the_thread_and_leaves_nothing(tmp_path):
    def stopped(sink):
        with sink:
            for _piece in range(12):
                sink.write(b"x" * 4 * PIECE)
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        stopped(AtomicFile(tmp_path / "one.log", check_mode=False))
    assert threading.active_count() == before
    assert names(tmp_path) == []
