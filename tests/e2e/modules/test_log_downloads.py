# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save logs: exactly the server's bytes except for secrets, the places of files, and a second run.

Proves rules 21 and 27 for this module.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from plays import Ansible, Played, Result, Task, control, info
from written_logs import as_text, download, lines, numbered, on

BEGIN = int(time.time()) - 40_000
TOKEN = "s3cretT0ken"
MASK = "********"
SERVERS: dict[str, dict[str, Any]] = {
    "current": {"dialect": "current"},
    "newest_first": {"dialect": "current-rows"},
    "literal_paths": {"dialect": "current-literal"},
    "compressed_answers": {"dialect": "current-page"},
    "no_zone": {"dialect": "current-vendor"},
    "legacy": {"dialect": "legacy"},
    "legacy_newest_first": {"dialect": "legacy-bare"},
    "no_document": {"dialect": "current", "document": "missing"},
    "no_document_legacy": {"dialect": "legacy", "document": "missing"},
}
SETTINGS = {"compressed_answers": {"gzip": True}, "legacy_newest_first": {"log_order": "newest"}}


def log_with(key: str) -> list[dict[str, str]]:
    """A log of several pages with a token, the key, and texts that a wrong decoder would change."""
    texts = numbered(230)
    texts[1] = f"Bootstrap: --project 'Crew' --logonToken {TOKEN} --port 2600"
    texts[2] = f"apiKey: {key}"
    texts[3:6] = ["", "  blanks before, a tab\there, blanks behind  ", "Größe Δ 日本 \U0001f680"]
    texts[6:8] = ["two\nlines", "x" * 9_000]
    return lines(texts, BEGIN)


