# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a role: where its report is, and one sentence on what to do next. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils import labels
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, TASKS

Record = Mapping[str, Any]

_UNMADE = re.compile(r"\ANothing was \w+: ")


def next_steps(settings: Record, found: Record) -> list[str]:
    """The lines of a role that ends or deletes. :param found: as ``role_outcomes.gathered``."""
    return [where(settings), *([_next(settings, found)] if not found["failure"] else [])]


def where(settings: Record, variable: str = "report_dir") -> str:
    """Where the report is, or why there is none. :param variable: the one for its folder, without the role's name."""
    if settings["files"]:
        first, *others = sorted(settings["files"].values(), key=lambda path: not path.endswith(".html"))
        more = ", ".join(f".{path.rpartition('.')[2]}" for path in others)
        return f"The report is {first}" + (f" ({more})" if more else "")
    if settings["given"].get(variable):
        return "There is no report, as check mode writes no files"
    return f"There is no report, as {settings['role']}_{variable} is not set"


def _next(settings: Record, found: Record) -> str:
    role, result, values = settings["role"], found["result"], settings["given"]
    done = "end" if role == CLEANUP else "delete"
    if settings["changes"]:
        if result.get("announced"):
            first = min(str(one["due_at"]) for one in result["announced"])
            return f"Next: run it again after {labels.utc_time(first)} to end what was announced."
        others = sum(one["result"] == "changed_since" for one in result.get("skipped", ()))
        if others and not settings["follows"]:
            return f"Next: run it again. {others} of them changed meanwhile, and may be old all the same."
        return "Next: nothing. The same run again would change nothing."
    if found["refused"]:
        return f"Next: an apply would be refused: {_UNMADE.sub('', found['refused'])}"
    if not result["planned"]:
        return "Next: nothing. There is nothing to do."
    if values["apply"]:
        return f"Next: run it without check mode to {done} them."
    what = "tasks" if role == TASKS else "sessions" if role == CLEANUP else "records"
    if values.get("notice") and found["unannounced"]:
        return f"Next: set {role}_apply=true to announce these {what}, and to {done} those that are due."
    if role == CLEANUP and settings["files"] and not settings["follows"]:
        return f"Next: to end these and no others, set {role}_apply=true and {role}_plan={values['report_dir']}"
    return f"Next: to {done} these {what}, set {role}_apply=true"
