# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One word has one meaning in all that users read, and sentences that had to be read twice do not come back.

Read are documents, option texts, messages, pages and answers of surveys; of Python files only the texts, not names and
comments.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]

INSTEAD = {
    r"clean-ups?": "cleanup",
    r"breakers?": "limit",
    r"misspelt": "misspelled",
    r"trips": "is exceeded",
    r"as one that is": "perhaps because it is",
    r"so many (newest|lines|tasks|sessions|requests)": "this many",
    r"less long ago": "more recently",
    r"came to nothing": "has no result",
    r"nobody watches": "runs unattended",
    r"no administrator": "not an administrator",
    r"(lives|live) on": "goes on",
    r"an age in doubt|age is in doubt": "the age is not certain",
    r"says why beside it": "has the reason in a comment beside it",
    r"keeps its session": "a session whose log was not saved is not ended",
    r"(the )?same as the next one": "see the next message",
    r"whatever else is said": "whatever the other variables say",
    r"on its (ground|word)": "because of it",
    r"what there is to say": "an explanation",
}
"""Words and riddles, and what stands there now."""

_WORDS = {
    re.compile(rf"(?<![\w./-])(?:{word})(?![\w/-])".replace(" ", r"\s+"), re.IGNORECASE): instead
    for word, instead in INSTEAD.items()
}
_PLACES = (
    "README.md",
    "docs/**/*.md",
    "docs/**/*.rst",
    "docs/examples/*.yml",
    "roles/*/README.md",
    "roles/*/meta/*.yml",
    "roles/*/tasks/*.yml",
    "playbooks/**/*.yml",
    "extensions/**/*.md",
    "extensions/**/*.yml",
    "extensions/**/*.py",
    "plugins/**/*.py",
    "plugins/**/*.j2",
)
PAGES = sorted({path for place in _PLACES for path in ROOT.glob(place)})


def texts(path):
    """What users read of a file, with its number of lines."""
    whole = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [(1, whole)]
    tree = ast.parse(whole)
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    told = [node for node in ast.walk(tree) if isinstance(node, owners) and ast.get_docstring(node, clean=False)]
    inner = {id(node.body[0].value) for node in told}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner
    ]


def found(path):
    """Each place of a word that has another one instead."""
    for first, text in texts(path):
        for word, instead in _WORDS.items():
            for match in word.finditer(text):
                line = first + text.count("\n", 0, match.start())
                yield f"{path.relative_to(ROOT)}:{line}: '{match.group()}': write '{instead}'"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_have_one_meaning(path):
    assert list(found(path)) == []


def test_all_that_users_read_is_looked_at():
    assert {path.suffix for path in PAGES} >= {".md", ".rst", ".yml", ".py", ".j2"}
    assert len(PAGES) > 200
