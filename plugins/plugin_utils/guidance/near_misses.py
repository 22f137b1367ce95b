# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that no role reads though one of the role's may be meant: a plan, or sessions, would be others. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import (
    CONNECTION_VARIABLES,
    DISTINCT,
    SELECTING,
    Spec,
    Values,
    account_address,
    read_value,
)

_PROTECTION = re.compile(r"(?:\A|_)(protect_(?:owners|apps|session_ids|task_ids))\Z")
_SPARING = re.compile(
    r"(?:\A|_)(?:protect(?:s|ed)?\Z|(?:protect(?:s|ed)?|exclude[sd]?|except|spare)_(owner|user|app|session)\w*\Z)"
)
_SPARED = {"app": "protect_apps", "session": "protect_session_ids"}
_DRY = ("dry_run", "dryrun", "check_mode", "plan_only", "noop")
_NO = ("", "0", "false", "n", "no", "none", "off")
_CONNECTION = {**CONNECTION_VARIABLES, "aimms_api_key": "api_key"}
_ADDRESS = {"aimms_url", "aimms_account"}
_OTHER_WORDS = {
    **dict.fromkeys(("uri", "host", "hostname", "server", "endpoint", "base_url", "api_url", "cloud_url"), "url"),
    **dict.fromkeys(("key", "token", "secret", "cloud_api_key"), "api_key"),
    **dict.fromkeys(("customer", "tenant", "account_name", "cloud_account"), "account"),
    **dict.fromkeys(("verify", "verify_ssl", "verify_certs"), "validate_certs"),
}
_OF_ANSIBLE = ("ansible_", "hostvars", "vars", "groups")
_OF_RESULTS = {"changed", "failed"}
_MOST_KEYS = 200  # of a mapping that may be meant as variables of a role, which has some fifty
_DEEPEST = 2  # mappings in a mapping
_LOST = "_raw_params"  # where Ansible keeps the words of ``-e`` that are no ``NAME=VALUE``
_OWN_WORDS = ("accounts", "hosts", "keys")  # of extensions/awx, and of whoever has several
_OF_CONNECTION = re.compile(
    r"aimms_?(?:|access|api|auth|cloud|config|connection|credentials?|login|portal|server|service|settings)",
    re.IGNORECASE,
)
"""Mappings that may be meant as the connection."""
_TEMPLATE = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_APART = ("plan", "policies", "policies_file")  # options that are read apart, and have no default
_OF_SESSIONS = re.compile(r"\A\Z|aimms|session|task|stale|clean|retention|purge")


def refuse_lost_words(names: Collection[str]) -> None:
    """Some words of the extra variables would have no effect, such as the second name of a list with a blank in it.

    They are not shown, as they may be the key.

    :param names: those of all variables. :raises OptionError: if there are such words.
    """
    if _LOST in names:
        raise OptionError(
            "-e: some words of an extra variable are not NAME=VALUE, so that Ansible drops them.",
            "Write = and no blanks around it, and put a value with blanks in quotes: -e 'NAME=\"a, b\"'.",
        )


