# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gates keep of the zip files that Ansible sends is what Ansible would gather anew."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

CACHE = Path(__file__).absolute().parents[2] / "tests/gates/module_cache/gathered_files.py"
OWN = "ansible_collections.aimms.cloud.plugins.modules.aimms_session_info"


@pytest.fixture
def part(tmp_path, monkeypatch):
    """A file of module_utils of a collection of its own."""
    package = ModuleType("ansible_collections.aimms.cloud")
    package.__path__ = [str(tmp_path / "cloud")]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    part = tmp_path / "cloud/plugins/module_utils/http/client.py"
    part.parent.mkdir(parents=True)
    part.write_text("first")
    return part


@pytest.fixture
def gathered(part, tmp_path):
    """Runs the keeping gatherer: (what it returned, the files in the zip file, how often it had to gather)."""
    spec = spec_from_file_location("gathered_files", CACHE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calls = []

    def gather(name, full_name, source, target, *others):
        calls.append(full_name)
        target.writestr("client.py", part.read_text() if part.exists() else "")
        return {"made of": source}

    def run(full_name=OWN, source=b"import client"):
        zipped = BytesIO()
        with ZipFile(zipped, "w") as target:
            made = module._keeping(gather, tmp_path)("aimms_session_info", full_name, source, target, "a date")
        with ZipFile(zipped) as found:
            return made, {name: found.read(name).decode() for name in found.namelist()}, len(calls)

    return run


def test_the_second_play_gets_the_same_files_without_gathering_them(gathered):
    assert gathered() == ({"made of": b"import client"}, {"client.py": "first"}, 1)
    assert gathered() == ({"made of": b"import client"}, {"client.py": "first"}, 1)


def test_a_change_of_the_module_or_its_parts_gathers_anew(gathered, part):
    gathered()
    assert gathered(source=b"import other")[2] == 2
    part.write_text("other")  # of the same size
    os.utime(part, ns=(1, 1))
    assert gathered()[1:] == ({"client.py": "other"}, 3)
    (part.parent / "more.py").touch()
    assert gathered()[2] == 4


def test_a_collection_need_not_have_module_utils(gathered, part):
    part.parents[1].rename(part.parents[2] / "elsewhere")
    assert [gathered(source=b"import nothing")[2] for _time in (1, 2)] == [1, 1]


def test_a_module_that_is_in_no_collection_is_gathered_each_time(gathered):
    for times in (1, 2):
        assert gathered("ansible.legacy.noop")[2] == times
