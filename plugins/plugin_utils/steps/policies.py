# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of a cleanup: read from a variable or a file, handed to the module, and what came of each."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.written import is_written, value_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_WITH_TASKS
from ansible_collections.aimms.cloud.plugins.module_utils.rules.seats import with_results
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.plugin_utils import labels, role_variables
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import OMITTED, Read
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.places import path_in

Data = dict[str, Any]
Record = Mapping[str, Any]

OPTIONS = ("policies", "policies_file")
_BESIDE = "kinds owners apps app_versions keep_versions older_than quiet_for max_active max_seats".split()
"""What selects sessions without rules. With rules it must be left as it is."""
_FOR_ALL = (
    *("protect_owners", "protect_apps", "protect_session_ids", "naive_timezone"),
    *("age_from", "task_activity", "interrupt_tasks", "grace_period", "interrupt_fallback"),
)
_LIMITS = ("max_sessions", "max_percent", "max_per_owner")
_IN_FILE = {"policies", "$schema"}
_LISTS = ("planned", "terminated", "failed", "skipped", "kept")
_WIDTH = 70


def rules_in(role: str, settings: Record, given: Record, spec: Record, read: Read) -> Optional[list[Data]]:
    """The rules; None if neither variable is given.

    :param given: the values of both variables, those that are left out as ``OMITTED``. :param spec: all variables.
    :raises OptionError: for what is no list of rules, for an empty one, and for variables that do not go with rules.
    """
    told = {}
    for name in OPTIONS:
        value, option = given[name], f"{role}_{name}"
        if value is OMITTED or ((value is None or role_variables.is_blank(value)) and settings["in_awx"]):
            continue
        if value is None or role_variables.is_blank(value):
            raise OptionError(f"{option}: it is empty, so the rules never came.", "Give them, or leave it out.")
        told[option] = _in_file(settings, str(value), option, read) if name == "policies_file" else value
    if len(told) > 1:
        raise OptionError(f"{' and '.join(told)} do not go together.", "Give one of them.")
    for option, value in told.items():
        _refuse_beside(role, settings["given"], spec, option)
        return _rules(value, option)
    return None


def check_plan(role: str, records: Iterable[Record], rules: Optional[Sequence[Record]]) -> None:
    """:raises OptionError: for a plan that was made with other rules, or with some where now there are none."""
    names = {str(one.get("name")).strip() for one in rules or () if one.get("action") != "keep"}
    instead = f"Give {role}_policies or {role}_policies_file as for the plan, or plan anew."
    for one in records:
        name = str(one.get("policy") or "")
        if rules is None and name:
            raise OptionError(f"{role}_plan: it was made with policies, which are not given here.", instead)
        if rules is not None and name not in names:
            told = f"the policy '{shown(name)}', which is not given here" if name else "no policy"
            raise OptionError(f"{role}_plan: {shown(str(one.get('id')))} has {told}.", instead)


def _in_file(settings: Record, path: str, option: str, read: Read) -> Any:
    place = path_in(settings, path)
    text, problem = read(place)
    if text is None:
        raise OptionError(f"{option}: {place} cannot be read: {problem}")
    value = value_in(text, option)
    if value is None:
        raise OptionError(f"{option}: {place} is neither YAML nor JSON, or has several documents.")
    return value


def _rules(value: Any, option: str) -> list[Data]:
    found = value_in(value, option) if is_written(value) else value
    if isinstance(found, Mapping) and set(found) <= _IN_FILE:
        found = found.get("policies")
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, Mapping) for one in found):
        raise OptionError(
            f"{option}: '{shown(str(value))}' is no list of rules.",
            "Give a list of them, or one below the word policies.",
        )
    if not found:
        raise OptionError(f"{option}: an empty list of rules is refused; it never means 'all'.", "Leave it out.")
    for one in found:
        if "notice" in one and (
            one.get("action") == "keep" or not parse_duration(str(one["notice"]), f"{option}: notice")
        ):
            raise OptionError(f"{option}: a notice is longer than 0, and not in a rule that keeps.")
    return [dict(one) for one in found]