def with_keys(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables, and as ``NAME.KEY`` what is in those that are mappings: no role reads a mapping as its variables.

    Also what is deeper in a mapping that has almost the name of a role, or begins with ``aimms``. Not of results that
    were registered, nor of tables of data.
    """
    found = {str(name): value for name, value in variables.items()}
    for name, value in found.copy().items():
        if not isinstance(value, Mapping) or name.startswith(_OF_ANSIBLE):
            continue
        if len(value) <= _MOST_KEYS and not value.keys() >= _OF_RESULTS:
            keys = {f"{name}.{key}": entry for key, entry in value.items()}
            root = _plain(name.partition(".")[0])
            is_of_role = root.startswith("aimms") or get_close_matches(root, SELECTING, 1, 0.7)
            found.update(with_keys(keys) if is_of_role and name.count(".") < _DEEPEST else keys)
    return found


def only_for(role: str, given: Mapping[str, Any]) -> list[str]:
    """The variables that a play gives to the role itself, without those of which others of the role are made.

    :param given: with their templates. One that a variable of the role or of the connection names is not lost.
    """
    own = [str(value) for name, value in given.items() if name.startswith(f"{role}_") or name in _CONNECTION]
    templates = " ".join(part for value in own for part in _TEMPLATE.findall(value))
    return [name for name in given if not re.search(rf"(?<![\w.'\"]){re.escape(name)}(?![\w'\"])", templates)]


def near_misses(role: str, spec: Spec, names: Iterable[str], typed: Collection[str] = ()) -> dict[str, str]:
    """The variables that no role reads though one of this role may be meant, each with that one.

    Every name that ends as a protection is one, whatever it begins with.

    :param typed: the extra variables, and those that the play gives to the role itself. They are for this role, so that
        also a name of the option alone, or after a part of the role's name, is one.
    """
    options = {name[len(role) + 1 :]: name for name in spec}
    found = {}
    for name in sorted(set(names)):
        if name.startswith(("ansible_", *(f"{mark}{one}_" for one in SELECTING for mark in ("", "_")))):
            continue  # of Ansible, of another role, or what a role registers
        if name.partition(".")[0] in {*SELECTING} - {role}:
            continue
        plain = _plain(name)
        protection = _PROTECTION.search(plain)
        option = protection[1] if protection else _like(role, plain, options) or _bare(role, plain, name in typed)
        sparing = _SPARING.search(plain) if name in typed and option not in options else None
        option = _SPARED.get(sparing[1], "protect_owners") if sparing else option
        if option in options:
            found[name] = options[option]
    return found


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _like(role: str, name: str, options: Iterable[str]) -> str:
    """The option of a name that begins much as the role's; empty if there is none."""
    words = name.split("_")
    for number in range(1, len(words)):
        if get_close_matches("_".join(words[:number]), [role], 1, 0.7):
            close = get_close_matches("_".join(words[number:]), options, 1, 0.8)
            if close:
                return close[0]
    return ""


def _bare(role: str, name: str, is_typed: bool) -> str:
    """The option of a name that is the option's own, perhaps after ``aimms`` or some words of the role's name."""
    if name.startswith("aimms_"):
        return name[len("aimms_") :]
    words = role.replace("_", "|")
    return re.sub(rf"\A(?:(?:{words})s?_)*", "", name) if is_typed else name if name in DISTINCT else ""


def unread_connection(
    role: str, names: Iterable[str], typed: Collection[str], place: Mapping[str, Any], read: Callable[[str], Any]
) -> list[str]:
    """Warnings about variables that are named as if they were of the connection: the account would be another one.

    Whoever has the variable that is meant may have the other one for something else, or make it of that.

    :param typed: as for ``near_misses``; there also ``account`` and ``url`` alone are of the connection.
    :param place: the ``account`` that the role would work with and its ``address``, which is empty if there is none.
    :param read: the value of a variable.
    :raises OptionError: for one that was typed, and for one with the address of another account.
    """
    given, warnings = set(names), []
    for name in sorted(given - set(_CONNECTION)):
        # Addresses are of many things, so that ``url`` alone counts only where the role has none of its own.
        is_bare = name in typed and (name == "account" or (name == "url" and not given & _ADDRESS))
        meant = f"aimms_{name}" if is_bare else _of_connection(name)
        has_it = not meant or bool(given & (_ADDRESS if meant in _ADDRESS else {meant}))
        if meant in _ADDRESS and (name in typed or not has_it) and _is_other(read(name), place["address"], has_it):
            raise OptionError(
                f"{name}: the role {role} does not read this variable, and would work with the account "
                f"{place['account']} instead.",
                f"Name it {meant}. If it is for something else, "
                + ("rename it." if name in typed else "set aimms_account or aimms_url too."),
            )
        if has_it or is_bare:
            continue
        if name in typed:
            raise OptionError(f"{name}: the role {role} does not read this variable.", f"Name it {meant}.")
        warnings.append(f"{name}: the role {role} does not read this variable. Perhaps {meant} is meant.")
    return warnings


def _of_connection(name: str) -> str:
    """The variable of the connection that is meant; empty if there is none."""
    mapping, dot, key = name.rpartition(".")
    if not name.lower().startswith("aimms") or (dot and not _OF_CONNECTION.fullmatch(_plain(mapping))):
        return ""
    word = _plain(key).removeprefix("aimms_")
    close = get_close_matches(word, _CONNECTION.values(), 1, 0.8) if word not in _OWN_WORDS else []
    meant = f"aimms_{_OTHER_WORDS.get(word) or (close[0] if close else '')}"
    return meant if meant in _CONNECTION else ""


def _is_other(value: Any, used: str, may_be_part: bool) -> bool:
    """Whether a value means an account, as its name, host or URL, and not the one that is used.

    :param may_be_part: the address that is used may be made of it.
    """
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if not text or not used or (may_be_part and text in used):
        return False
    url = text if "://" in text or not re.search(r"[.:]", text) else f"https://{text}"
    return account_address({"url" if "://" in url else "account": url}, {}) != used


def misspelt(
    role: str,
    spec: Spec,
    found: Mapping[str, tuple[str, Any]],
    values: Values,
    given: Collection[str],
    typed: Mapping[str, Any] = MappingProxyType({}),
) -> list[str]:
    """Warnings about near misses. One whose value the role has all the same was only passed on.

    What was given to this run or to the role itself, what has almost the role's name, and a protection of sessions is
    refused: something else would be done than was meant. Any other name may be of something else in the play.

    :param found: by name, the variable that is meant, and the value. :param values: as ``read_values``.
    :param given: the names of all variables. :param typed: as for ``near_misses``, with their values.
    :raises OptionError: for one that is refused.
    """
    warnings = []
    for name in [name for name in _DRY if values.get("apply") and str(typed.get(name, "no")).lower() not in _NO]:
        raise OptionError(
            f"{name}: the role {role} does not read this variable.", f"To plan only, add --check, or omit {role}_apply."
        )
    for name, (meant, value) in found.items():
        option = meant[len(role) + 1 :]
        # The role's defaults are variables too.
        is_own = meant in given if option in _APART else values[option] != spec[meant].get("default")
        if is_own if option in _APART else _has_it(meant, option, spec, value, values):
            continue
        plain, hint = _plain(name), _renaming(name, meant)
        if option.startswith("protect_") and _OF_SESSIONS.search(plain.rpartition("protect")[0]):
            raise OptionError(f"{name}: no role reads this variable, so it protects nothing.", hint)
        is_like = bool(_like(role, plain, [option]))
        is_lost = not is_own or (option == "apply" and str(value).strip().lower() in _NO)  # only a plan was asked for
        if (is_like and not (is_own and "." in name)) or (name in typed and is_lost):
            raise OptionError(f"{name}: the role {role} does not read this variable.", hint)
        if not is_own:
            warnings.append(f"{name}: the role {role} does not read this variable. Perhaps {meant} is meant.")
    return warnings


def refuse_environment(role: str, spec: Spec, environment: Mapping[str, str], values: Values) -> None:
    """Of the environment only the connection is read: a protection there would protect nothing.

    :raises OptionError: for one whose names the role does not have.
    """
    for name in sorted(environment):
        found = _PROTECTION.search(_plain(name))
        prefix = _plain(name)[: found.start(1)] if found else ""  # without one it may be of anything
        meant = f"{role}_{found[1]}" if found and prefix and _OF_SESSIONS.search(prefix) else ""
        if meant in spec and not _has_it(meant, meant[len(role) + 1 :], spec, environment[name], values):
            raise OptionError(
                f"{name}: no role reads this variable of the environment, so it protects nothing.",
                f'Give {meant}, such as -e {meant}="${name}".',
            )


def _renaming(name: str, meant: str) -> str:
    """What to do about a variable that is refused, also for whoever has it for something else."""
    mapping = name.partition(".")[0]
    other = f"the mapping {mapping}" if mapping != name else "it"
    return f"If {other} is for something else, rename {other}. If it is for the role: Name it {meant}."


def _has_it(meant: str, option: str, spec: Spec, value: Any, values: Values) -> bool:
    """Whether the role has the value of another variable; of a protection, each of its names."""
    own = values[option]
    try:
        given = read_value(meant, option, spec[meant], value, in_awx=True)
    except OptionError:
        return False
    return set(given or ()) <= set(own or ()) if option.startswith("protect_") else bool(given == own)
