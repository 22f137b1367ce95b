# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which test files are about which plugin, role or playbook, and which names they use, read from their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Optional

TESTS = ("tests/unit", "tests/e2e")
_NOT_READ = {"public_interface.py", "uses_in_tests.py", "missing_parts.py", "test_options_are_complete.py"}
_HELPED_BY_HELPERS = 3
_WORD = re.compile(r"[A-Za-z_]\w*")
_GIVEN = re.compile(r"([A-Za-z_]\w*)['\"]?\s*[:=]")
Place = tuple[str, str]
"""The stem of a file, and the name of something that it defines."""


@dataclass
class Source:
    """A test file, or a function, class or constant in it.

    ``given``: names that get a value there: keywords, keys, and ``name:`` or ``name=`` in texts. ``words``: all words
    in its values and texts, without docstrings and comments. ``uses``: what it takes from other test files.
    ``about``: the owners (as in ``public_interface.Part``) that it names, itself or through what it uses.
    """

    given: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    uses: set[Place] = field(default_factory=set)
    about: set[str] = field(default_factory=set)

    def add(self, other: Source) -> None:
        """Take over what a part of this one has."""
        for name in ("given", "words", "uses", "about"):
            getattr(self, name).update(getattr(other, name))


def read_tests(root: Path, handles: Mapping[str, str]) -> dict[str, Source]:
    """The Python files of the tests of the collection in ``root``, by path.

    :param handles: what a test names when it is about something: a plugin, or the function that a module calls; and
        the owner that it stands for.
    """
    files: dict[str, Source] = {}
    parts: dict[Place, Source] = {}
    for path in sorted(path for folder in TESTS for path in (root / folder).rglob("*.py")):
        if path.name in _NOT_READ:
            continue
        whole = files.setdefault(str(path.relative_to(root)), Source())
        nodes = {node: list(ast.walk(node)) for node in ast.parse(path.read_text(encoding="utf-8")).body}
        imported = dict(_imported(chain(*nodes.values())))
        for node, inner in nodes.items():
            part = _source(inner, imported, path.stem, handles)
            parts.update({(path.stem, name): part for name in _defined(node)})
            whole.add(part)
    for _step in range(_HELPED_BY_HELPERS):
        for source in (*parts.values(), *files.values()):
            for place in source.uses & parts.keys():
                source.about |= parts[place].about
    return files


def _imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, Place]]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield name.asname or name.name, ((node.module or "").rpartition(".")[2], name.name)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _source(nodes: list[ast.AST], imported: Mapping[str, Place], stem: str, handles: Mapping[str, str]) -> Source:
    """What one statement of a file has, given with all in it: an argument may be a fixture of a conftest.py."""
    made = Source()
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg:
            made.given.add(node.arg)
        elif isinstance(node, ast.Attribute):
            made.words.add(node.attr)
        elif isinstance(node, ast.Name):
            made.uses.add(imported.get(node.id, (stem, node.id)))
        elif isinstance(node, ast.arg):
            made.uses.add(("conftest", node.arg))
        elif isinstance(node, ast.Dict):
            made.given.update(_texts(node.keys))
        elif isinstance(node, ast.Subscript):
            made.given.update(_texts([node.slice]))
    documents = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    named = {name for name, _place in _imported(nodes)} | {name for _file, name in made.uses}
    for text in _texts(node for node in nodes if id(node) not in documents):
        words = _WORD.findall(text)
        named.update(words)
        made.given.update(_GIVEN.findall(text))
        made.words.update([text, *words])
    made.words |= made.given
    made.about = {handles[name] for name in named & handles.keys()}
    return made


def _texts(nodes: Iterable[Optional[ast.AST]]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
