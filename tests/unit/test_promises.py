# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each promise of docs/promises.md has a test that exists and says so; what tests say they prove stands on the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PAGE = ROOT / "docs/promises.md"
PROMISES = range(1, 41)
_ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<promise>.+) \| `(?P<test>[^`]+)` \|$", re.MULTILINE)
_PROVED = re.compile(r"Proves rules? ([0-9, and\u2013-]+)", re.DOTALL)

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documents are not part of this copy")


def rows():
    """Number and test of each promise on the page."""
    return {int(row["number"]): row["test"] for row in _ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def numbers(text):
    """The numbers in `1, 3-5 and 7`."""
    for first, last in re.findall(r"(\d+)(?:\s*[\u2013-]\s*(\d+))?", text):
        yield from range(int(first), int(last or first) + 1)


def proved_by(path):
    """The promises that a test file, or a campaign, says it proves."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    documents = [ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "" for file in files]
    return {number for text in documents for found in _PROVED.findall(text) for number in numbers(found)}


def test_every_promise_has_a_row():
    assert list(rows()) == list(PROMISES)


@pytest.mark.parametrize("number", PROMISES)
def test_the_test_of_a_promise_exists_and_says_so(number):
    path = ROOT / rows()[number]
    assert path.exists()
    assert number in proved_by(path)


def test_no_test_proves_what_nobody_promised():
    proved = {number for path in (ROOT / "tests").rglob("test_*.py") for number in proved_by(path)}
    assert proved <= set(PROMISES)
    assert len(proved) > 25
