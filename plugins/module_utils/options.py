# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that several modules share, and their values as checked and parsed objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import timezone, tzinfo
from typing import TYPE_CHECKING, Any, Optional

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models import states as known
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, checked_id

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria

Spec = dict[str, dict[str, Any]]


def names_from(value: object, option: str) -> Optional[tuple[str, ...]]:
    """See ``name_list``, which is imported only where a list has other names than letters and digits."""
    if value is None:
        return None
    if isinstance(value, list) and value and all(isinstance(one, str) and _is_plain(one) for one in value):
        return tuple(value)
    from ansible_collections.aimms.cloud.plugins.module_utils.decoding import name_list

    return name_list.names_from(value, option)


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isalnum()


def _seconds(value: object, option: str) -> int:
    """See ``parse_duration``, which is imported only where there is a duration."""
    from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration

    return parse_duration(value, option)


def env_value(name: str) -> str:
    """The value of an environment variable. An empty one, as schedulers pass it, counts as not set."""
    if not os.environ.get(name):
        raise AnsibleFallbackNotFound
    return os.environ[name]


def environment() -> dict[str, str]:
    """The connection options that environment variables give."""
    return {name: os.environ.get(f"AIMMS_{name.upper()}", "") for name in CONNECTION}


def _text_lists(names: str) -> Spec:
    return {name: {"type": "list", "elements": "str"} for name in names.split()}


CONNECTION: Spec = {
    "account": {"type": "str"},
    "url": {"type": "str"},
    "api_key": {"type": "str", "required": True, "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
    "retries": {"type": "int", "default": 4},
    "max_time": {"type": "int", "default": 120},
    "api_generation": {"type": "str", "default": "auto", "choices": ["auto", "legacy", "current"]},
    "page_size": {"type": "int"},
}
"""The connection options of every module and the lookup. Each can come from a variable: AIMMS_ACCOUNT, AIMMS_URL, …"""
for _name, _option in CONNECTION.items():
    _option["fallback"] = (env_value, [f"AIMMS_{_name.upper()}"])

KIND: dict[str, Any] = {"type": "str", "choices": list(known.KINDS)}
"""The kind of one session."""

SELECTION: Spec = {
    "kinds": {"type": "list", "elements": "str", "choices": list(known.KINDS)},
    "session_ids": {"type": "list", "elements": "str", "aliases": ["id", "session_id"]},
    **_text_lists("states apps app_versions"),
    "keep_versions": {"type": "int"},
    **_text_lists("owners"),
    "older_than": {"type": "str"},
    "newer_than": {"type": "str"},
    "age_from": {"type": "str", "default": "created", "choices": ["created", "started"]},
    "quiet_for": {"type": "str"},
    "task_activity": {"type": "str", "default": "auto", "choices": ["auto", "ignore"]},
    **_text_lists("protect_session_ids protect_apps protect_owners"),
    "naive_timezone": {"type": "str"},
    "server_filters": {"type": "dict"},
}
"""The selection options."""

QUERY: Spec = {
    **SELECTION,
    "active": {"type": "bool"},
    "limit": {"type": "int"},
    "sort_by": {"type": "str", "default": "created_at"},
    "fields": {"type": "list", "elements": "str", "choices": list(FIELDS)},
    "include_raw": {"type": "bool", "default": False},
    "service_uri": {"type": "str"},
}
"""The options of aimms_session_info: the selection, and which records and fields to return."""

BREAKERS: Spec = {
    "max_sessions": {"type": "int", "default": 50},
    "max_percent": {"type": "int", "default": 100},
    "max_per_owner": {"type": "int"},
}
"""The limits that stop a bulk change before anything is changed."""

PACE: Spec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "str", "default": "120s"},
    "concurrency": {"type": "int", "default": 8},
}
"""How many changes run at once, and whether and how long to wait for their effect."""

BULK: Spec = {"sessions": {"type": "list", "elements": "dict"}, **BREAKERS, **PACE}
"""The options of a bulk change to sessions, without the selection."""

_NULL_REFUSED = {*SELECTION, *BREAKERS, "active", "policies"} | set(
    "max_active max_seats ended_before sessions task_ids begin end contains created_after created_before "
    "tasks protect_task_ids archive_dir".split()
)
"""Filters and limits: null must not count as 'not given', because more would then be selected or changed."""

_LISTS = tuple(name for name, entry in SELECTION.items() if entry["type"] == "list")
_VALUES = tuple(name for name in (*SELECTION, "ended_before") if name not in _LISTS)


def read_names(spec: Spec, params: Mapping[str, Any]) -> dict[str, list[str]]:
    """The lists of names in ``params``, read by ``names_from``; without the empty ones, which each module judges.

    Call it before Ansible checks the options, which cuts texts at commas only and turns an inner list into text.

    :raises OptionError: as ``names_from``.
    """
    return {
        name: list(names_from(params[name], name) or ())
        for name, entry in spec.items()
        if entry.get("elements") == "str" and params.get(name) not in (None, [], ())
    }


