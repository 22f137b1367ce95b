# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new plugin, role, playbook, option, choice or return value still lacks: a version, a fragment, a test.

New is what the record of the newest release (``released/``) does not have. Each message begins with the file to edit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.aimms.cloud.tests.unit.public_interface import (
    PARTS,
    Part,
    newest_release,
    number,
    read_interface,
    recorded,
)
from ansible_collections.aimms.cloud.tests.unit.uses_in_tests import Source, read_tests

FRAGMENTS = "changelogs/fragments"
LISTED_BY_VERSION = ("module", "lookup", "filter")
"""The changelog lists new ones by itself, from their version_added."""
WITHOUT_VERSION = ("choice", "playbook")
"""These have no place for a version_added."""
BREAKING = ("breaking_changes", "removed_features")
_RUN = re.compile(r"plugins\.module_utils\.(?!module$|options$)(\w+(?:\.\w+)*)$")


def missing(root: Path) -> list[str]:
    """What the collection in ``root`` lacks, one message for each file to edit; none when all is there."""
    parts = read_interface(root)
    return list(
        dict.fromkeys([*without_version(root, parts), *without_fragment(root, parts), *without_test(root, parts)])
    )


def without_version(root: Path, parts: list[Part]) -> Iterator[str]:
    """New parts whose ``version_added`` is none, or not newer than the newest release."""
    last = newest_release(root)
    old = recorded(root, last)
    for part in _new(parts, old):
        newer = re.fullmatch(r"\d+\.\d+\.\d+", part.added) and number(part.added) > number(last)
        if part.kind not in WITHOUT_VERSION and not newer:
            written = f"version_added {part.added}" if part.added else "no version_added"
            yield (
                f"{part.file}: {_named(part)} is not in release {last} and has {written}: "
                "write the version of the next release there"
            )


def without_fragment(root: Path, parts: list[Part]) -> Iterator[str]:
    """New parts that no changelog fragment names in backquotes, and parts that are gone without a word."""
    last = newest_release(root)
    old = recorded(root, last)
    sections = _fragments(root)
    texts = [str(entry) for name, entries in sections if name != "trivial" for entry in entries]
    for part in _new(parts, old):
        if part.kind not in LISTED_BY_VERSION and not any(_names(text, part) for text in texts):
            yield (
                f"{FRAGMENTS}/: no fragment names ``{part.name}``, {_named(part)}, which is not in release {last}: "
                "add a file there, with a line below minor_changes"
            )
    broken = [str(entry) for name, entries in sections if name in BREAKING for entry in entries]
    for owner, kind, name in sorted(old - {part.key for part in parts}):
        if not any(f"`{name}`" in text for text in broken):
            yield (
                f"{FRAGMENTS}/: ``{name}``, {kind} of {owner} in release {last}, is gone: put it back, or add a file "
                f"there, with a line below one of {' and '.join(BREAKING)}"
            )


def without_test(root: Path, parts: list[Part]) -> Iterator[str]:
    """Parts, new or not, that no test uses by name.

    What several plugins share needs a test of one of them. A new part with a name that others have had before shares it
    only with those that are documented in the same file: tests of the others say nothing about it.
    """
    old = recorded(root, newest_release(root))
    known = {(kind, name) for _owner, kind, name in old}
    files = read_tests(root, _handles(root, parts))
    used = [part for part in parts if _is_used(part, files)]
    tested = {(part.kind, part.name, file) for part in used for file in ("", part.file)}
    for part in parts:
        positional = part.name.startswith("_")  # such as the input of a filter, which is given without its name
        reused = part.key not in old and part.key[1:] in known
        if not positional and (part.kind, part.name, part.file if reused else "") not in tested:
            yield f"{place_of_test(root, part)}: no test uses {_named(part)}: add one there, or in another test of it"


def _new(parts: list[Part], old: set[tuple[str, str, str]]) -> Iterator[Part]:
    """New parts, without those that came inside another new one: in a new plugin, option or return value."""
    owners = {owner for owner, _kind, _name in old}
    for part in parts:
        if part.key in old or (part.kind in PARTS and part.owner not in owners):
            continue
        around = re.split(r"[.=](?=[^.=]*$)", part.name)[0]
        kind = "option" if part.kind == "choice" else part.kind
        if around == part.name or (part.owner, kind, around) in old:
            yield part


def _named(part: Part) -> str:
    return f"the {part.kind} {part.name} of {part.owner}" if part.kind in PARTS else f"the {part.owner}"


def _fragments(root: Path) -> list[tuple[str, list[Any]]]:
    """The sections of all fragments, with their entries."""
    contents = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (root / FRAGMENTS).glob("*.yml"))
    return [
        (name, entries if isinstance(entries, list) else [entries])
        for content in contents
        for name, entries in (content or {}).items()
    ]


def _names(text: str, part: Part) -> bool:
    """Whether a text of the changelog names the part: a role or playbook anyhow, all else as code."""
    name, last = re.escape(part.name), re.escape(part.name.rpartition(".")[2])
    pattern = rf"`(?:{name}|{last})(?!\w)" if part.kind in PARTS else rf"(?<!\w){name}(?!\w)"
    return re.search(pattern, text) is not None


def _handles(root: Path, parts: list[Part]) -> dict[str, str]:
    """The names by which tests call plugins, roles and playbooks: their own, and the functions that modules call."""
    handles = {}
    for part in parts:
        if part.kind not in PARTS:
            handles[part.name.partition(":")[0]] = part.owner
            handles.update(dict.fromkeys(_run_function(root, part)[1:], part.owner))
    return handles


def _run_function(root: Path, part: Part) -> tuple[str, ...]:
    """The file of ``plugins/module_utils`` that a module calls, without its ending, and the names taken from there."""
    body = ast.parse((root / part.file).read_text(encoding="utf-8")).body if part.owner.startswith("module ") else ()
    for node in body:
        found = _RUN.search(node.module or "") if isinstance(node, ast.ImportFrom) else None
        if found and isinstance(node, ast.ImportFrom):
            return found[1].replace(".", "/"), *(name.name for name in node.names)
    return ()


def _is_used(part: Part, files: dict[str, Source]) -> bool:
    mine = [source for source in files.values() if part.owner in source.about]
    if part.kind not in PARTS:
        return bool(mine)
    last = re.split(r"[.=]", part.name)[-1]
    if part.kind != "option":
        return any(last in source.words for source in mine)
    short = last[len(part.owner.partition(" ")[2]) + 1 :]  # tests of roles leave the role's name away
    wanted = {last, short} if part.owner.startswith("role ") else {last}
    return any(wanted & source.given for source in mine)


def place_of_test(root: Path, part: Part) -> str:
    """The file or folder, from the root, where one would look for the test of a part."""
    kind, _space, name = part.owner.rpartition(" ")
    if kind == "module":
        owner = Part(part.owner, "module", name, f"plugins/modules/{name}.py")
        folder, _slash, stem = (_run_function(root, owner) or (name,))[0].rpartition("/")
        return f"tests/unit/plugins/module_utils/{folder}/test_{stem}.py".replace("//", "/")
    folders = {"event source": "tests/e2e/eda/", "role": "tests/e2e/roles/", "playbook": "tests/e2e/roles/"}
    return folders.get(kind) or f"tests/unit/plugins/{kind}/"
