# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of names and globs, as a person, a survey, a file, ``-e`` or a template gives them. Pure.

A guard must not match nobody because of how it is written: what can be read in two ways is refused.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NoReturn, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown

_DEEPEST = 20
_BLANK = r"[\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0]+"
_OUTER_BLANKS = re.compile(rf"\A{_BLANK}|{_BLANK}\Z")
_stripped = partial(_OUTER_BLANKS.sub, "")
_JSON = partial(json.loads, parse_float=str, parse_int=str, parse_constant=str)  # 1.10 is not 1.1
_PART = re.compile(r"(?:\s|[,/:&+]|\\[nrt])+")  # what people write between names, beside commas and lines
_FLOW_ITEM = re.compile(r"""\s*('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s,\[\]{}'"][^,\[\]{}"]*?)\s*(?:,|\Z)""", re.DOTALL)
_NEVER_IN_A_NAME = (  # what is looked for, and why it is refused
    (re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]"), "it has a control character"),
    (re.compile(r"\A['\"`\u00b4\u00ab\u00bb\u2018-\u201f\u2039\u203a]"), "it is in quotes"),
    (re.compile(r"['\"`\u00b4\u00ab\u00bb\u2018-\u201f\u2039\u203a]\Z"), "it is in quotes"),
    (re.compile(r"[{}]"), "braces are of a template or a mapping"),
    (re.compile(r"[;|\u060c\u3001\uff0c\uff1b]"), "only commas and line ends separate names"),
    (re.compile(r"\A[!~]"), "there is no negation"),
    (re.compile(r"\A(?:\^|\.\*)"), "it is a regular expression, not a shell glob"),
    (re.compile(r"\A#|\s#\s"), "it has a comment"),
    (re.compile(r"\A[-\u2022]\s|\A[-\u2022]\Z"), "it is a part of a list in YAML"),
    (re.compile(r"\A%|%\Z"), "'*' stands for any characters, not '%'"),
    (re.compile(r"\A/.*/\Z"), "it is a regular expression, not a shell glob"),
    (re.compile(r"\Amailto:", re.IGNORECASE), "it is an address of a page, not a name"),
)
_HALF_AN_OWNER = (re.compile(r"\A@|@\Z"), "a part of user@ENVIRONMENT is missing: '*' stands for any")
_MAPPING = (re.compile(r":(?:\s|\Z)"), "it is a mapping")
_ID_GLOB = re.compile(r"\A[A-Za-z0-9._\-*?\[\]!]+\Z", re.ASCII)


def names_from(value: object, option: str) -> Optional[tuple[str, ...]]:
    """The names in ``value``, in order, without outer blanks; None if it is None. Its own result is read as itself.

    :param value: a list, also a nested one, text separated by commas or lines, a list written as JSON, YAML or Python
        text, or a whole number.
    :param option: the option's name, also with the prefix of a role, for messages. By it is known what may be empty
        (``protect_…``), and what may have brackets or an ``@`` (``…apps``, ``…owners``).
    :raises OptionError: for an empty value, null or a boolean in a list, and for what cannot be a name.
    """
    if value is None:
        return None
    names = tuple(_names(value, option, _DEEPEST))
    if not names and "protect_" not in option:
        refuse_empty(option)
    return names


def _names(value: object, option: str, depth: int) -> Iterator[str]:
    """The names in a value. A text is an item of a list unless ``depth`` is still ``_DEEPEST``."""
    if depth == 0:
        _refuse(str(value), option, "it is nested too deeply")
    if isinstance(value, (list, tuple, set, frozenset, Iterator)):
        for item in value:
            yield from _names(item, option, depth - 1)
    elif isinstance(value, str):
        yield from _names_in_text(value, option, depth)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif value is None:
        refuse_empty(option)
    elif isinstance(value, float):
        _refuse(str(value), option, "it may be another text that YAML read as a number, as 1.10: put it in quotes")
    else:
        _refuse(str(value), option, "it is neither a text nor a list")


def _names_in_text(text: str, option: str, depth: int) -> Iterator[str]:
    text = _stripped(text)
    written = _written_list(text, option)
    if written is not None:
        yield from _names(written, option, depth - 1)
        return
    is_item = depth < _DEEPEST
    parts = [text] if is_item else text.split(",")
    for part in parts[:-1] if len(parts) > 1 and not parts[-1] else parts:
        lines = list(filter(None, map(_stripped, part.splitlines())))
        if not lines:
            refuse_empty(option)
        for line in lines:
            yield _checked(line, option, is_item=is_item, is_cut=len(parts) > 1)