def read_records(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of records in ``params`` that are given as text, as ``records_in``; without the others.

    Call it before Ansible checks the options, which cuts texts at commas.

    :raises OptionError: as ``records_in``.
    """
    given = [name for name, one in spec.items() if one.get("elements") == "dict" and isinstance(params.get(name), str)]
    if not given:
        return {}
    from ansible_collections.aimms.cloud.plugins.module_utils.decoding.written import records_in

    return {name: records_in(params[name], name) for name in given}


def criteria_from(params: Mapping[str, Any]) -> Criteria:
    """The selection options as Criteria.

    :raises OptionError: for an empty list or text (it never means 'all'), what cannot be a name, an invalid duration,
        id, state or zone.
    """
    from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria  # tasks on logs select nothing

    refuse_empty(_VALUES, params)
    names = {name: names_from(params.get(name), name) for name in _LISTS}
    for session_id in names["session_ids"] or ():
        checked_id(session_id)
    durations = ("older_than", "newer_than", "quiet_for", "ended_before")
    protections = {name: value or () for name, value in names.items() if name.startswith("protect_")}
    timed = {name: _seconds(params[name], name) for name in durations if params.get(name) is not None}
    given: dict[str, Any] = {**names, **timed, **protections}
    given.update(states=states_from(names["states"]), age_from=params.get("age_from") or "created")
    given["keep_versions"] = newest = params.get("keep_versions")
    if newest is not None and newest < 1:
        raise OptionError("keep_versions: must be at least 1.")
    zone, filters = zone_from(params.get("naive_timezone")), _filters(params.get("server_filters"))
    return Criteria(**given, zone=zone, server_filters=filters)


def narrowed_by(params: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of the options ``names`` that leave something out; not ``older_than: 0s``, globs of all, or all states.

    :raises OptionError: as ``criteria_from``.
    """
    given = [name for name in names if params.get(name) is not None]
    refuse_empty(given, params)
    return [name for name in given if not _is_everything(name, params[name])]


def _is_everything(name: str, value: Any) -> bool:
    if name in ("older_than", "quiet_for", "ended_before"):
        return _seconds(value, name) == 0
    if name in ("max_active", "max_seats", "keep_versions"):
        return False
    names = names_from(value, name) or ()
    if name == "states":
        return any(every <= set(states_from(names) or ()) for every in (known.ACTIVE_STATES, known.ENDED_STATES))
    return any("*" in glob and set(glob) <= set("*?@") for glob in names)


def breakers_from(params: Mapping[str, Any]) -> Breakers:
    """:raises OptionError: for a negative limit."""
    from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers

    for name in (*BREAKERS, "max_active", "max_seats"):
        if params.get(name) is not None and params[name] < 0:
            raise OptionError(f"{name}: must not be negative.")
    percent = params.get("max_percent")
    unlimited = percent is None or percent >= 100
    return Breakers(params.get("max_sessions"), None if unlimited else percent, params.get("max_per_owner"))


def refuse_nulls(names: Sequence[str], *, every: bool = False) -> None:
    """:raises OptionError: for a filter or limit that is null: it must not count as 'not given'."""
    refused = sorted(set(names) if every else set(names) & _NULL_REFUSED)
    if refused:
        raise OptionError(
            f"{', '.join(refused)}: null is refused, as it would select more than was meant.",
            "Leave the option out (default(omit)) where nothing is to be filtered.",
        )


def refuse_empty(names: Iterable[str], params: Mapping[str, Any]) -> None:
    """:raises OptionError: for an option that is an empty list or text: it never means 'all'."""
    for name in names:
        value = params.get(name)
        entries = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
        if value in ([], (), {}) or any(entry is None or not str(entry).strip() for entry in entries):
            names_from([None], name)


def states_from(states: Optional[Sequence[str]]) -> Optional[tuple[str, ...]]:
    """The states in lower case.

    :raises OptionError: for an unknown state.
    """
    if states is None:
        return None
    wanted = tuple(str(state).strip().lower() for state in states)
    unknown = sorted(state for state in wanted if not known.is_active(state) and not known.is_ended(state))
    if unknown:
        every = known.ACTIVE_STATES | known.EARLY_STATES | known.ENDED_STATES
        raise OptionError(f"states: '{unknown[0]}' is not a state.", f"Known are {', '.join(sorted(every))}.")
    return wanted


def zone_from(name: Optional[str], option: str = "naive_timezone") -> Optional[tzinfo]:
    """The time zone of that name.

    :raises OptionError: for a name that this machine does not know.
    """
    if name is None:
        return None
    if name.upper() == "UTC":
        return timezone.utc
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise OptionError(
            f"{option}: '{name}' is not a time zone known on this machine.",
            "Use a name such as Europe/Amsterdam.",
        ) from None


def _filters(filters: Optional[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """The server filters as query parameters; a list repeats its parameter."""
    pairs: list[tuple[str, str]] = []
    for name, value in (filters or {}).items():
        refuse_empty([f"server_filters.{name}"], {f"server_filters.{name}": value})
        for item in value if isinstance(value, list) else [value]:
            if item is None or isinstance(item, (Mapping, list)):
                raise OptionError(f"server_filters.{name}: needs a text, a number or a list of them.")
            pairs.append((str(name), str(item).lower() if isinstance(item, bool) else str(item)))
    return tuple(pairs)
