# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/CONTRIBUTING.md names files and tests that exist, and every file and folder of module_utils."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
PAGE = (ROOT / "docs/CONTRIBUTING.md").read_text(encoding="utf-8")
CODE, TESTS = ROOT / "plugins/module_utils", ROOT / "tests/unit/plugins/module_utils"
_PATH = re.compile(r"`([\w./]+(?:\.(?:py|yml|txt|md)|/))`")
_MADE_UP = re.compile(r"\b(?:NAME|ANYTHING|X|Y)\b|^\.build/|^meta/arg|^defaults/|^tasks/$")


def cells(heading):
    """The rows of the table with this heading, as lists of cells."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_map_has_every_file_and_folder_of_module_utils():
    named = re.findall(r"`([a-z_]+)(?:\.py|/)`", " ".join(row[0] for row in cells("in `plugins/module_utils`")))
    assert sorted(named) == sorted(path.stem for path in CODE.iterdir() if not path.name.startswith("__"))
    assert len(cells("in `plugins/module_utils`")) + len(cells("in `tests`")) == 12


@pytest.mark.parametrize("row", cells("where"), ids=lambda row: row[0])
def test_what_one_looks_for_is_where_the_page_says(row):
    _what, code, test = row
    assert [path for path in _PATH.findall(code) if not (CODE / path).is_file()] == []
    assert [path for path in _PATH.findall(test) if not (TESTS / path).is_file()] == []
    assert _PATH.findall(code)
    assert _PATH.findall(test)


def test_paths_in_the_text_exist():
    paths = [path for path in _PATH.findall(PAGE[PAGE.index("## An option") :]) if not _MADE_UP.search(path)]
    places = (ROOT, CODE, ROOT / "extensions/awx")
    assert len(paths) > 10
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []


def test_the_test_that_is_run_first_exists():
    (path, name) = re.search(r"\.venv/bin/pytest (\S+)::(\w+)", PAGE).groups()
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
