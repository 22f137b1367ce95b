# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last runs of an account, for the line charts of its page, and the file that keeps them. Pure.

A file that is broken, too large, or of another account counts as empty. It is never a reason to fail.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Optional

Run = Mapping[str, Any]

NUMBERS = ("running", "stale", "ended", "freed")
"""``freed``: GbHour per hour that the ended sessions used. Each number is None where the run does not know it."""
MAX_RUNS = 90
MAX_SIZE = 100_000  # characters; 90 runs are about 10,000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
_LARGEST = 1e9


def path_of_history(page: str) -> str:
    """The hidden file beside a page: who reads all reports of a folder must not take it for one.

    No host has a ``+`` in the names of its files.
    """
    folder, _slash, name = page.rpartition("/")
    return f"{folder}/.{name[: -len('.html')]}+history.json"


def reading(path: str) -> str:
    """A command that prints a small regular file, and nothing else."""
    place = shlex.quote(path)
    return f"test -f {place} && test ! -L {place} && head -c {MAX_SIZE + 1} {place}"


def runs_with(text: str, report: Run) -> list[dict[str, Any]]:
    """The runs that ``text`` tells of, and the one that ``report``, the data of a page, is of. The last ``MAX_RUNS``.

    :param text: of the file. Runs that are not before this one are left out: their clock was wrong, or they are it.
    """
    before = [one for one in _runs_in(text, _account(report)) if one["at"] < report["written_at"]]
    return [*before, _run_of(report, before[-1]["at"] if before else "")][-MAX_RUNS:]


def history_text(report: Run, runs: Sequence[Run]) -> str:
    """The text of the file."""
    lines = ",\n".join(f"        {json.dumps(one)}" for one in runs)
    return f'{{\n    "account": {json.dumps(_account(report))},\n    "runs": [\n{lines}\n    ]\n}}\n'


def _account(report: Run) -> str:
    return str(report.get("account") or report["host"])


def _runs_in(text: str, account: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text) if len(text) <= MAX_SIZE else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, Mapping) or found.get("account") != account:
        return []
    return checked_runs(found.get("runs"))


def checked_runs(values: Any) -> list[dict[str, Any]]:
    """The runs in a list, each later than the one before. What is no run is left out."""
    checked = map(_checked, values) if isinstance(values, Sequence) else ()
    runs = {one["at"]: one for one in checked if one is not None}
    return [runs[at] for at in sorted(runs)][-MAX_RUNS:]


def _checked(run: Any) -> Optional[dict[str, Any]]:
    """A run of the file with what is a number; None if it is none."""
    at = run.get("at") if isinstance(run, Mapping) else None
    if not isinstance(at, str) or not _is_time(at):
        return None
    return {"at": at, **{name: run.get(name) if _is_number(run.get(name)) else None for name in NUMBERS}}


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.match(text) and datetime.fromisoformat(text[:-1]))
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value <= _LARGEST


def _run_of(report: Run, before: str) -> dict[str, Any]:
    """The figures of a page. What an earlier cleanup ended counts once, on the first page after it.

    :param before: when the run before this one was, or empty.
    """
    listed, done = report.get("listed", True), report.get("cleanup")
    run = {"at": report["written_at"], **dict.fromkeys(NUMBERS)}
    if listed:
        run.update(running=report["running"], stale=report["stale"])
    if done:
        is_new = str(done.get("written_at") or "") > before
        run["ended"] = done["counts"]["interrupted"] + done["counts"]["forced"] if is_new else 0
        run["freed"] = (done.get("stopped") or {}).get("gb_hours_per_hour") if is_new else None
    return run
