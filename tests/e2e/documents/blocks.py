# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All code blocks of all public pages, and what each of them is.

Pages are found by their place, blocks by their markup, and what a block is by its content. So a new block is tested
without a line here; one that is of no known sort is an error.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
PLACES = ("*.md", "docs/*.md", "docs/*/*.md", "docs/docsite/**/*.rst", "roles/*/README.md", "extensions/**/*.md")
PLUGINS = ("plugins/modules/aimms_*.py", "plugins/lookup/*.py", "plugins/filter/*.py", "extensions/eda/plugins/*/*.py")
PAGES = sorted({path for place in PLACES for path in ROOT.glob(place) if path.name != "CHANGELOG.md"})
_MARKDOWN = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_RST = re.compile(r"^( *)\.\. code-block:: (\w+)\n(?:\1   :caption: (\S+)\n)?\n((?:\1   .*\n|\n)+)", re.MULTILINE)
_NAMED = re.compile(r"# ([\w./-]+\.(?:yml|yaml))\n")
_MAPPINGS = {
    "all": "inventory",
    "groups": "alerts",
    "collections": "requirements",
    "policies": "policies",
    "scrape_configs|rule_files": "prometheus",
    "extra_vars": "injectors",
    "minor_changes": "fragment",
    r"aimms_awx_\w+": "awx",
    r"(stale_session_cleanup|session_retention|session_report|task_retention)_\w+": "variables",
}
COMMANDS = ("bash", "shell", "sh", "console", "")


@dataclass(frozen=True)
class Block:
    """A code block. ``caption`` is the file that it shows: a caption, or a comment in its first line."""

    page: str
    number: int
    language: str
    caption: str
    text: str

    def __str__(self) -> str:
        """For the names of tests."""
        return f"{self.page}#{self.number}"


def _of_page(path: Path) -> Iterator[tuple[str, str, str]]:
    """Language, caption and text of the blocks of a page."""
    text = path.read_text(encoding="utf-8") + "\n"
    pattern = _RST if path.suffix == ".rst" else _MARKDOWN
    for found in pattern.finditer(text):
        language, caption, body = found.groups()[1:] if pattern is _RST else (found[1], "", found[2])
        named = _NAMED.match(textwrap.dedent(body))
        yield language, caption or (named[1] if named else ""), textwrap.dedent(body)


def unmarked(path: Path) -> bool:
    """Whether a page has a block that is only indented, and so would not be found."""
    pattern = _RST if path.suffix == ".rst" else _MARKDOWN
    rest = pattern.sub("", path.read_text(encoding="utf-8"))
    return bool(re.search(r"::\n\n +\S" if pattern is _RST else r"\n\n    \S", rest))


def text_of(path: Path, name: str) -> str:
    """The text that a plugin has under this name, such as EXAMPLES."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return str(ast.literal_eval(node.value))
    raise LookupError(f"{path.name} has no {name}")


def all_blocks() -> list[Block]:
    """The blocks of all pages, plugins and roles."""
    made = []
    for path in PAGES:
        made += [Block(str(path.relative_to(ROOT)), number, *one) for number, one in enumerate(_of_page(path), 1)]
    for path in sorted(path for place in PLUGINS for path in ROOT.glob(place)):
        if not (ROOT / "plugins/action" / path.name).exists():  # the steps of the roles are not for others
            made.append(Block(str(path.relative_to(ROOT)), 1, "yaml", "", text_of(path, "EXAMPLES")))
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["examples"]
        made.append(Block(str(path.relative_to(ROOT)), 1, "yaml", "", told))
    return made


def sort_of(block: Block) -> str:
    """What a block is: ``commands``, ``settings``, or, of YAML, what is in it, such as ``plays`` or ``alerts``.

    :raises LookupError: of a block that is of no known sort, and so is run by no test.
    """
    if block.language in COMMANDS:
        return "commands"
    if block.language == "ini":
        return "settings" if "[defaults]" in block.text else "units"
    content = yaml.safe_load(block.text) if block.language == "yaml" else None
    sorts = {_sort_of_item(one) for one in content} if isinstance(content, list) else {_sort_of_mapping(content)}
    if "" in sorts or len(sorts) != 1:
        raise LookupError(f"{block}: no test runs a block of this sort:\n{block.text}")
    return sorts.pop()


def _sort_of_item(item: Any) -> str:
    """Of an item of a list: a play, a rulebook, a task, a rule of Prometheus or one of the policies."""
    if "hosts" in item:
        return "rulebooks" if "sources" in item else "plays"
    if "alert" in item:
        return "alerts"
    if "name" in item and any("." in key for key in item):
        return "tasks"
    return "policies" if {"name"} < item.keys() and {"apps", "kinds", "owners"} & item.keys() else ""


def _sort_of_mapping(content: Any) -> str:
    """Of a mapping, by its first key."""
    first = str(next(iter(content), "")) if isinstance(content, dict) else ""
    return next((sort for pattern, sort in _MAPPINGS.items() if re.fullmatch(pattern, first)), "")


BLOCKS = all_blocks()


def of_sort(*sorts: str) -> list[Block]:
    """The blocks of these sorts."""
    return [block for block in BLOCKS if sort_of(block) in sorts]
