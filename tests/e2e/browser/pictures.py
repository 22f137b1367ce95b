# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the page for people to look at: ``make pictures`` writes them to ``.build/pictures``.

``PICTURES`` is the folder. pytest takes this file only where it is named.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts.accounts import accounts_page, entry_of
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

FOLDER = Path(os.environ.get("PICTURES", ".build/pictures"))
TALLEST = 6000  # pixels
LOOKS = [(width, scheme) for width in (1600, 1280, 380) for scheme in ("light", "dark")]
LONG = "a.very.long.first.name.of.somebody@subsidiary.example@PLANNING-"


def report_of(count: int, state: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Sessions, and what else the page has after a run of this kind."""
    sessions = samples.sessions(count)
    for number, one in enumerate(sessions[::9]):
        one.update(owner=f"{LONG}{number % 2}", gb_hours=number / 3)
    done = samples.cleanup(sessions)
    for one in done["terminated"]:
        one.update(gb_hours=2.5, run_seconds=90_000)
    nothing: dict[str, Any] = {"terminated": [], "failed": [], "skipped": []}
    more: dict[str, Any] = {"history": samples.history(30)}
    if state == "plan":
        done.update(nothing, applied=False)
    elif state == "refusal":
        text = "Nothing was ended: 11 of 12 active sessions are selected, which is more than 50 %."
        done.update(nothing, refused=f"{text} The limit is stale_session_cleanup_max_percent.")
    elif state == "followed":
        done.update(followed_a_plan=True, cutoff=None)
        more.update(listed=False, remarks=["This run followed an earlier plan and listed no other sessions."])
    return sessions, {**more, "cleanup": done} if state != "report" else {}


CASES = [(count, "apply") for count in (0, 1, 40, 2500, 10_000)]
CASES += [(40, state) for state in ("plan", "refusal", "followed", "report")]


@pytest.mark.parametrize(("count", "state"), CASES)
def test_pictures_of_a_page_are_taken(show: Any, pages: Any, count: int, state: str) -> None:
    name = f"{state}-{count}"
    sessions, more = report_of(count, state)
    pages.write(name, sessions if state != "followed" else [], **more)
    take(show, name)


@pytest.mark.parametrize("count", [6])
def test_pictures_of_all_accounts_are_taken(show: Any, pages: Any, count: int) -> None:
    entries = []
    for number in range(count):
        sessions, more = report_of(7 * number**3, "apply")
        name = f"account-{number}"
        pages.write(name, sessions, host=name, account=f"{name}.aimms.cloud", **more)
        entries.append(entry_of(pages.reports[name], f"/r/{name}.html", number))
    pages.write_text("accounts", accounts_page(entries, ["account-7"]))
    take(show, "accounts")


def take(show: Any, name: str) -> None:
    """Take a picture of a page at each width and in each scheme."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width, scheme in LOOKS:
        tab = show(name, width, scheme)
        height = min(TALLEST, tab.evaluate("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        tab.screenshot(path=str(FOLDER / f"{name}-{width}-{scheme}.png"), full_page=True, clip=clip)
        tab.context.close()
