# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in the guides work: they are run with bash against the emulator, unchanged.

Blocks of bash are run in order in one shell; a block of YAML with a caption becomes that file. Blocks that need the
network (``shell``) are not run. AIMMS_URL points to the emulator, in an inventory the address stands for the account's
name, and the key is typed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway
from plays import ROOT

HOUR = 3600.0
FOLDER = ROOT / "docs/docsite/rst"
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n(?:   :caption: (\S+)\n)?\n((?:   .*\n|\n)+)", re.MULTILINE)
ONCE = ("guide_safe_cleanup", "guide_keys", "guide_accounts", "guide_reports", "guide_monitoring")
SEEN_ELSEWHERE = "guide_ci"  # its commands are those of the CI examples, see test_ci_examples.py


def blocks(guide: str) -> list[tuple[str, str, str]]:
    """Language, caption and text of each block of a guide."""
    text = (FOLDER / f"{guide}.rst").read_text(encoding="utf-8")
    return [(language, caption, textwrap.dedent(body)) for language, caption, body in BLOCK.findall(f"{text}\n")]


def follow(guide: str, account: Any, collections: str, folder: Path, **variables: str) -> str:
    """Run the commands of a guide in an empty folder. Returns the output. The key is typed at each prompt."""
    for language, caption, body in blocks(guide):
        if language == "yaml" and caption:
            (folder / caption).parent.mkdir(parents=True, exist_ok=True)
            addressed = re.sub(r"\baimms_account: \S+", f"aimms_url: {account.url}", body)
            (folder / caption).write_text(addressed, encoding="utf-8")
    (folder / "vault-password").write_text("open sesame\n", encoding="utf-8")
    script = "\n".join(body for language, _caption, body in blocks(guide) if language == "bash")
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PIPELINING": "true",
        "AIMMS_URL": account.url,
        "ANSIBLE_COLLECTIONS_PATH": collections,
        **variables,
        **({} if "read -rs" in script else {"AIMMS_API_KEY": account.admin_key}),
    }
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-u", "-o", "pipefail", "-c", script],
        cwd=folder,
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


def test_the_ten_minute_start(account: Any, collections: str, tmp_path: Path) -> None:
    printed = follow("guide_start", account, collections, tmp_path)
    assert "4 of 12 active sessions are stale" in printed
    assert stale_left(account) == 0
    assert len(account.changes()) == 3
    assert {path.name for path in tmp_path.iterdir()} >= {"plan", "applied"}


@pytest.mark.once
def test_safe_cleanup(account: Any, collections: str, tmp_path: Path) -> None:
    follow("guide_safe_cleanup", account, collections, tmp_path)
    assert stale_left(account) == 0
    assert len(list((tmp_path / "logs/localhost").glob("*.log.gz"))) == 3


@pytest.mark.once
def test_keys(account: Any, collections: str, tmp_path: Path) -> None:
    printed = follow("guide_keys", account, collections, tmp_path)
    assert '"administrator": true' in printed
    assert '"user": "admin"' in printed
    assert account.changes() == []


@pytest.mark.once
def test_several_accounts(account: Any, collections: str, tmp_path: Path) -> None:
    printed = follow("guide_accounts", account, collections, tmp_path)
    assert {path.name for path in (tmp_path / "plan").iterdir()} >= {"acme.json", "acme-test.json"}
    vault = (tmp_path / "accounts/host_vars/acme/vault.yml").read_text(encoding="utf-8")
    assert vault.startswith("$ANSIBLE_VAULT;")
    assert "4 of 12 active sessions are stale" in printed
    assert account.changes() == []


@pytest.mark.once
def test_reports(account: Any, collections: str, tmp_path: Path) -> None:
    follow("guide_reports", account, collections, tmp_path)
    assert {path.suffix for path in (tmp_path / "pages").iterdir()} == {".html", ".json", ".csv"}
    assert account.changes() == []


@pytest.mark.once
def test_monitoring(account: Any, collections: str, tmp_path: Path) -> None:
    with Gateway() as gateway:
        printed = follow("guide_monitoring", account, collections, tmp_path, PUSHGATEWAY=gateway.url)
        assert "were not pushed" not in printed
        ((method, path, _headers, body),) = gateway.requests
    assert 'aimms_session_cleanup_last_run_success{account="127.0.0.1:' in printed
    assert stale_left(account) == 0
    own = account.url.removeprefix("http://").replace(":", "%3A")
    assert (method, path) == ("PUT", f"/metrics/job/aimms_session_cleanup/account/{own}")
    assert "\naimms_session_cleanup_last_run_applied{" in body


@pytest.mark.once
def test_no_guide_with_commands_is_left_out() -> None:
    found = {path.stem for path in FOLDER.glob("*.rst") if any(block[0] == "bash" for block in blocks(path.stem))}
    assert found == {"guide_start", *ONCE, SEEN_ELSEWHERE}
