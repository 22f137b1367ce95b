# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over several hosts has to tell as a whole: the results of those that are done, and their pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils import role_texts
from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import REPORT
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import gathered, has, registered, settings_of

Data = dict[str, Any]
Vars = Mapping[str, Any]

LARGEST_PAGE = 1_000_000  # characters


def finished(role: str, task_vars: Vars) -> dict[str, Data]:
    """What the step ``report`` of this run told, by host that has it. With ``run_once`` all hosts have that of one."""
    found = {}
    for host in task_vars.get("ansible_play_hosts_all") or ():
        own = _variables_of(host, task_vars)
        report, read = own.get(f"_{role}_report"), own.get(f"_{role}_read")
        if has(report, "result") and has(read, "settings") and report["began"] == read["settings"]["began"]:
            found[host] = report
    return found


def _variables_of(host: str, task_vars: Vars) -> Any:
    """The variables of a host of the run as they are: what tasks registered has no templates to evaluate."""
    every = task_vars["hostvars"]
    return every.raw_get(host) if hasattr(every, "raw_get") else every[host]


def pages_of(role: str, results: Sequence[Data], task_vars: Vars) -> tuple[Data, list[str]]:
    """The pages by host, as ``aimms_pages``, where they are asked for, and warnings.

    :param results: those of ``finished``.
    """
    pages, warnings = {}, []
    for host, one in {str(one["host"]): one for one in results}.items():
        own = _variables_of(host, task_vars)
        settings = settings_of(role, own)
        if settings["given"].get("publish_page"):
            text = page({**_page_of(role, settings, own, one["written_at"]), "history": one["history"]})
            if len(text) <= LARGEST_PAGE:
                pages[host] = text
            else:
                warnings.append(f"The page of {host} is too large for an artifact: {len(text) // 1000} KB.")
    return ({"aimms_pages": pages} if pages else {}), warnings


def _page_of(role: str, settings: Data, task_vars: Vars, written_at: str) -> Data:
    """What the page of a host is made of."""
    if role == REPORT:
        return role_texts.list_page(settings, registered(REPORT, "list", task_vars), written_at)
    found, selection = gathered(role, task_vars), registered(role, "selection", task_vars)
    return role_texts.cleanup_page(settings, found, selection, role_texts.json_report(settings, found, written_at))
