# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a run of a role leaves, as texts. Nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.plugin_utils import role_outcomes, role_texts
from ansible_collections.aimms.cloud.plugins.plugin_utils.csv_report import as_csv
from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import accounts, history
from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.junit import junit_error, junit_report
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.cost import COLUMNS, cost_rows, path_of_costs

Data = dict[str, Any]
Settings = Mapping[str, Any]
ReadSmall = Callable[[str], str]


@dataclass
class Files:
    """The texts of the files by path.

    ``history``: path and text of the file that only the next page needs, so that a run does not fail where it cannot be
    written. ``page``: what the page over all accounts tells of this one; both None without a page. ``runs``: see
    ``page_parts/history``.
    """

    texts: dict[str, str] = field(default_factory=dict)
    history: Optional[tuple[str, str]] = None
    page: Optional[Data] = None
    runs: list[Data] = field(default_factory=list)

    def add_page(self, path: str, report: Settings, read: ReadSmall, now: float) -> None:
        """Add the page, and its run to the history beside it."""
        place = history.path_of_history(path)
        self.runs = history.runs_with(read(place), report)
        self.history = (place, history.history_text(report, self.runs))
        self.texts[path] = page({**report, "history": self.runs})
        self.page = accounts.entry_of(report, path, now)


def files_of_run(
    settings: Settings, found: Settings, selection: Settings, written_at: str, read: ReadSmall, now: float
) -> Files:
    """The files of a role that changes something.

    :param found: what ``role_outcomes.gathered`` made. :param read: gives the text of a small file, or an empty one.
    :param now: seconds since 1970.
    """
    files, places = Files(), settings["files"]
    if not places:
        return files
    report = role_texts.json_report(settings, found, written_at)
    files.texts[places["json"]] = as_json(report)
    files.texts[places["markdown"]] = role_texts.markdown_report(settings, found, written_at)
    if settings["role"] == CLEANUP:
        files.add_page(places["html"], role_texts.cleanup_page(settings, found, selection, report), read, now)
        kept = role_outcomes.figures(settings, selection, found["result"]["kept"])["sessions"]
        stale = [one for one in kept if one["stale"] or settings["follows"]]
        files.texts[places["junit"]] = junit_report(settings, found, stale, written_at)
    return files


def files_of_list(settings: Settings, report: Settings, read: ReadSmall, now: float) -> Files:
    """The files of the report of what runs. :param report: of ``role_texts.list_page``."""
    files, places = Files(), settings["files"] or {}
    if "json" in places:
        files.texts[places["json"]] = as_json(report)
    if "csv" in places:
        files.texts[places["csv"]] = as_csv(report["sessions"])
        if report["costs"]:
            files.texts[path_of_costs(places["csv"])] = as_csv(cost_rows(report["costs"]), COLUMNS)
    if "html" in places:
        files.add_page(places["html"], report, read, now)
    return files


def files_of_problem(settings: Settings, problem: str, written_at: str) -> dict[str, str]:
    """The files of a run that could not make a plan: for CI systems, why; nothing else is known."""
    place = (settings["files"] or {}).get("junit")
    return {place: junit_error(settings, problem, written_at)} if place else {}


def as_json(report: Mapping[str, Any]) -> str:
    """JSON for people too: in each list a line for each record. Python takes six times as long to indent them."""
    parts = (f"    {json.dumps(name)}: {_in_lines(report[name])}" for name in sorted(report))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _in_lines(value: Any) -> str:
    if not (isinstance(value, list) and value):
        return json.dumps(value, indent=4, sort_keys=True).replace("\n", "\n    ")
    rows = ",\n".join(f"        {json.dumps(one, sort_keys=True)}" for one in value)
    return f"[\n{rows}\n    ]"
