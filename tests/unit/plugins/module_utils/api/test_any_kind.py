# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids without a kind: what each module does with one that a session of one kind has, of several kinds, or of none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.plugins.module_utils.logs.info import log_info
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results

LOG = [("2026-01-31T08:00:00Z", "up")]
TWO = " is the id of several sessions: task and webui. Name the kind too."
NONE = "No session has the id nobody."


@pytest.fixture(name="account")
def an_account():
    """An id that one kind has, in each state; one that two kinds have."""
    with Account() as account:
        for state, suffix in (("running", "runs"), ("completed", "ended")):
            account.add("task", f"one-{suffix}", state)
            account.add("task", f"two-{suffix}", state)
            account.add("webui", f"two-{suffix}", state)
        for place in account.sessions:
            account.logs[place] = LOG
        yield account


def ended(account, ids, tmp_path, **options):
    return results(terminate(account.params(session_ids=ids, **options), False, [].append))


def deleted(account, ids, tmp_path, **options):
    return results(delete(account.params(session_ids=ids, **options), False, [].append))


def saved(account, ids, tmp_path, **options):
    kinds = options.pop("kinds", [None])
    params = account.params(session_ids=ids, kind=kinds[0], dest=f"{tmp_path}/", **options)
    return {one["session_id"]: Path(one["path"]).name for one in download(params, False, [].append)["files"]}


def lines(account, ids, tmp_path, **options):
    kinds = options.pop("kinds", [None])
    params = account.params(kind=kinds[0], session_id=ids[0], **options)
    return {ids[0]: log_info(params, [].append)["lines"][0]["message"]}


def listed(account, ids, tmp_path, **options):
    return {
        one["id"]: one["kind"]
        for one in session_info(account.params(session_ids=ids, **options), [].append)["sessions"]
    }


WAYS = {
    ended: ("runs", "terminated", ["PATCH task/one-runs/terminate"]),
    deleted: ("ended", "deleted", ["DELETE task/one-ended"]),
    saved: ("ended", "task-one-ended.log", []),
    lines: ("ended", "up", []),
    listed: ("ended", "task", []),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_id_of_one_kind_is_found(way, account, tmp_path):
    suffix, what, changes = WAYS[way]
    assert way(account, [f"one-{suffix}"], tmp_path) == {f"one-{suffix}": what}
    assert account.changes() == changes


@pytest.mark.parametrize("way", [way for way in WAYS if way is not listed])
def test_an_id_of_two_kinds_is_refused_until_the_kind_is_named(way, account, tmp_path):
    name = f"two-{WAYS[way][0]}"
    before = dict(account.sessions)
    with pytest.raises(AimmsError, match=f"{name}{TWO}"):
        way(account, [name], tmp_path)
    assert (account.changes(), account.sessions, list(tmp_path.iterdir())) == ([], before, [])
    if way in (ended, deleted):
        with pytest.raises(AimmsError, match=f"{name}{TWO}"):
            way(account, [name], tmp_path, kinds=["webui", "task"])
    assert list(way(account, [name], tmp_path, kinds=["webui"])) == [name]
    assert [one for one in account.changes() if "task" in one] == []


def test_an_id_of_none_is_no_change_and_for_a_log_an_error(account, tmp_path):
    assert ended(account, ["nobody"], tmp_path) == deleted(account, ["nobody"], tmp_path) == {"nobody": "not_found"}
    for way in (saved, lines):
        with pytest.raises(AimmsError, match=NONE):
            way(account, ["nobody"], tmp_path)


def test_one_that_is_refused_does_not_stop_the_others(account, tmp_path):
    for way, suffix, what in ((ended, "runs", "terminated"), (deleted, "ended", "deleted")):
        names = [f"two-{suffix}", "nobody", f"one-{suffix}"]
        with pytest.raises(PartlyFailedError, match=r"1 of 3 sessions could not be .*Name the kind too") as caught:
            way(account, names, tmp_path)
        assert results(caught.value.result) == dict(zip(names, ("failed", "not_found", what)))
    with pytest.raises(PartlyFailedError, match=r"2 of 3 logs could not be saved") as caught:
        saved(account, ["two-runs", "nobody", "one-runs"], tmp_path)
    told = [(one["session_id"], one["kind"]) for one in caught.value.result["not_saved"]]
    assert told == [("two-runs", None), ("nobody", None)]
    assert [path.name for path in tmp_path.iterdir()] == ["task-one-runs.log"]


@pytest.mark.parametrize("status", [403, 500, (404, b"<html>no such page</html>")])
def test_where_one_kind_cannot_be_read_nothing_is_known_and_nothing_done(status, account, tmp_path):
    account.on("GET", "/solve/one-runs", *[status] * 20)
    account.on("GET", "/sessions/solve", *[status] * 20)
    for way in (ended, saved, lines):
        with pytest.raises(AimmsError, match="/solve/one-runs"):
            way(account, ["one-runs"], tmp_path)
    assert (account.changes(), list(tmp_path.iterdir())) == ([], [])


def test_protections_and_kinds_that_nobody_asked_for_hold(account, tmp_path):
    account.add("webui", "shared", type="external")
    for options in ({}, {"protect_owners": ["jdoe"]}):
        name = "one-runs" if options else "shared"
        result = terminate(account.params(session_ids=[name], **options), False, [].append)
        assert (results(result), [one["id"] for one in result["kept"]]) == ({}, [name])
    assert account.changes() == []


@pytest.mark.parametrize("server", [{"legacy": True}, {"documented": False}, {"legacy": True, "documented": False}])
def test_servers_with_fewer_kinds_or_no_document_are_searched_too(server, tmp_path):
    with Account(**server) as account:
        account.add("task", "one-runs")
        account.logs["task", "one-runs"] = LOG
        assert listed(account, ["one-runs"], tmp_path) == {"one-runs": "task"}
        assert lines(account, ["one-runs"], tmp_path) == {"one-runs": "up"}
