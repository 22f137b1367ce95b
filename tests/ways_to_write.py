# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in which people write a protection, one line each: what it must protect, or that it is refused.

The unit tests of the reader, the modules, the lookup, the event source and the roles all go through this table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OWNER, APP, ID = "protect_owners", "protect_apps", "protect_session_ids"


class Way(NamedTuple):
    """One way to write a protection.

    ``name``: the owner, app or id of a session that must not be ended. ``refused``: whether the task must fail before
    the first request; else the session lives, and one with another name is ended.
    """

    option: str
    value: Any
    name: str
    refused: bool = False


READ = {
    "a list": Way(OWNER, ["svc-*", "admin@*"], "admin@ROOT"),
    "an inner list": Way(OWNER, [["svc-*", "dave"], "carol@*"], "svc-a@ROOT"),
    "lists in lists": Way(OWNER, [[], [[["svc-*"]]]], "svc-a@ROOT"),
    "text": Way(OWNER, "svc-*", "svc-a@ROOT"),
    "commas": Way(OWNER, "svc-*,admin@*", "admin@ROOT"),
    "commas and blanks": Way(OWNER, "svc-*, admin@*", "admin@ROOT"),
    "lines": Way(OWNER, "svc-*\nadmin@*\n", "admin@ROOT"),
    "lines of Windows": Way(OWNER, "svc-*\r\nadmin@*\r\n", "svc-a@ROOT"),
    "lines with empty ones": Way(OWNER, "\n svc-*\n\n\tadmin@*\n\n", "admin@ROOT"),
    "commas at line ends": Way(OWNER, "svc-*,\nadmin@*", "admin@ROOT"),
    "lines in an item": Way(OWNER, ["svc-*\nadmin@*"], "admin@ROOT"),
    "other line ends": Way(OWNER, "svc-*\u2028admin@*\x85dave", "admin@ROOT"),
    "a blank before": Way(OWNER, [" admin@*"], "admin@ROOT"),
    "a blank after": Way(OWNER, ["admin@* "], "admin@ROOT"),
    "a line end after": Way(OWNER, ["admin@*\n"], "admin@ROOT"),
    "a CR after": Way(OWNER, ["admin@*\r"], "admin@ROOT"),
    "a tab before": Way(OWNER, ["\tadmin@*"], "admin@ROOT"),
    "a no-break space": Way(OWNER, ["\u00a0admin@*\u00a0"], "admin@ROOT"),
    "a zero-width space": Way(OWNER, "\u200badmin@*\u200b", "admin@ROOT"),
    "a byte order mark": Way(OWNER, "\ufeffadmin@*", "admin@ROOT"),
    "a wide space": Way(OWNER, "\u3000admin@*,\u2007dave", "admin@ROOT"),
    "the environment first": Way(OWNER, ["ROOT\\svc-a", "ROOT/admin"], "admin@ROOT"),
    "JSON": Way(OWNER, '["svc-*", "admin@*"]', "admin@ROOT"),
    "JSON in a list": Way(OWNER, ['["svc-*"]', "dave"], "svc-a@ROOT"),
    "JSON with escapes": Way(OWNER, '["m\\u00fcller@*"]', "m\u00fcller@ROOT"),
    "Python": Way(OWNER, "['svc-*']", "svc-a@ROOT"),
    "Python, with u": Way(OWNER, "[u'svc-*', u'admin@*']", "admin@ROOT"),
    "Python, a tuple": Way(OWNER, "('svc-*', 'admin@*')", "admin@ROOT"),
    "Python, nested": Way(OWNER, "[['svc-*'], 'admin@*']", "svc-a@ROOT"),
    "YAML": Way(OWNER, "- svc-*\n- admin*", "admin@ROOT"),
    "YAML with its start": Way(OWNER, "---\n# of services\n- svc-*\n- admin@*\n", "admin@ROOT"),
    "YAML with quotes": Way(OWNER, "- 'svc-*'\n- \"admin@*\"", "admin@ROOT"),
    "YAML, one line": Way(OWNER, "[svc-*, 'admin@*']", "admin@ROOT"),
    "YAML, one item": Way(OWNER, "- svc-*", "svc-a@ROOT"),
    "digits": Way(OWNER, 4711, "4711@ROOT"),
    "digits in a list": Way(OWNER, ["a", 4711], "4711@ROOT"),
    "without the environment": Way(OWNER, "jane doe@*", "Jane Doe@ROOT"),
    "the whole owner": Way(OWNER, "svc-a@ROOT", "svc-a@ROOT"),
    "the environment": Way(OWNER, "*@ACME Azure", "bob@ACME Azure"),
    "a mail address": Way(OWNER, "alice@corp.example", "alice@corp.example@ROOT"),
    "brackets": Way(OWNER, "svc[ops]@ROOT", "svc[ops]@ROOT"),
    "brackets and a glob": Way(OWNER, "svc[ops]@*", "svc[ops]@ROOT"),
    "a set": Way(OWNER, "svc[0-9]@*", "svc7@ROOT"),
    "case": Way(OWNER, "SVC-A@root", "svc-a@ROOT"),
    "a sharp s": Way(OWNER, "gross@*", "Gro\u00df@ROOT"),
    "a sharp s, the other way": Way(OWNER, "gro\u00df@*", "GROSS@ROOT"),
    "a Turkish i": Way(OWNER, "istanbul@*", "\u0130stanbul@ROOT"),
    "a Turkish i, the other way": Way(OWNER, "\u0130STANBUL@*", "istanbul@ROOT"),
    "NFD": Way(OWNER, "Rene\u0301@*", "Ren\u00e9@ROOT"),
    "NFC": Way(OWNER, "Ren\u00e9@*", "Rene\u0301@ROOT"),
    "a backslash": Way(OWNER, "CORP\\nancy@ROOT", "CORP\\nancy@ROOT"),
    "an apostrophe": Way(OWNER, "O'Brien@*", "o'brien@ROOT"),
    "an app with a blank": Way(APP, "Planner Two", "Planner Two"),
    "an app as the portal shows it": Way(APP, "Planner [PROD]", "Planner [PROD]"),
    "an app in a list as text": Way(APP, "['Planner [PROD]']", "Planner [PROD]"),
    "an app, two blanks": Way(APP, "Planner  Two", "Planner Two"),
    "an app, a no-break space": Way(APP, "Planner\u00a0Two", "Planner Two"),
    "an app's glob with a blank": Way(APP, "Planner *", "Planner [PROD]"),
    "an app with a comma, by a glob": Way(APP, ["Crew? EU"], "Crew, EU"),
    "blanks in an app's list": Way(APP, "CrewScheduling Crew*", "CrewScheduling"),
    "blanks between apps": Way(APP, "Fleet Crew", "Fleet"),
    "an owner and a user": Way(OWNER, "admin@ROOT svc-*", "svc-a@ROOT"),
    "brackets after a comma": Way(APP, "[alpha],Planner [PROD]", "Planner [PROD]"),
    "commas in an app's item": Way(APP, ["Crew, Planner Two"], "Planner Two"),
    "commas in an item": Way(OWNER, ["svc-*, admin@*"], "admin@ROOT"),
    "commas in an item, one name": Way(OWNER, ["Doe, Jane@ROOT"], "Doe, Jane@ROOT"),
    "a comma at the end": Way(OWNER, "svc-*,", "svc-a@ROOT"),
    "brackets alone": Way(APP, "[PROD]", "[PROD]"),
    "brackets alone in a list": Way(APP, ["[PROD]"], "[PROD]"),
    "brackets that are a list": Way(APP, "[Crew]", "Crew"),
    "an app with a comma in a list": Way(APP, ["Blend, Optimizer"], "Blend, Optimizer"),
    "an id": Way(ID, " keep-1 ", "keep-1"),
    "ids": Way(ID, "other,keep-2*", "keep-2b"),
}

