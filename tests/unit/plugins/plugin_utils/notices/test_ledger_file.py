# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a ledger is replaced whole, by one run at a time, for its owner and perhaps the group."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices import ledger_file
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger_file import read, update


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_new_file_is_for_its_owner_only_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "l.json"
    assert read(path) == ""
    update(path, lambda text: text + "one")
    update(path, lambda text: text + " two")
    assert (read(path), mode(path), list(tmp_path.iterdir())) == ("one two", 0o600, [path])


@pytest.mark.parametrize(("given", "kept"), [(0o600, 0o600), (0o640, 0o640), (0o666, 0o640), (0o755, 0o640)])
def test_an_existing_file_keeps_its_mode_but_nobody_else_may_write_it(tmp_path, given, kept):
    path = tmp_path / "l.json"
    path.touch()
    path.chmod(given)
    update(path, str)
    assert mode(path) == kept


def test_no_addition_of_many_runs_at_once_is_lost(tmp_path):
    path = tmp_path / "l.json"
    with ThreadPoolExecutor(8) as pool:  # each opens the file by itself, as another process would
        list(pool.map(lambda number: update(path, lambda text: f"{text}{number},"), range(40)))
    assert sorted(map(int, read(path).rstrip(",").split(","))) == list(range(40))


def test_a_file_that_another_run_replaced_before_it_was_locked_is_opened_anew(tmp_path, monkeypatch):
    path, flock, before = tmp_path / "l.json", fcntl.flock, []
    path.write_text("old")

    def late(handle, operation):
        if not before:
            before.append(handle)
            path.rename(tmp_path / "gone")
            path.write_text("new")
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    update(path, lambda text: f"{text}er")
    assert read(path) == "newer"


def test_a_failure_leaves_the_file_as_it_was_and_frees_it(tmp_path):
    path = tmp_path / "l.json"
    update(path, lambda _text: "whole")
    with pytest.raises(ZeroDivisionError):
        update(path, lambda _text: str(1 // 0))
    with pytest.raises(UnicodeEncodeError):
        update(path, lambda _text: "\ud800")
    assert (read(path), list(tmp_path.iterdir())) == ("whole", [path])
    update(path, str)


def test_a_run_that_holds_the_file_is_waited_for_but_not_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_file, "_PATIENCE", 0.1)
    path = tmp_path / "l.json"
    path.write_text("theirs")
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OptionError, match="Another run has held the ledger"):
            update(path, lambda _text: "mine")
    assert read(path) == "theirs"


def test_a_link_stays_one(tmp_path):
    path, link = tmp_path / "l.json", tmp_path / "link"
    link.symlink_to(path)
    update(link, lambda _text: "text")
    assert (link.is_symlink(), read(path)) == (True, "text")


def no_folder(path):
    return path / "none" / "l.json"


def a_folder(path):
    return path


def a_pipe(path):
    os.mkfifo(path / "pipe")
    return path / "pipe"


def too_large(path):
    with (path / "large").open("wb") as file:
        file.truncate(ledger_file._LONGEST + 1)
    return path / "large"


def a_circle(path):
    (path / "circle").symlink_to(path / "circle")
    return path / "circle"


@pytest.mark.parametrize("make", [no_folder, a_folder, a_pipe, too_large, a_circle])
def test_what_cannot_be_a_ledger_is_an_error(tmp_path, make):
    with pytest.raises(OptionError, match="ledger of announcements"):
        update(make(tmp_path), str)


@pytest.mark.parametrize("make", [a_folder, a_pipe, too_large, a_circle])
def test_what_cannot_be_a_ledger_cannot_be_read(tmp_path, make):
    with pytest.raises(OptionError, match="ledger of announcements"):
        read(make(tmp_path))
