# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of all pages work: those of a page are run in order in one shell, unchanged, against the emulator.

A block with the name of a file becomes that file. AIMMS_URL points to the emulator, in an inventory the address stands
for the account's name, the key is typed, and the repository is a copy of this one. ``stand_ins.sh`` has what a test
cannot do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from blocks import BLOCKS, PAGES, ROOT, of_sort, sort_of, unmarked
from gateway import Gateway

HOUR = 3600.0
STAND_INS = Path(__file__).with_name("stand_ins.sh")
WITH_COMMANDS = list(dict.fromkeys(block.page for block in of_sort("commands")))
GUIDES = "docs/docsite/rst/guide_"
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
_JUNK = shutil.ignore_patterns(".git", ".build", ".venv", "output", "__pycache__", ".*_cache")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with this tree."""
    folder = tmp_path_factory.mktemp("repository") / "aimms.cloud"
    shutil.copytree(ROOT, folder, ignore=_JUNK)
    author = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*author, "commit", "-q", "-m", "tree")):
        subprocess.run(["git", *command], cwd=folder, check=True, timeout=60)
    return folder


def run_page(page: str, account: Any, collections: str, repository: Path, folder: Path, gateway: str) -> str:
    """Run the commands of a page in an empty folder, those of an extension in its folder. Returns the output."""
    blocks = [block for block in BLOCKS if block.page == page]
    where = repository / Path(page).parent if page.startswith("extensions/") else folder
    for block in blocks:
        if block.caption:
            (where / block.caption).parent.mkdir(parents=True, exist_ok=True)
            addressed = re.sub(r"\baimms_account: [\w-]+", f"aimms_url: {account.url}", block.text)
            (where / block.caption).write_text(addressed, encoding="utf-8")
    (where / "vault-password").write_text("open sesame\n", encoding="utf-8")
    script = "\n".join(block.text for block in blocks if sort_of(block) == "commands")
    installs = f"{REPOSITORY}.git" in script
    typed = "read -rs" in re.split(r"^ansible(?:-playbook)? ", script, maxsplit=1, flags=re.MULTILINE)[0]
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ROOT": str(ROOT),
        "ANSIBLE_PIPELINING": "true",
        "AIMMS_URL": account.url,
        "PUSHGATEWAY": gateway,
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{REPOSITORY}.git",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
        **({} if installs else {"ANSIBLE_COLLECTIONS_PATH": collections}),
        **({} if typed else {"AIMMS_API_KEY": account.admin_key}),
        **{name: os.environ[name] for name in ("PYTHONPATH", "MODULE_CACHE") if name in os.environ},
    }
    whole = STAND_INS.read_text(encoding="utf-8") + script
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-u", "-o", "pipefail", "-c", whole],
        cwd=where,
        env=environment,
        input=f"{account.admin_key}\n" * script.count("read -rs") * 2,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert account.admin_key not in ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def account(serve: Any) -> Any:
    """An account with young sessions, three stale ones, and a stale one of a service."""
    made = serve(end_delay=0.2)
    made.add_session(count=8, age=HOUR)
    for number in range(3):
        made.add_session(age=60 * HOUR, quiet=50 * HOUR, owner=f"user{number}@ROOT")
    made.add_session(age=60 * HOUR, quiet=50 * HOUR, owner="svc-nightly@ROOT")
    return made


def stale_left(account: Any) -> int:
    """How many stale sessions of users are still active."""
    return sum(one["active"] and one["owner"].startswith("user") for one in account.state()["sessions"].values())


def _start(printed: str, account: Any, folder: Path) -> None:
    assert "4 of 12 active sessions are stale" in printed
    assert stale_left(account) == 0
    assert len(account.changes()) == 3
    assert {path.name for path in folder.iterdir()} >= {"plan", "applied"}


def _quick_start(printed: str, account: Any, folder: Path) -> None:
    assert stale_left(account) == 0
    assert len(account.changes()) == 3
    assert (folder / "reports").is_dir()


def _safe_cleanup(_printed: str, account: Any, folder: Path) -> None:
    assert stale_left(account) == 0
    assert len(list(folder.glob("logs/*/*.log.gz"))) == 3


def _keys(printed: str, account: Any, _folder: Path) -> None:
    assert '"administrator": true' in printed
    assert '"user": "admin"' in printed
    assert account.changes() == []


def _accounts(printed: str, account: Any, folder: Path) -> None:
    assert {path.name for path in (folder / "plan").iterdir()} >= {"acme.json", "acme-test.json"}
    vault = (folder / "accounts/host_vars/acme/vault.yml").read_text(encoding="utf-8")
    assert vault.startswith("$ANSIBLE_VAULT;")
    assert "4 of 12 active sessions are stale" in printed
    assert account.changes() == []


def _reports(_printed: str, account: Any, folder: Path) -> None:
    assert {path.suffix for path in (folder / "pages").iterdir()} == {".html", ".json", ".csv"}
    assert account.changes() == []


def _monitoring(printed: str, account: Any, _folder: Path) -> None:
    assert "were not pushed" not in printed
    assert 'aimms_session_cleanup_last_run_success{account="127.0.0.1:' in printed
    assert stale_left(account) == 0


def _upgrade(printed: str, account: Any, folder: Path) -> None:
    assert "4 of 12 active sessions are stale" in printed
    assert (folder / "plan").is_dir()
    assert account.changes() == []


SEEN: dict[str, Callable[[str, Any, Path], None]] = {
    "README.md": _quick_start,
    f"{GUIDES}start.rst": _start,
    f"{GUIDES}safe_cleanup.rst": _safe_cleanup,
    f"{GUIDES}keys.rst": _keys,
    f"{GUIDES}accounts.rst": _accounts,
    f"{GUIDES}reports.rst": _reports,
    f"{GUIDES}monitoring.rst": _monitoring,
    f"{GUIDES}upgrade.rst": _upgrade,
}
"""What is to be seen after the commands of a page."""


@pytest.mark.parametrize("page", [pytest.param(page, marks=pytest.mark.once) for page in WITH_COMMANDS])
def test_the_commands_of_a_page(page: str, account: Any, collections: str, repository: Path, tmp_path: Path) -> None:
    with Gateway() as gateway:
        printed = run_page(page, account, collections, repository, tmp_path, gateway.url)
    SEEN.get(page, lambda *_seen: None)(printed, account, tmp_path)
    account_path = account.url.removeprefix("http://").replace(":", "%3A")
    for method, path, _headers, body in gateway.requests:
        assert (method, path) == ("PUT", f"/metrics/job/aimms_session_cleanup/account/{account_path}")
        assert "\naimms_session_cleanup_last_run_applied{" in body


@pytest.mark.once
def test_no_block_is_overlooked() -> None:
    assert [str(path) for path in PAGES if unmarked(path)] == []
    assert [block.page for block in BLOCKS if not sort_of(block)] == []
    assert set(SEEN) <= set(WITH_COMMANDS)