REFUSED = {
    "quotes": Way(OWNER, "'svc-*'", "svc-a@ROOT", True),
    "double quotes": Way(OWNER, '"svc-*"', "svc-a@ROOT", True),
    "quotes in a list": Way(OWNER, ["'svc-*'"], "svc-a@ROOT", True),
    "quotes and commas": Way(OWNER, "'svc-*', 'admin@*'", "admin@ROOT", True),
    "quotes of a text program": Way(OWNER, "\u201csvc-*\u201d", "svc-a@ROOT", True),
    "semicolons": Way(OWNER, "svc-*;admin@*", "svc-a@ROOT", True),
    "semicolons in a list": Way(OWNER, ["svc-*; admin@*"], "svc-a@ROOT", True),
    "bars": Way(OWNER, "svc-*|admin@*", "svc-a@ROOT", True),
    "blanks": Way(OWNER, "svc-* admin@*", "svc-a@ROOT", True),
    "blanks between whole owners": Way(OWNER, "svc-a@ROOT admin@ROOT", "admin@ROOT", True),
    "blanks between users": Way(OWNER, "carol dave", "carol@ROOT", True),
    "a tab between": Way(OWNER, "svc-*\tadmin@*", "svc-a@ROOT", True),
    "words between": Way(OWNER, "svc-* and admin@*", "svc-a@ROOT", True),
    "slashes": Way(OWNER, "svc-*/admin@*", "svc-a@ROOT", True),
    "a line end that is none": Way(OWNER, "svc-*\\nadmin@*", "svc-a@ROOT", True),
    "braces of a shell": Way(OWNER, "{svc,admin}-*", "svc-a@ROOT", True),
    "a mapping": Way(OWNER, {"svc-*": True}, "svc-a@ROOT", True),
    "a mapping in a list": Way(OWNER, [{"name": "svc-*"}], "svc-a@ROOT", True),
    "a mapping as text": Way(OWNER, "owners: svc-*", "svc-a@ROOT", True),
    "a mapping in YAML": Way(OWNER, "- name: svc-*\n- name: admin@*", "svc-a@ROOT", True),
    "a mapping in JSON": Way(OWNER, '[{"name": "svc-*"}]', "svc-a@ROOT", True),
    "negation": Way(OWNER, ["*", "!alice@*"], "alice@ROOT", True),
    "a template": Way(OWNER, "{{ name }}", "svc-a@ROOT", True),
    "a template in a list": Way(OWNER, ["{% raw %}svc-*"], "svc-a@ROOT", True),
    "a regular expression": Way(OWNER, "^svc-.*$", "svc-a@ROOT", True),
    "a comment": Way(OWNER, "# services\nsvc-*", "svc-a@ROOT", True),
    "a comment after": Way(OWNER, "svc-* # services", "svc-a@ROOT", True),
    "half a list": Way(OWNER, "svc-*\n- admin@*", "admin@ROOT", True),
    "a broken list": Way(OWNER, "['svc-*', admin@*'", "svc-a@ROOT", True),
    "null in a list": Way(OWNER, ["svc-*", None], "svc-a@ROOT", True),
    "a boolean": Way(OWNER, [True], "true@ROOT", True),
    "an environment alone": Way(OWNER, "@ROOT", "svc-a@ROOT", True),
    "no environment": Way(OWNER, ["svc-a@"], "svc-a@ROOT", True),
    "percent signs": Way(OWNER, "%svc%", "svc-a@ROOT", True),
    "a regular expression in slashes": Way(OWNER, ["/svc-.*/"], "svc-a@ROOT", True),
    "a link": Way(OWNER, "mailto:svc-a@corp.example", "svc-a@ROOT", True),
    "nothing": Way(OWNER, "", "svc-a@ROOT", True),
    "a blank": Way(OWNER, ["svc-*", " "], "svc-a@ROOT", True),
    "two commas": Way(OWNER, "svc-*,,admin@*", "svc-a@ROOT", True),
    "an app with a comma": Way(APP, "Crew (EU, US)", "Crew (EU, US)", True),
    "apps with blanks between": Way(APP, "Crew* Fleet*", "Crew 2", True),
    "ids with blanks between": Way(ID, "keep-3 keep-4", "keep-3", True),
}

