# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says, in the words of the role that runs it: whoever runs a role sets its variables only. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from math import ceil
from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CONNECTION_VARIABLES

_CONNECTION = {**{name: variable for variable, name in CONNECTION_VARIABLES.items()}, "api_key": "aimms_api_key"}
_OTHERWISE = {"dest": "archive_dir", "sessions": "plan", "warn_within": "key_warning"}
"""Options that a role has by another name."""
# A single word is an option only where the sentence says so; a name of several words always is one.
_OPTION = re.compile(
    r"(?<![\w.'/-])[a-z]+(?:_[a-z]+)+(?![\w/-])"
    r"|(?:\A|(?<=[.:] ))[a-z]+(?=: )|(?<=\Avalue of )[a-z]+(?= must )"
    r"|(?<=[Cc]heck )(?:account|url)\b|(?<=\baccount, )url\b|(?<=\baccount and )url\b|(?<=\buse )url\b"
    r"|(?<=\bNeither )account(?= nor url )|(?<=\baccount nor )url\b|(?<=\bSet )account(?= \()|(?<=, or )url(?= \()"
)
_OF_A_RULE = re.compile(r"policy '|\bpolicies[.[]")
_CRITERIA = re.compile(r"Give \w+, \w+, or at least one of ([a-z_, ]+)(?= that leaves )")
_EXCEEDED = re.compile(r"(\d+) (?:of (\d+) )?.*? are selected and (\w+) is \d+\.")
_HINT = "Narrow the selection, or raise the limit if this is meant."


def in_role_words(text: str, role: str, options: Collection[str]) -> str:
    """The text with the role's variable for each option of a module that it names.

    :param options: the variables of the role, without its name.
    """

    if _OF_A_RULE.search(text):  # the options are those of that rule
        return text

    def told(match: re.Match[str]) -> str:
        name = match[0]
        own = name if name in options else _OTHERWISE.get(name)
        return f"{role}_{own}" if own in options else _CONNECTION.get(name, name)

    def criteria(match: re.Match[str]) -> str:  # also the names of one word; the others are not for whoever runs a role
        return f"Give at least one of {', '.join(f'{role}_{one}' for one in match[1].split(', ') if one in options)}"

    return _OPTION.sub(told, _CRITERIA.sub(criteria, text))


def limit_in_role_words(text: str, role: str, options: Collection[str]) -> str:
    """As ``in_role_words``, for the message of a limit: also how to write each limit that was exceeded."""
    told = in_role_words(text, role, options)
    needed = {
        name: int(number) if of == "" else ceil(100 * int(number) / max(1, int(of)))
        for number, of, name in _EXCEEDED.findall(told)
        if name.startswith(f"{role}_")
    }
    if not needed or any(name.endswith("_max_percent") and value > 100 for name, value in needed.items()):
        return told
    wanted = " and ".join(f"{name}={value}" for name, value in needed.items())
    return told.replace(_HINT, f"Narrow the selection or, if this is meant, set {wanted} to allow it.")


def retold(result: Mapping[str, Any], role: str, options: Collection[str]) -> Mapping[str, Any]:
    """The result of a module with its message, and those of its records, as ``in_role_words``."""
    texts: dict[str, str] = {}

    def told(text: str) -> str:  # many records have the same message
        if text not in texts:
            texts[text] = in_role_words(text, role, options)
        return texts[text]

    def one(entry: Any) -> Any:
        text = entry.get("msg") if isinstance(entry, Mapping) else None
        return {**entry, "msg": told(text)} if text and isinstance(text, str) else entry

    lists = {name: [one(entry) for entry in value] for name, value in result.items() if isinstance(value, list)}
    return {**one(result), **lists}
