# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version comes from the files of the collection, installed or checked out, and is left out where none tells it."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.version import ROOT, collection_version

MANIFEST = json.dumps({"collection_info": {"version": "2.3.4"}})


def test_the_version_of_this_collection_is_that_of_its_file():
    assert collection_version() == yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"galaxy.yml": "name: cloud\nversion: 1.2.3\n"}, "1.2.3"),
        ({"galaxy.yml": 'version: "1.2.3-dev"\n'}, "1.2.3-dev"),
        ({"MANIFEST.json": MANIFEST}, "2.3.4"),
        ({"MANIFEST.json": MANIFEST, "galaxy.yml": "version: 1.2.3\n"}, "2.3.4"),
        ({}, None),
        ({"galaxy.yml": "name: cloud\n"}, None),
        ({"MANIFEST.json": "{"}, None),
        ({"MANIFEST.json": "[]"}, None),
        ({"MANIFEST.json": "{}"}, None),
    ],
)
def test_what_is_installed_says_which_it_is(files, version, tmp_path):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert collection_version(tmp_path) == version