WAYS = {**READ, **REFUSED}

_NUMBERS = {label: number for number, label in enumerate(WAYS)}


def populate(server: Any) -> Any:
    """Give an emulator two old sessions for each way: one that it protects, and one with other names."""
    for label, way in WAYS.items():
        number = _NUMBERS[label]
        both = {"app_name": f"App {number}", "owner": f"of{number}@NONE", "age": 7200}
        named = {OWNER: {"owner": way.name}, APP: {"app_name": way.name}, ID: {}}[way.option]
        server.add_session(**both, id=other_id(label))
        server.add_session(**{**both, "id": protected_id(label), **named})
    return server


def scope(label: str) -> dict[str, Any]:
    """The options that select these two sessions: by what the way does not protect by."""
    number = _NUMBERS[label]
    wanted = {"owners": [f"of{number}@*"]} if WAYS[label].option == APP else {"apps": [f"App {number}"]}
    return {"kinds": ["webui"], "older_than": "1h", "naive_timezone": "UTC", **wanted}


def protected_id(label: str) -> str:
    """The id of the session that the way protects."""
    return WAYS[label].name if WAYS[label].option == ID else f"live-{_NUMBERS[label]}"


def other_id(label: str) -> str:
    """The id of the session that it does not protect."""
    return f"other-{_NUMBERS[label]}"
