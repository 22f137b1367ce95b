# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of the repository is short, and what its pages link to is there, in the repository and in the package."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).absolute().parents[2]
MOST = 20
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def listed(*options):
    """The files that git names in this repository."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", *options]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return [name for name in made.stdout.split("\0") if name]


def test_the_top_level_has_at_most_twenty_entries():
    """The copy in which ansible-test runs tracks no file: there every file counts that is not ignored."""
    tracked = listed() or listed("--others", "--exclude-standard")
    if not tracked:
        pytest.skip("not a git repository: which files belong to the project is not known")
    entries = {name.partition("/")[0] for name in tracked}
    assert len(entries) <= MOST, sorted(entries)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_the_package_has_too(page):
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / link).resolve()
        assert path.exists(), link
        parts = path.relative_to(ROOT.resolve()).parts
        assert not [pattern for pattern in ignored if any(fnmatch(part, pattern) for part in parts)], link


def test_what_an_execution_environment_installs_is_where_its_metadata_says():
    dependencies = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert [name for name in dependencies.values() if not (ROOT / name).is_file()] == []
