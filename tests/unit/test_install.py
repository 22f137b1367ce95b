# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection is installed in the same way wherever it is told, and never from where it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).absolute().parents[2]
SOURCE = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"] + ".git"
PLACES = ("README.md", "docs/*.md", "docs/examples/*", "docs/docsite/**/*.rst", "roles/*/README.md", "extensions/**/*")
FILES = sorted({path for place in PLACES for path in ROOT.glob(place) if path.is_file()})
WAYS = {f"git+{SOURCE}", "./aimms-cloud-*.tar.gz", "-r requirements.yml"}
_INSTALL = re.compile(r"ansible-galaxy collection install ((?:-(?!r)\S+ )*)(-r \S+|\S+)")
OTHERS = re.compile(r"community\.|awx\.|ansible\.")


def told(path):
    """The sources that a file names, for this collection."""
    text = path.read_text(encoding="utf-8")
    return [source.strip("`") for _options, source in _INSTALL.findall(text) if not OTHERS.match(source)]


@pytest.mark.parametrize("path", [path for path in FILES if told(path)], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_installs_it_from_where_it_is(path):
    assert set(told(path)) <= WAYS


def test_all_ways_are_told_in_the_first_guide():
    assert set(told(ROOT / "docs/docsite/rst/guide_start.rst")) == WAYS


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "requirements.yml"], ids=str)
def test_requirements_name_the_same_repository(path):
    (required,) = yaml.safe_load(path.read_text(encoding="utf-8"))["collections"]
    assert (required["name"], required["type"]) == (SOURCE, "git")