def _checked(line: str, option: str, *, is_item: bool, is_cut: bool) -> str:
    """The name, unless it cannot be one, or may be several: ``[PROD]``, or ``a*, b*`` as an item of a list.

    A protection that may be several names is taken: ``selection.protected`` compares all of them.

    :param is_item: it comes from a list, where commas separate nothing. :param is_cut: from a text cut at commas.
    """
    protects = option.endswith(("protect_apps", "protect_owners"))
    if line[0] == "[" and line[-1] == "]" and not set("[]") & set(line[1:-1]) and not (is_item or protects):
        _refuse(line, option, "it may be a list, or a name in brackets")
    for name in (line, *(map(_stripped, line.split(",")) if protects else ())):
        _check(name, option, is_item=is_item, is_cut=is_cut)
        if not (protects and "," in name):
            _refuse_several(name, option)
    return line


def _written_list(text: str, option: str) -> Optional[Sequence[object]]:
    """The items of a list that is written as JSON, YAML or Python text; None if the text is none."""
    lines = [line for line in map(_stripped, text.splitlines()) if line and line[0] != "#"]
    lines = lines[1:] if lines[:1] == ["---"] else lines
    if lines and all(line[:1] == "-" and not line[1:2].strip() for line in lines):
        return [_scalar(line[1:].strip(), option) for line in lines]
    if not (text.startswith("[") and text.endswith("]")) and not (text.startswith("(") and text.endswith(")")):
        return None
    for read in (_JSON, ast.literal_eval):
        try:
            value: Any = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, (list, tuple)):
            return value
        if isinstance(value, str):
            _refuse(text, option, "it is in quotes")
    return _flow_items(text, option) if text.startswith("[") else None


def _flow_items(text: str, option: str) -> Optional[Sequence[object]]:
    """The items of a list in YAML's short form, ``[a, 'b']``; None for what may be a name, as ``[PROD]``."""
    items, place, inner = [], 0, text[1:-1].strip()
    if not set("[]") & set(inner):
        while place < len(inner):
            found = _FLOW_ITEM.match(inner, place)
            if not found:
                _refuse(text, option, "this list cannot be read")
            items.append(found[1])
            place = found.end()
        with_brackets = option.endswith(("apps", "app_versions", "owners"))
        if len(items) == 1 and with_brackets and not set("*@'\"") & set(inner):
            return None
        return [_scalar(item, option) for item in items]
    is_list = "," in inner and not re.match(r"[^\[\]]*\]", inner)  # not the end of one name's brackets: [a], b [c]
    if is_list or set("'\"") & set(inner) or inner.startswith("["):
        _refuse(text, option, "this list cannot be read")
    return None


def _scalar(text: str, option: str) -> Optional[str]:
    """The value of an item in YAML."""
    if text in ("", "~", "null"):
        return None
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            _refuse(text, option, "it is in quotes")
    _refuse_if(text, option, _MAPPING)
    return text


def _check(name: str, option: str, *, is_item: bool, is_cut: bool) -> None:
    """Refuse what cannot be a name. The parameters are those of ``_checked``."""
    _refuse_if(name, option, *_NEVER_IN_A_NAME, *(() if is_item else (_MAPPING,)))
    if option.endswith("owners"):
        _refuse_if(name, option, _HALF_AN_OWNER)
    if is_cut and any(name.count(pair[0]) != name.count(pair[1]) for pair in ("()", "[]")):
        _refuse(name, option, "a name with a comma in it was cut")
    if option.endswith("protect_session_ids") and not _ID_GLOB.match(name):
        _refuse(name, option, "an id has only letters, digits, '.', '_' and '-'")


def _refuse_several(name: str, option: str) -> None:
    """Refuse what may be several names with blanks between them, as ``svc-* admin@*``; ``Planner Two*`` is one."""
    parts = list(filter(None, _PART.split(name)))
    ends = zip(parts, parts[1:])
    several = any((one[-1] == "*" and len(one) > 1) or (two[0] == "*" and len(two) > 1) for one, two in ends)
    several = several or sum("@" in part for part in parts) > 1
    if option.endswith("owners"):
        user, at, _environment = name.rpartition("@")
        blank = re.search(r"\s|\\[nrt]", user if at else name)
        several = several or bool(blank and (not at or set("*?[") & set(user)))
    if several or re.search(r"\\[nrt]\Z", name):
        _refuse(name, option, "it may be several names")


def _refuse_if(name: str, option: str, *forbidden: tuple[re.Pattern[str], str]) -> None:
    for pattern, why in forbidden:
        if pattern.search(name):
            _refuse(name, option, why)


def _refuse(item: str, option: str, why: str) -> NoReturn:
    raise OptionError(
        f"{option}: '{shown(item)}' cannot be a name: {why}.",
        "Give a list of names or shell globs, or text with commas or line ends between them. "
        "In a name, '?' stands for any character.",
    )


def refuse_empty(option: str) -> NoReturn:
    """:raises OptionError: in any case."""
    raise OptionError(
        f"{option}: an empty filter is refused; it never means 'all'.",
        "Leave the option out (default(omit)) where nothing is to be filtered.",
    )
