# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page over all accounts of a run, with a link to the page of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import render

Record = Mapping[str, Any]

INDEX = "index.html"
MARK = '<meta name="generator" content="aimms.cloud accounts">'
"""What tells this page from one that somebody else wrote."""


def entry_of(report: Record, page: str, finished: float) -> dict[str, Any]:
    """What the page over all accounts tells of one.

    :param report: the data of the account's page. :param page: its path. :param finished: seconds since 1970.
    """
    done, listed = report.get("cleanup"), report.get("listed", True)
    known = ("running", "stale", "oldest_age_seconds", "hours", "gb_hours")
    return {
        **{name: report[name] if listed else None for name in known},
        "host": report["host"],
        "account": report.get("account") or report["host"],
        "written_at": report["written_at"],
        "planned": done["counts"]["planned"] if done else None,
        "ended": done["counts"]["interrupted"] + done["counts"]["forced"] if done else None,
        "failed": done["counts"]["failed"] if done else None,
        "refused": bool(done and done["refused"]),
        "page": page,
        "finished": finished,
    }


def is_foreign(text: str) -> bool:
    """Whether the page of that name was written by somebody else. :param text: of the page; empty if there is none."""
    return bool(text) and MARK not in text


def index_for(host: str, pages: Iterable[Optional[Record]], missing: Iterable[str]) -> Optional[tuple[str, str]]:
    """The path of the page over all accounts and its text; None where this host has none to write.

    The host that finished last writes it for all with a page in the same folder, so that it is written once in a run
    in which all hosts take the same step together, and whole in one in which they do not.

    :param pages: of ``entry_of``; None for a host without a page. :param missing: hosts of the run that
        have told nothing.
    """
    entries = list({one["host"]: one for one in pages if one}.values())
    own = next((one for one in entries if one["host"] == host), None)
    if own is None:
        return None
    folder = own["page"].rpartition("/")[0]
    here = [one for one in entries if one["page"].rpartition("/")[0] == folder]
    last = max(here, key=lambda one: (one["finished"], one["host"]))
    without = sorted(missing) if len(here) == len(entries) else []  # else nobody knows where they belong
    if last is not own or len(here) + len(without) < 2:
        return None
    return f"{folder}/{INDEX}", accounts_page(here, without)


def accounts_page(entries: Sequence[Record], missing: Sequence[str]) -> str:
    """The page. :param entries: of ``entry_of``. :param missing: hosts of the run without a page."""
    rows = sorted(entries, key=lambda one: (-(one["stale"] or 0), -(one["running"] or 0), str(one["account"])))
    names = ("running", "stale", "hours", "gb_hours", "planned", "ended", "failed")
    return render(
        "accounts.html.j2",
        mark=MARK,
        rows=[{**one, "page": one["page"].rpartition("/")[2]} for one in rows],
        sums={name: _sum(one[name] for one in rows) for name in names},
        columns={name for name in names if any(one[name] is not None for one in rows)},
        most=max((one["running"] or 0 for one in rows), default=0) or 1,
        written_at=max(one["written_at"] for one in rows),
        missing=missing,
    )


def _sum(numbers: Iterable[Optional[float]]) -> Optional[float]:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None
