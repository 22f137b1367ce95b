# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier run left for this one: a plan to follow, and the report of the last cleanup.

``read`` reads a file of the host: its text, or None and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.written import is_written, value_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import role_variables
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import REPORT
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.places import path_in

Data = dict[str, Any]
Settings = Mapping[str, Any]
Read = Callable[[str], tuple[Optional[str], str]]

OMITTED = object()
"""The value of a variable that is left out."""


def earlier_plan(
    role: str, settings: Settings, plan: Any, hosts: Collection[str], read: Read, now: float
) -> Optional[tuple[list[Any], list[str], Data]]:
    """The sessions of an earlier plan for this host, sentences about it, and values of variables that it was made with
    and that hold where they are not given: ``max_seats``, ``quiet_for``, ``notice``. None: there is no plan.

    :param hosts: those of the run.
    :raises OptionError: for what is no plan, for an empty text that was to be applied, and for a plan for other hosts.
    """
    option, told = f"{role}_plan", ""
    empty = role_variables.is_blank(plan) or plan is None
    if (
        plan is OMITTED
        or (empty and settings["in_awx"])
        or (role_variables.is_blank(plan) and not settings["given"]["apply"])
    ):
        return None
    if role_variables.is_blank(plan):
        raise OptionError(
            f"{option}: it is empty, so the plan never came.",
            "Give the plan, or leave the variable out to select and end sessions without one.",
        )
    if is_written(plan):
        told, plan = plan, value_in(plan, option)
    elif isinstance(plan, str):
        told = path_in(settings, plan)
        text, problem = read(told)
        if text is None:  # perhaps it is the folder of the report
            inside = f"{told}/{settings['stem']}.json"
            text, missing = read(inside)
            told, problem = (inside, missing) if "directory" in problem else (told, problem)
        if text is None:
            raise OptionError(f"{option}: {told} cannot be read: {problem}")
        plan = _json_in(text, option, told)
    records = role_variables.planned_records(plan, settings["host"], option, told)
    _check_hosts(option, plan["planned"] if isinstance(plan, Mapping) else plan, {settings["host"], *hosts})
    notes = role_variables.plan_notes(plan, records, now)
    seats = role_variables.planned_seats(plan, settings["host"])
    return records, notes, {"max_seats": seats, **role_variables.planned_guards(records, option)}


def _json_in(text: str, option: str, path: str) -> Any:
    """:raises OptionError: with the line of the error."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OptionError(
            f"{option}: {path} is no plan, as it is no JSON: {error}.",
            "Give the .json file of a report of this role.",
        ) from None


def _check_hosts(option: str, records: Sequence[Mapping[str, Any]], hosts: Collection[str]) -> None:
    """:raises OptionError: if a plan has sessions, and each names a host that the run does not have."""
    named = {str(one["host"]) for one in records if "host" in one}
    if named.isdisjoint(hosts) and all("host" in one for one in records) and records:
        raise OptionError(
            f"{option}: it is for {', '.join(sorted(named))}, and none of them is a host of this run.",
            "Run it with the inventory and the limit that the plan was made with; in AWX, enable the host again.",
        )


def last_cleanup(settings: Settings, given: Any, read: Read) -> Data:
    """Where the last cleanup reported (``place``), and its ``report``; None each if there is none.

    :param given: the folder or the file. :raises OptionError: if it is no report, or the file of this role's own.
    """
    if not isinstance(given, str) or not given.strip():
        return {"place": None, "report": None}
    place = path_in(settings, given)
    for path in (f"{place}/{settings['stem']}.json", place):
        text, _problem = read(path)
        if text is None:
            continue
        written = (settings["files"] or {}).get("json") or f"{settings['folder']}/{settings['stem']}.json"
        if settings["folder"] and Path(written).resolve() == Path(path).resolve():
            raise OptionError(
                f"{REPORT}_dir: the report of the cleanup is there, in a file of the same name.",
                "Give another folder.",
            )
        try:
            return {"place": path, "report": json.loads(text)}
        except ValueError:
            raise OptionError(f"{REPORT}_cleanup: {path} is no JSON.") from None
    return {"place": place, "report": None}
