# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody at a terminal of 80 columns sees of the role, with the output that Ansible has by default."""

from __future__ import annotations

import re
from math import ceil
from typing import Any

import pytest
from cleanup_runs import CLEANUP, HOUR, add_stale, ended

PLAYBOOK = ("-i", "localhost,", "aimms.cloud.cleanup_stale_sessions")
WIDTH, MOST_LINES = 80, 60


def shown(ansible: Any, account: Any, *arguments: str, **variables: str) -> list[str]:
    """The lines of a run that went well."""
    given = [text for name, value in variables.items() for text in ("-e", f"{CLEANUP}_{name}={value}")]
    keys = {"AIMMS_URL": account.url, "AIMMS_API_KEY": account.admin_key}
    run = ansible.command(*PLAYBOOK, *given, *arguments, environment=keys)
    assert run.code == 0, run.output
    return run.output.splitlines()


def test_a_plan_of_ten_fits_on_a_screen_of_sixty_lines(ansible: Any, start_account: Any) -> None:
    account = start_account()
    account.add_session(count=2, age=HOUR)
    add_stale(account, 10)
    lines = shown(ansible, account, naive_timezone="UTC", report_dir="reports")
    assert any("10 of 20 active sessions are stale" in line for line in lines)
    assert sum(max(1, ceil(len(line) / WIDTH)) for line in lines) <= MOST_LINES
    assert not any("skipping" in line for line in lines[lines.index(next(x for x in lines if "Write the" in x)) :])


@pytest.mark.once
def test_what_modules_warn_of_is_told_in_the_words_of_the_role(ansible: Any, start_account: Any) -> None:
    account = start_account()
    stale = add_stale(account, 2)
    given = {"protect_owners": "nobody", "apply": "true", "max_percent": "100", "older_than": "8h"}
    output = " ".join(shown(ansible, account, **given))
    assert f"Set {CLEANUP}_naive_timezone to the zone of the server." in " ".join(output.split())
    assert not re.search(r"(?<![a-z_])(?:naive_timezone|protect_owners)", output)
    assert ended(account) == set(stale)