def _refuse_beside(role: str, values: Record, spec: Record, option: str) -> None:
    beside = [name for name in _BESIDE if values.get(name) != spec[f"{role}_{name}"].get("default")]
    if beside:
        names = ", ".join(f"{role}_{name}" for name in beside)
        raise OptionError(f"{names}: not beside {option}.", "What selects sessions goes into the rules.")


def notices_of(rules: Sequence[Record], common: Optional[str]) -> tuple[Optional[str], dict[str, Optional[int]]]:
    """The longest notice of the rules, as it was written; and by name the seconds of each, None for one without.

    :param common: the notice of the role, for rules that do not say one.
    """
    texts = {str(one.get("name")).strip(): one.get("notice", common) for one in rules if one.get("action") != "keep"}
    seconds = {name: None if text is None else parse_duration(str(text), "notice") for name, text in texts.items()}
    longest = max(filter(None, seconds.values()), default=None)
    of_longest = (str(texts[name]) for name, own in seconds.items() if own is not None and own == longest)
    return next(of_longest, common), seconds


def interrupted_first(settings: Record, planned: Iterable[Record]) -> Counter[str]:
    """How many planned sessions may have tasks that are interrupted first, by the way: of their rule, if it has one."""
    rules = (settings.get("selection") or {}).get("policies") or ()
    own = {str(one.get("name")).strip(): one.get("interrupt_tasks") for one in rules}
    common = settings["given"]["interrupt_tasks"]
    ways = Counter(own.get(one.get("policy") or "") or common for one in planned if one["kind"] in KINDS_WITH_TASKS)
    del ways["never"]
    return ways


def with_rules(settings: Record, rules: Sequence[Record]) -> tuple[Data, Data]:
    """``selection`` and ``limits`` of the settings, with rules: for plan and batches, and for the whole plan only."""
    values = settings["given"]
    rules = [
        {name: one[name] for name in one if name != "notice"} for one in rules
    ]  # it is the role's, not the module's
    selection = {name: values[name] for name in _FOR_ALL if values.get(name) is not None}
    selection["policies"] = [{name: one[name] for name in one if name not in _LIMITS} for one in rules]
    limits = {name: settings["limits"][name] for name in (*_LIMITS, "sessions") if name in settings["limits"]}
    return selection, {**limits, "policies": rules}


def seats_of(selection: Record) -> Optional[Data]:
    """The people of all rules that count seats, whose sessions must not be parted; None if there are none."""
    people = [one for rule in selection.get("policies") or () for one in (rule.get("seats") or {}).get("people", ())]
    return {"people": people} if people else None


def figures_of(selection: Record, result: Record, outcomes: Iterable[Record]) -> list[Data]:
    """What came of each rule: the module's words on it, and how many sessions of each list of the result are its.

    :param outcomes: what became of the planned sessions, the last one of each counts.
    """
    counts = {name: Counter(one.get("policy") for one in result[name]) for name in _LISTS}
    each = selection.get("policies") or ()
    figures = [{**rule, **{name: counts[name][rule["name"]] for name in _LISTS}} for rule in each]
    for rule in figures:
        rule.update({"seats": with_results(rule["seats"], outcomes, result["kept"])} if rule.get("seats") else {})
    return figures


def policy_lines(rules: Iterable[Record]) -> list[str]:
    """A line for each rule, and what is odd about it."""
    lines = []
    for rule in rules:
        number, done = (rule["kept"], "kept") if rule["action"] == "keep" else (rule["planned"], "to be ended")
        lines.append(f"policy {labels.clean(rule['name'], 40)}: {number} {done}")
        for note in rule["notes"]:
            lines += textwrap.wrap(labels.clean(note), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return lines
