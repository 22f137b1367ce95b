# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``policies``, checked and parsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, printable, shown
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    BREAKERS,
    SELECTION,
    breakers_from,
    criteria_from,
    narrowed_by,
    refuse_empty,
    zone_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.rules.policies import Policy
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY
from ansible_collections.aimms.cloud.plugins.module_utils.rules.windows import Window, window_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration

_LONGEST_NAME = 64
_FOR_ALL = ("protect_session_ids", "protect_apps", "protect_owners", "naive_timezone")
"""Options of the selection that stand beside the rules, and hold for each."""
_INHERITED = ("age_from", "task_activity")
_TO_END = (
    *("keep_versions", "quiet_for", "task_activity", "max_seats", *BREAKERS),
    *("interrupt_tasks", "grace_period", "interrupt_fallback"),
)
"""What means nothing in a rule that keeps."""


def policies_from(params: Mapping[str, Any], narrowing: Sequence[str]) -> list[Policy]:
    """The rules, in their order.

    :param narrowing: the options of which a rule that ends sessions needs one.
    :raises OptionError: for an empty list, which never means 'all', for a rule that cannot be meant, and for what
        belongs into the rules and stands beside them.
    """
    given = params["policies"]
    if not given:
        raise OptionError("policies: an empty list is refused; it never means 'all'.", "Leave the option out.")
    beside = [name for name in (*SELECTION, "max_active", "max_seats") if params.get(name) is not None]
    beside = [name for name in beside if name not in (*_FOR_ALL, *_INHERITED)]
    if beside:
        raise OptionError(f"{', '.join(beside)}: not beside policies.", "What selects sessions goes into the rules.")
    found: dict[str, Policy] = {}
    for number, rule in enumerate(given):
        place = f"policies[{number}]"
        try:
            policy = _policy(rule, params, narrowing)
        except OptionError as error:
            text = f"{place} ({shown(str(rule.get('name')))}): {error}"
            raise OptionError(text) from None
        if folded(policy.name) in found:
            raise OptionError(f"{place}: the name '{shown(policy.name)}' is used twice.")
        found[folded(policy.name)] = policy
    return list(found.values())


def options_of(rule: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the module for one rule: what it says, and what stands beside the rules for what it does not."""
    own = {name: rule.get(name) for name in POLICY if name in SELECTION or name in (*BREAKERS, "max_seats")}
    others = {name: rule[name] for name in POLICY if rule.get(name) is not None}
    inherited = {name: params.get(name) for name in _INHERITED if rule.get(name) is None}
    return {**params, **own, **others, **inherited, "policies": None, "sessions": None}


def _policy(rule: Mapping[str, Any], params: Mapping[str, Any], narrowing: Sequence[str]) -> Policy:
    name, keep = _name(str(rule["name"])), rule["action"] == "keep"
    refuse_empty([option for option in POLICY if rule.get(option) is not None], rule)
    options = options_of(rule, params)
    criteria, breakers, window = criteria_from(options), breakers_from(options), _window(rule)
    if keep:
        unfit = [option for option in _TO_END if rule.get(option) is not None]
        if unfit:
            raise OptionError(f"{', '.join(unfit)}: not in a rule that keeps.", "It says how sessions are ended.")
    else:
        parse_duration(options["grace_period"], "grace_period")
        if rule.get("max_seats") is not None:
            from ansible_collections.aimms.cloud.plugins.module_utils.sessions.seat_limit import check_options

            check_options(options)
        if not narrowed_by(options, (*narrowing, "session_ids")):
            wanted = ", ".join(("session_ids", *(one for one in narrowing if one != "max_active")))
            raise OptionError("Without a criterion it would end every session.", f"Give at least one of {wanted}.")
    return Policy(name, keep, criteria, breakers, window, options)


def _name(text: str) -> str:
    """The name, which stands in reports and in labels of figures."""
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or printable(name) != name:
        raise OptionError(f"name: '{shown(text)}' is no name of a rule.", f"Use 1 to {_LONGEST_NAME} printable signs.")
    return name


def _window(rule: Mapping[str, Any]) -> Optional[Window]:
    between, zone = rule.get("between"), rule.get("timezone")
    if between is None and zone is None:
        return None
    found = None if zone is None else zone_from(str(zone), "timezone")
    if between is None or found is None:
        raise OptionError("between and timezone go together.", "Give a zone, such as Europe/Amsterdam.")
    return window_from(str(between), "between", found)
