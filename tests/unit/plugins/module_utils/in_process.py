# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module run in this process, from its arguments to the JSON that it prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable

import pytest
from ansible.module_utils import basic

KEY = "Canary-7f3a91c2e8b64d05"


def run_in_process(
    main: Callable[[], None],
    arguments: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[dict[str, Any], bool]:
    """Run a module to its exit: the JSON that it printed, which never holds the key, and whether it failed."""
    given = {"_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False, **arguments}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr().out
    assert KEY not in printed
    return json.loads(printed), bool(caught.value.code)
