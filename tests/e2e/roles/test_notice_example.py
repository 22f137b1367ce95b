# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example that tells owners by mail and chat, as it is, with modules that take the options of the real ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import CLEANUP, HOUR, Run, ended, play
from plays import ROOT
from senders import Senders

EXAMPLE = ROOT / "docs/examples/tell_owners.yml"


@pytest.fixture
def tell(tmp_path: Path, start_account: Any, collections: str) -> Callable[..., Any]:
    """Run the example for an account with these stale owners: the run, what was sent, and the path of the ledger."""
    senders, ledger = Senders(tmp_path), tmp_path / "ledger.json"
    account = start_account()

    def run(**users: Any) -> tuple[Run, list[dict[str, Any]], Path]:
        for name in users:
            account.add_session(age=60 * HOUR, owner=f"{name}@ROOT", app_name="Planner")
        account.set(users={f"{name}@ROOT": values for name, values in users.items()})
        given = {"ledger": str(ledger), "mail_server": "mail.example.com", "slack_token": "t"}
        path = f"{tmp_path}{os.pathsep}{collections}"
        made = play(tmp_path, path, {"acme": (account, {})}, CLEANUP, plays=str(EXAMPLE), extra=given)
        assert ended(account) == set()
        return made, senders.sent(), ledger

    return run


@pytest.mark.once
def test_owners_with_an_address_get_a_mail_and_the_channel_hears_of_all(tell: Callable[..., Any]) -> None:
    run, sent, ledger = tell(jdoe={}, nobody={"email": None})
    assert run.failure("acme") == ""
    mail, *messages = (next(iter(one.values())) for one in sent)
    assert (mail["to"], mail["host"]) == ("jdoe@example.com", "mail.example.com")
    assert "Planner" in mail["body"]
    (one,) = [one for one in run.result("acme")["to_notify"] if one["owner"] == "jdoe@ROOT"]
    assert one["due_at"] in mail["body"]
    assert sorted(message["msg"].partition(" will")[0] for message in messages) == [
        "1 sessions of jdoe@ROOT",
        "1 sessions of nobody@ROOT",
    ]
    assert ledger.exists()


@pytest.mark.once
def test_when_a_mail_cannot_be_sent_the_next_run_announces_all_anew(tell: Callable[..., Any]) -> None:
    run, _sent, ledger = tell(jdoe={"email": "refused@example.com"})
    assert "announces all sessions anew" in run.failure("acme")
    assert not ledger.exists()
