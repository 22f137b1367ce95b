# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of docs/examples run by the commands in their first lines, with the inventory of its README.

The names of the accounts are replaced by the addresses of emulators. What is seen afterwards is what the first lines
say. Where a playbook has several commands, `make test` runs the last one, and `make test-all` runs all.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from blocks import BLOCKS, ROOT
from plays import Ansible, Played
from senders import Senders

HOUR = 3600.0
FOLDER = ROOT / "docs/examples"
PLAYBOOKS = sorted(FOLDER.glob("*.yml"))
SEVERAL = "many_accounts.yml"
_COMMAND = re.compile(r"^#   (ansible-playbook .*?)(?:   .*)?$", re.MULTILINE)


def commands(path: Path) -> list[str]:
    """The commands in the first lines of a playbook, without what is said beside them."""
    return _COMMAND.findall(path.read_text(encoding="utf-8").partition("\n- name:")[0])


RUNS = [(path.name, number) for path in PLAYBOOKS for number in range(len(commands(path)))]
LAST = [(path.name, len(commands(path)) - 1) for path in PLAYBOOKS]


class Example:
    """A finished command: what it told, sent and left, by account."""

    def __init__(self, played: Played, folder: Path, senders: Senders, accounts: dict[str, Any]) -> None:
        self.played, self.folder, self.sent, self.accounts = played, folder, senders.sent(), accounts

    def ended(self, host: str = "acme") -> set[str]:
        """The owners of the sessions that have ended."""
        sessions = self.accounts[host].state()["sessions"].values()
        return {one["owner"].partition("@")[0] for one in sessions if not one["active"] and one["owner"] != "old@ROOT"}


@pytest.fixture
def run_example(tmp_path: Path, collections: str, serve: Any) -> Callable[[str, int], Example]:
    """Run a command of a playbook. One account, or both of the inventory where the playbook is for several."""
    inventory = yaml.safe_load(next(one.text for one in BLOCKS if one.caption == "accounts.yml"))
    senders = Senders(tmp_path / "senders")

    def run(name: str, number: int) -> Example:
        accounts = {}
        for host, own in list(inventory["all"]["hosts"].items())[: None if name == SEVERAL else 1]:
            account = accounts[host] = serve(dialect="current-vendor", end_delay=0.2)
            account.add_session(count=8, age=HOUR)
            account.set(users={f"{name}@ROOT": {} for name in ("jdoe", "chen")})
            for owner in ("jdoe@ROOT", "chen@ROOT", "svc-nightly@ROOT"):
                account.add_session(age=60 * HOUR, quiet=50 * HOUR, owner=owner)
            account.add_session(age=2000 * HOUR, quiet=900 * HOUR, owner="old@ROOT", state="terminated")
            own["aimms_url"] = account.url
            del own["aimms_account"]
            path = tmp_path / f"host_vars/{host}/vault.yml"
            path.parent.mkdir(parents=True)
            path.write_text(f"aimms_api_key: {account.admin_key}\n", encoding="utf-8")
        inventory["all"]["hosts"] = {host: inventory["all"]["hosts"][host] for host in accounts}
        (tmp_path / "accounts.yml").write_text(json.dumps(inventory), encoding="utf-8")
        shutil.copy(FOLDER / name, tmp_path)
        words = shlex.split(commands(FOLDER / name)[number])
        played = Ansible(tmp_path, f"{senders.path}{os.pathsep}{collections}").command(*words[1:])
        assert played.code == 0, played.output
        return Example(played, tmp_path, senders, accounts)

    return run


def _nothing(example: Example) -> None:
    assert example.ended() == set()
    assert all(account.changes() == [] for account in example.accounts.values())


def _stale_ones(example: Example) -> None:
    assert example.ended() == {"jdoe", "chen"}


def _nightly(example: Example) -> None:
    _stale_ones(example)
    logs = {path.name for path in example.folder.glob("logs/*/*")}
    assert len(logs) == 2 + len(example.accounts["acme"].state()["removed"])
    assert len(example.accounts["acme"].state()["removed"]) == 1
    for pattern in ("reports/*.html", "reports/records/*.json", "pages/*.html"):
        assert list(example.folder.glob(pattern))


def _mailed(example: Example) -> None:
    _stale_ones(example)
    mail, chat = (next(iter(one.values())) for one in example.sent)
    assert mail["subject"] == "AIMMS Cloud cleanup: acme: 2 sessions ended, 0 failed"
    assert mail["body"].count("ended: ") == 2
    assert Path(mail["attach"][0]).is_file()
    assert chat["msg"] in mail["subject"]


def _told(example: Example) -> None:
    _nothing(example)
    assert sum("mail" in one for one in example.sent) == 2
    assert (example.folder / "announced_acme.json").is_file()


def _table(example: Example) -> None:
    rows = example.played["Show one line for each account"]["msg"]
    assert [row.rpartition(", ")[0] for row in rows] == [f"{host}: 2 planned, 0 ended" for host in example.accounts]
    assert len(rows) == 2
    _nothing(example)


def _both(example: Example) -> None:
    assert [example.ended(host) for host in example.accounts] == [{"jdoe", "chen"}] * 2


def _all_but_services(example: Example) -> None:
    active = [one for one in example.accounts["acme"].state()["sessions"].values() if one["active"]]
    assert {one["owner"] for one in active} == {"svc-nightly@ROOT"}


def _one_user(example: Example) -> None:
    assert example.ended() == {"jdoe"}
    assert len(list((example.folder / "logs").iterdir())) == 1


SEEN: dict[tuple[str, int], Callable[[Example], None]] = {
    ("before_maintenance.yml", 0): _nothing,
    ("before_maintenance.yml", 1): _all_but_services,
    ("check_keys.yml", 0): _nothing,
    ("long_solves.yml", 0): _nothing,
    ("many_accounts.yml", 0): _table,
    ("many_accounts.yml", 1): _both,
    ("mail_after_run.yml", 0): _mailed,
    ("nightly.yml", 0): _nightly,
    ("plan_and_ask.yml", 0): _nothing,
    ("plan_and_ask.yml", 1): _stale_ones,
    ("tell_owners.yml", 0): _told,
    ("user_left.yml", 0): _nothing,
    ("user_left.yml", 1): _one_user,
}
"""What is to be seen after a command; of others, that it succeeds."""


@pytest.mark.once
@pytest.mark.parametrize(("name", "number"), LAST if os.environ.get("CASES") else RUNS)
def test_a_command_of_an_example_does_what_it_says(
    name: str, number: int, run_example: Callable[[str, int], Example]
) -> None:
    SEEN.get((name, number), lambda _example: None)(run_example(name, number))


@pytest.mark.once
def test_the_page_of_the_examples_names_each_of_them() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\((\w+\.yml)\)", page)) == [path.name for path in PLAYBOOKS]
    assert len(PLAYBOOKS) >= 8
    assert [path.name for path in PLAYBOOKS if not commands(path)] == []
    assert set(SEEN) <= set(RUNS)
