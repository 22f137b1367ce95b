# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version, the changelog, and what says since when it is there, agree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ansible_collections.aimms.cloud.tests.gates import release
from ansible_collections.aimms.cloud.tests.unit.public_interface import (
    RELEASED,
    Part,
    newest_release,
    read_interface,
    recorded,
)

ROOT = Path(__file__).absolute().parents[2]
ADDED = re.compile(r"""(?m)^\s*version_added: *["']?([^"'\n]*?)["']?$""")


def read(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def number(version):
    return tuple(map(int, version.split(".")))


VERSION = read("galaxy.yml")["version"]
RELEASES = read("changelogs/changelog.yaml")["releases"]
FRAGMENTS = sorted((ROOT / "changelogs/fragments").glob("*"))
CODE = [path for name in ("plugins", "roles", "extensions") for path in sorted((ROOT / name).rglob("*"))]
SINCE = [
    (str(path.relative_to(ROOT)), added)
    for path in CODE
    if path.suffix in (".py", ".yml")
    for added in ADDED.findall(path.read_text(encoding="utf-8"))
]


def test_what_is_new_says_since_when():
    assert len(SINCE) >= 10
    assert [entry for entry in SINCE if not re.fullmatch(r"\d+\.\d+\.\d+", entry[1])] == []
    assert {path.stem for path in (ROOT / "plugins/modules").glob("*.py")} <= {
        Path(name).stem for name, _added in SINCE
    }


@pytest.mark.skipif(not RELEASES, reason="nothing is released yet")
def test_the_version_is_the_newest_release_or_one_to_come():
    newest = max(RELEASES, key=number)
    assert newest == VERSION or (number(VERSION) > number(newest) and FRAGMENTS)
    assert f"v{newest}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("\\", "")


@pytest.mark.skipif(not RELEASES, reason="nothing is released yet")
def test_nothing_was_there_before_it_was_released():
    newest = max(map(number, RELEASES))
    assert [entry for entry in SINCE if entry[1] not in RELEASES and number(entry[1]) <= newest] == []


def too_late(parts, records):
    """Parts with a version_added that is later than the first release that has them, with that release.

    A shared option may be older in another plugin. That new parts have a version at all, and a newer one than the last
    release, is seen by ``missing_parts``.
    """
    for part in parts:
        first = min((version for version, keys in records.items() if part.key in keys), key=number, default=None)
        if first and part.added and number(part.added) > number(first):
            yield part.owner, part.name, part.added, first


def test_nothing_says_that_it_came_after_a_release_that_has_it():
    versions = [path.stem for path in (ROOT / RELEASED).glob("*.yml")]
    parts = read_interface(ROOT)
    assert list(too_late(parts, {version: recorded(ROOT, version) for version in versions})) == []


@pytest.mark.parametrize(("added", "late"), [("", False), ("1.0.0", False), ("1.2.0", False), ("1.10.0", True)])
def test_a_version_after_the_first_release_that_has_it_is_noticed(added, late):
    part = Part("module aimms_end", "option", "idle_for", "plugins/modules/aimms_end.py", added)
    records = {"1.9.0": {part.key}, "1.10.0": {part.key}, "1.2.0": {part.key}, "1.1.0": set()}
    assert bool(list(too_late([part], records))) == late


@pytest.mark.skipif(not RELEASES, reason="nothing is released yet")
def test_the_newest_release_is_recorded():
    assert newest_release(ROOT) == max(RELEASES, key=number)


def test_make_release_records_what_the_release_has(tmp_path, monkeypatch):
    """The recorder runs in a copy, by the Python of the tools; the project gets the file."""
    project, copy = tmp_path / "project", tmp_path / "copy"
    for name in ("plugins/modules", "plugins/doc_fragments"):
        shutil.copytree(ROOT / name, copy / name)
    for path in (release.RECORDER, "tests/unit/released/1.0.0.yml"):
        for tree in (project, copy):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)

    def run(_log, *command):
        subprocess.run([sys.executable, *command[1:]], cwd=copy, check=True, timeout=120)

    monkeypatch.setattr(release, "ROOT", project)
    bench = SimpleNamespace(space=SimpleNamespace(collection=copy), run=run)
    release.write_record("1.10.0", bench, log=None)
    assert newest_release(project) == "1.10.0"
    assert recorded(project, "1.10.0") == {part.key for part in read_interface(copy)}


def test_fragments_have_known_sections():
    config = read("changelogs/config.yaml")
    known = {name for name, _title in config["sections"]} | {config["prelude_section_name"], "trivial"}
    for path in FRAGMENTS:
        assert path.suffix == ".yml"
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert entries, path.name
        assert not [name for name in entries if name not in known and not name.startswith("add ")], path.name
