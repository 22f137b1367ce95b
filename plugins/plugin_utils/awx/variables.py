# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of playbooks/awx_setup.yml: names, types and defaults, checked and read once. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import is_blank, truth

Values = dict[str, Any]
PREFIX = "aimms_awx_"

VARIABLES: dict[str, tuple[str, Any]] = {
    "state": ("str", "present"),
    "prefix": ("text", "AIMMS Cloud "),
    "organization": ("str", "Default"),
    "galaxy_credentials": ("list", ["Ansible Galaxy"]),
    "project_url": ("str", ""),
    "project_branch": ("str", ""),
    "project_path": ("str", ""),
    "project_credential": ("str", ""),
    "accounts": ("dict", None),
    "inventory_source": ("str", ""),
    "credential": ("str", ""),
    "update_secrets": ("bool", False),
    "execution_environment": ("str", ""),
    "execution_environment_image": ("str", ""),
    "execution_environment_pull": ("str", "missing"),
    "instance_groups": ("list", None),
    "prevent_instance_group_fallback": ("bool", None),
    "labels": ("list", None),
    "slices": ("int", 1),
    "teams": ("dict", None),
    "notification_templates": ("dicts", []),
    "notifications": ("dict", {}),
    "timezone": ("str", "Europe/Amsterdam"),
    "schedules": ("dict", {}),
    "enabled_schedules": ("list", []),
    "answers": ("dict", {}),
    "by_hand": ("str", "keep"),
    "try_jobs": ("bool", True),
    "timeout": ("int", 900),
}
"""By name without the prefix: the type and the default. None: left as AWX has it, or made up later."""

CHOICES = {
    "state": ("present", "absent"),
    "execution_environment_pull": ("always", "missing", "never"),
    "by_hand": ("keep", "overwrite"),
}
TEAMS = ("operators", "approvers", "auditors")
EVENTS = ("started", "approvals", "success", "error")
_KEYS = {"teams": TEAMS, "notifications": EVENTS}


def read(given: Mapping[str, Any]) -> Values:
    """The value of each variable, without the prefix. ``explicit`` is the set of those that were given.

    :param given: the variables of the play whose names begin as those of the set-up.
    :raises OptionError: for a variable or a key that there is not, and for a value of another type.
    """
    for name in sorted(given):
        if name[len(PREFIX) :] not in VARIABLES or not name.startswith(PREFIX):
            hint = meant(name, [PREFIX + known for known in VARIABLES])
            raise OptionError(f"{name}: the set-up has no such variable.", hint)
    values: Values = {"explicit": []}
    for option, (kind, default) in VARIABLES.items():
        value = given.get(PREFIX + option)
        values[option] = default
        if value is not None and (not is_blank(value) or kind == "text"):
            values[option] = _READERS[kind](value, PREFIX + option)
            values["explicit"].append(option)
    for option, choices in CHOICES.items():
        if values[option] not in choices:
            raise wrong(PREFIX + option, f"one of {', '.join(choices)}", values[option])
    for option, keys in _KEYS.items():
        known_keys(values[option] or {}, keys, PREFIX + option)
    _check(values)
    return values


def wrong(option: str, wanted: str, value: Any) -> OptionError:
    """An error about a value that is not what is wanted."""
    return OptionError(f"{option}: must be {wanted}, not {_told(value)}.")


def meant(name: str, known: Any) -> str:
    """A hint for a name that there is not: the one that may be meant, or all."""
    close = get_close_matches(name, list(known), 1, 0.75)
    return f"Perhaps {close[0]} is meant." if close else f"There are {', '.join(sorted(known))}."


def known_keys(given: Mapping[str, Any], known: Any, option: str) -> None:
    """:raises OptionError: for a key of a mapping that there is not."""
    for key in given:
        if key not in known:
            raise OptionError(f"{option}: there is no '{shown(str(key))}'.", meant(str(key), known))


def names_of(values: Values) -> dict[str, str]:
    """The names of what the set-up makes once."""
    ends = {"account_type": "account", "accounts_type": "accounts", "inventory": "accounts", "source": "accounts"}
    ends |= {"project": "project", "execution_environment": "execution environment"}
    names = {key: f"{values['prefix']}{end}" for key, end in ends.items()}
    if values["execution_environment"]:
        names["execution_environment"] = values["execution_environment"]
    return names


def _check(values: Values) -> None:
    if values["state"] == "present" and not values["project_url"]:
        raise OptionError(
            f"{PREFIX}project_url: is needed.", "It is a repository that holds what is in extensions/awx/project."
        )
    if not values["prefix"].strip():
        raise wrong(f"{PREFIX}prefix", "a text that tells what the set-up made from all else", values["prefix"])
    for option in ("slices", "timeout"):
        if values[option] < 1:
            raise wrong(PREFIX + option, "at least 1", values[option])
    for one in values["notification_templates"]:
        if not one.get("name") or not one.get("notification_type"):
            raise wrong(f"{PREFIX}notification_templates", "mappings with name and notification_type", one.get("name"))


def _text(value: Any, option: str) -> str:
    if isinstance(value, (Mapping, list, tuple, bool)):
        raise wrong(option, "a text", value)
    return str(value)


def _int(value: Any, option: str) -> int:
    try:
        return int(str(value)) if not isinstance(value, (bool, float)) else int("no number")
    except ValueError:
        raise wrong(option, "a whole number", value) from None


def _list(value: Any, option: str) -> list[str]:
    if isinstance(value, str):
        parsed = _parsed(value)
        value = parsed if isinstance(parsed, list) else [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, (str, int)) for one in value):
        raise wrong(option, "a list of names", value)
    return [str(one) for one in value]


def _dict(value: Any, option: str) -> dict[str, Any]:
    found = _parsed(value) if isinstance(value, str) else value
    if not isinstance(found, Mapping):
        raise wrong(option, "a mapping", value)
    return {str(key): one for key, one in found.items()}


def _dicts(value: Any, option: str) -> list[dict[str, Any]]:
    found = _parsed(value) if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)):
        raise wrong(option, "a list of mappings", value)
    return [_dict(one, option) for one in found]


def _parsed(text: str) -> Optional[Any]:
    """JSON, as ``-e name=JSON`` gives it; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _told(value: Any) -> str:
    """A value for a message; of what may have secrets in it only the kind."""
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else f"'{shown(str(value))}'"


_READERS: dict[str, Any] = {
    "text": _text,
    "str": lambda value, option: _text(value, option).strip(),
    "bool": truth,
    "int": _int,
    "list": _list,
    "dict": _dict,
    "dicts": _dicts,
}
