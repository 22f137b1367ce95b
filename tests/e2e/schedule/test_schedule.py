# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for systemd and cron: their command lines run in an empty environment, without a home folder."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from units import FOLDER, Machine, Service, cron_job, settings

pytestmark = pytest.mark.once

HOUR = 3600.0
NO_HOME = "/dev/null/home"
"""Nothing can be made there, not even by root."""
HARDENING = (
    "CapabilityBoundingSet DynamicUser LockPersonality NoNewPrivileges PrivateDevices PrivateTmp ProtectClock "
    "ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables "
    "ProtectProc ProtectSystem RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID "
    "SystemCallArchitectures SystemCallFilter"
).split()


@pytest.fixture
def account(serve: Any) -> Any:
    made = serve()
    made.add_session(count=8, age=HOUR)
    made.stale = {made.add_session(age=40 * HOUR, owner=f"user{n}@ROOT")["id"] for n in range(2)}
    made.add_session(age=40 * HOUR, owner="svc-nightly@ROOT")
    return made


@pytest.fixture
def machine(account: Any, collections: str, tmp_path: Path) -> Machine:
    """A machine that was set up by the guide."""
    made = Machine(tmp_path, collections)
    made.install()
    made.write(account.url, account.admin_key, stale_session_cleanup_naive_timezone="UTC")
    return made


def ended(account: Any) -> set[str]:
    return {key for key, session in account.state()["sessions"].items() if not session["active"]}


def run(command: list[str], environment: dict[str, str], folder: str, **more: Any) -> Any:
    """Run a command with these variables and no others."""
    words = ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *command]
    options = {"capture_output": True, "text": True, "timeout": 300, "stdin": subprocess.DEVNULL}
    return subprocess.run(words, cwd=folder, umask=0o027, check=False, **options, **more)


def test_the_service_plans_until_it_is_told_to_end(machine: Machine, account: Any) -> None:
    service = Service(machine)
    assert "HOME" not in service.environment
    planned = run(service.command, service.environment, service.folder)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert account.changes() == []
    (test_report,) = (machine.root / "var/lib/aimms-cleanup/reports").glob("*.xml")
    report = test_report.with_suffix(".json")
    assert {one["id"] for one in json.loads(report.read_text(encoding="utf-8"))["planned"]} == account.stale

    machine.write(account.url, account.admin_key, stale_session_cleanup_apply="true")
    applied = run(service.command, {**service.environment, "HOME": NO_HOME}, service.folder)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert ended(account) == account.stale
    assert NO_HOME not in applied.stdout + applied.stderr
    assert account.admin_key not in planned.stdout + planned.stderr + applied.stdout + applied.stderr
    assert {path.name for path in (machine.root / "var/lib/aimms-cleanup").iterdir()} == {"ansible", "reports"}


def test_the_key_is_readable_by_its_owner_only(machine: Machine) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (machine.root / "etc/aimms-cleanup").iterdir()}
    assert modes == {"environment": 0o600, "vars.yml": 0o644}
    units = [path for path in machine.root.rglob("aimms-cleanup*") if path.is_file()]
    assert {path.name for path in units} == {"aimms-cleanup", "aimms-cleanup.service", "aimms-cleanup.timer"}
    assert not any("API_KEY" in path.read_text(encoding="utf-8") for path in units)


def test_cron_does_the_same_and_mails_only_what_failed(machine: Machine, account: Any) -> None:
    variables, when, user, command = cron_job(machine)
    assert re.fullmatch(r"\d+ \d+ \* \* \*", when)
    assert user == "aimms"
    machine.write(account.url, account.admin_key, stale_session_cleanup_apply="true")
    lock = machine.root / "var/lib/aimms-cleanup/lock"
    with lock.open("w") as stream:  # as while another run goes on
        fcntl.flock(stream, fcntl.LOCK_EX)
        left_out = run(["/bin/sh", "-c", command], {**variables, "HOME": NO_HOME}, "/")
    assert (left_out.returncode, left_out.stdout, left_out.stderr, account.requests()) == (0, "", "", [])

    done = run(["/bin/sh", "-c", command], {**variables, "HOME": NO_HOME}, "/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert ended(account) == account.stale
    log = machine.root / "var/lib/aimms-cleanup/last-run.log"
    assert "failed=0" in log.read_text(encoding="utf-8")
    assert account.admin_key not in log.read_text(encoding="utf-8")

    machine.write(account.url, account.admin_key, stale_session_cleanup_older_than="soon")
    failed = run(["/bin/sh", "-c", command], variables, "/")
    assert failed.returncode == 1
    assert "stale_session_cleanup_older_than" in failed.stdout
    assert failed.stdout == log.read_text(encoding="utf-8")


def test_both_run_the_same_command_with_the_same_settings(machine: Machine) -> None:
    service, (variables, _when, _user, command) = Service(machine), cron_job(machine)
    assert " ".join(service.command) in command
    own = {name: value for name, value in service.environment.items() if not name.startswith(("AIMMS_", "PATH"))}
    assert own == {name: value for name, value in variables.items() if name in own}


def test_the_service_is_hardened_and_the_timer_makes_up_for_a_night() -> None:
    service = {name: value for _section, name, value in settings((FOLDER / "aimms-cleanup.service").read_text())}
    assert [name for name in HARDENING if name not in service] == []
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    switches = [name for name in HARDENING if name.startswith(("Private", "Restrict")) and "Famil" not in name]
    assert {service[name] for name in (*switches, "NoNewPrivileges", "DynamicUser", "ProtectHome")} == {"yes"}
    timer = settings((FOLDER / "aimms-cleanup.timer").read_text())
    assert ("Timer", "Persistent", "true") in timer
    assert ("Install", "WantedBy", "timers.target") in timer


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_units(machine: Machine) -> None:
    service = Service(machine)
    text = machine.placed(service.path.read_text(encoding="utf-8"))
    service.path.write_text(text, encoding="utf-8")
    units = [str(service.path), str(service.path.with_suffix(".timer"))]
    for words in (["verify", *units], ["security", "--offline=true", "--threshold=20", "--no-pager", units[0]]):
        made = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60)
        assert made.returncode == 0, made.stdout + made.stderr
        assert words[0] == "security" or made.stderr == ""