def names_in(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(entry.name for entry in folder.iterdir())


# On every server


@pytest.fixture(scope="module")
def saved(shared_ansible: Ansible, shared_serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The log of each server, saved twice unchanged, and with secrets masked: results, folder, key."""
    folder = tmp_path_factory.mktemp("logs")
    with ThreadPoolExecutor(4) as pool:
        servers = dict(zip(SERVERS, pool.map(lambda options: shared_serve(**options), SERVERS.values())))
    for name, server in servers.items():
        server.set(**SETTINGS.get(name, {}))
        server.add_session(id="w1", age=50_000, logs=log_with(server.admin_key))
        (folder / name).mkdir()
    there = {"kind": "webui", "session_ids": ["w1"]}
    plain = {**there, "dest": f"{folder}/{{{{ inventory_hostname }}}}/plain.log", "redact": False}
    played = shared_ansible.play(
        download("plain", **plain),
        download("again", **plain),
        download("masked", **there, dest=f"{folder}/{{{{ inventory_hostname }}}}/"),
        server=servers,
    )
    return played, folder, servers["current"].admin_key


@pytest.mark.parametrize("name", SERVERS)
def test_file_has_the_very_bytes_of_the_log_but_for_the_key(name: str, saved: Any) -> None:
    played, folder, key = saved
    result = on(played, name, "plain")
    content = (folder / name / "plain.log").read_bytes()
    assert content == as_text(log_with(MASK)).encode()
    assert key.encode() not in content
    [entry] = result["files"]
    assert (entry["size"], entry["lines"], entry["redactions"]) == (len(content), content.count(b"\n"), 1)
    assert (result["changed"], result["not_saved"]) == (True, [])


@pytest.mark.parametrize("name", SERVERS)
def test_only_secrets_are_masked(name: str, saved: Any) -> None:
    played, folder, _key = saved
    content = (folder / name / "webui-w1.log").read_bytes()
    assert content == as_text(log_with(MASK)).replace(TOKEN, MASK).encode()
    assert on(played, name, "masked")["files"][0]["redactions"] == 2


@pytest.mark.parametrize("name", SERVERS)
def test_second_run_changes_nothing_and_leaves_nothing_beside(name: str, saved: Any) -> None:
    played, folder, _key = saved
    assert not on(played, name, "again")["changed"]
    assert on(played, name, "again")["files"] == on(played, name, "plain")["files"]
    assert names_in(folder / name) == ["plain.log", "webui-w1.log"]


# One server, all forms of the destination


def stat(name: str, path: Path) -> Task:
    """A task that reads the status of a file."""
    return {"name": name, "ansible.builtin.stat": {"path": str(path)}}


def seen(result: Result) -> tuple[str, float, str]:
    """Checksum, time of the last change, and mode."""
    return result["stat"]["checksum"], result["stat"]["mtime"], result["stat"]["mode"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of the next play go."""
    made = tmp_path_factory.mktemp("places")
    (made / "there").mkdir()
    return made


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, shared_serve: Any, folder: Path) -> Played:
    """Save to all kinds of places, a second time, with other modes, in check mode, and after the log has grown."""
    server = shared_serve(generation="current")
    for number in (1, 2):
        server.add_session(id=f"w{number}", age=50_000, logs=lines(numbered(9), BEGIN))
    server.add_session(id="t1", kind="task", age=50_000, logs=[])
    one = {"kind": "webui", "session_ids": ["w1"]}
    to, packed = {**one, "dest": f"{folder}/w1.log"}, {**one, "dest": f"{folder}/w1.log.gz", "compress": True}
    grow = control(server, "PATCH", "/sessions/w1", {"append_logs": lines(["one more"], BEGIN + 900)})
    check = {"check_mode": True}
    return shared_ansible.play(
        {**download("check, new", **to), **check},
        stat("not there", folder / "w1.log"),
        download("new", **to, mode="0640"),
        stat("as new", folder / "w1.log"),
        {**download("check, same", **to), **check},
        download("same", **to),
        stat("as same", folder / "w1.log"),
        {**download("check, other mode", **to, mode="0600"), **check},
        download("other mode", **to, mode="0600"),
        stat("as other mode", folder / "w1.log"),
        download("packed", **packed),
        stat("as packed", folder / "w1.log.gz"),
        download("packed again", **packed),
        stat("as packed again", folder / "w1.log.gz"),
        grow,
        {**download("check, grown", **to), **check},
        stat("as before", folder / "w1.log"),
        download("grown", **to),
        stat("as grown", folder / "w1.log"),
        download("in a folder", **{**one, "dest": f"{folder}/there"}),
        download("in a new folder", **{**one, "dest": f"{folder}/deep/new/"}),
        {**info("plan", kinds=["webui", "task"]), "register": "plan"},
        download("planned", sessions="{{ plan.sessions }}", dest=f"{folder}/planned"),
        download("nothing planned", sessions=[], dest=f"{folder}/nothing"),
        server=server,
    )


def test_checksum_is_the_one_of_stat(played: Played, folder: Path) -> None:
    for task, look in {"new": "as new", "packed": "as packed", "grown": "as grown"}.items():
        assert played[task]["files"][0]["checksum"] == played[look]["stat"]["checksum"]
        assert played[task]["files"][0]["size"] == played[look]["stat"]["size"]
    assert hashlib.sha1((folder / "w1.log").read_bytes()).hexdigest() == played["grown"]["files"][0]["checksum"]


def test_file_that_is_the_same_is_not_touched(played: Played) -> None:
    assert [played[name]["changed"] for name in ("new", "same", "packed", "packed again")] == [True, False, True, False]
    assert seen(played["as same"]) == seen(played["as new"])
    assert seen(played["as packed again"]) == seen(played["as packed"])


def test_mode_is_set_where_given_and_else_kept(played: Played) -> None:
    modes = [played[name]["stat"]["mode"] for name in ("as new", "as same", "as other mode", "as grown", "as packed")]
    assert modes == ["0640", "0640", "0600", "0600", "0600"]
    assert played["other mode"]["changed"]
    assert played["as other mode"]["stat"]["mtime"] == played["as new"]["stat"]["mtime"]


def test_check_mode_tells_the_truth_and_writes_nothing(played: Played) -> None:
    assert not played["not there"]["stat"]["exists"]
    assert played["as before"]["stat"]["checksum"] == played["as new"]["stat"]["checksum"]
    told = {name: played[f"check, {name}"]["changed"] for name in ("new", "same", "other mode", "grown")}
    assert told == {name: played[name]["changed"] for name in told}
    for name in ("new", "same", "other mode", "grown"):
        assert played[f"check, {name}"]["files"] == played[name]["files"]


def test_packed_file_unpacks_to_the_log(played: Played, folder: Path) -> None:
    assert gzip.decompress((folder / "w1.log.gz").read_bytes()) == as_text(lines(numbered(9), BEGIN)).encode()
    assert played["packed"]["files"][0]["lines"] == 9


def test_log_that_grew_is_saved_anew(played: Played, folder: Path) -> None:
    assert played["grown"]["changed"]
    assert (folder / "w1.log").read_text(encoding="utf-8").endswith(" one more\n")


def test_files_in_a_folder_are_named_after_kind_and_session(played: Played, folder: Path) -> None:
    assert played["in a folder"]["files"][0]["path"] == str(folder / "there" / "webui-w1.log")
    assert names_in(folder / "deep" / "new") == ["webui-w1.log"]
    assert names_in(folder / "planned") == ["task-t1.log", "webui-w1.log", "webui-w2.log"]
    assert (folder / "planned" / "task-t1.log").read_bytes() == b""


def test_each_file_is_described_alike(played: Played) -> None:
    described = {"path", "session_id", "kind", "size", "checksum", "lines", "redactions", "verified"}
    assert [set(entry) for entry in played["planned"]["files"]] == [described] * 3


def test_nothing_to_save_is_no_failure(played: Played, folder: Path) -> None:
    assert (played["nothing planned"]["changed"], played["nothing planned"]["files"]) == (False, [])
    assert not played["nothing planned"]["failed"]
    assert not (folder / "nothing").exists()
