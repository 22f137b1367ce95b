# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that share what Ansible parses and packs see every change of a module and of what it imports."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from plays import Ansible
from prefork import _parse_once

MODULE = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.some.where.plugins.module_utils.word import WORD
AnsibleModule({}).exit_json(word=WORD, own="OWN")
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The plugins of a collection with one module, ``some.where.say``."""
    made = tmp_path / "ansible_collections/some/where/plugins"
    for name, text in {"modules/say.py": MODULE, "module_utils/word.py": "WORD = 'first'\n"}.items():
        (made / name).parent.mkdir(parents=True)
        (made / name).write_text(text)
    return made


def test_a_changed_module_is_packed_anew(plugins, tmp_path):
    ansible = Ansible(tmp_path, str(tmp_path))

    def said() -> tuple[str, str]:
        result = ansible.play({"name": "say", "some.where.say": {}})["say"]
        return result["word"], result["own"]

    seen = [said(), said()]
    (plugins / "module_utils/word.py").write_text("WORD = 'second'\n")
    seen.append(said())
    (plugins / "modules/say.py").write_text(MODULE.replace("OWN", "NEW"))
    seen.append(said())
    assert seen == [("first", "OWN"), ("first", "OWN"), ("second", "OWN"), ("second", "NEW")]


def test_what_was_parsed_once_is_given_to_each_as_new():
    class Parser:
        asked: list[str] = []

        def parse(self, text: str) -> list[int]:
            self.asked.append(text)
            return list(yaml.safe_load(text))

    _parse_once(Parser, "parse")
    one, again, other = (Parser().parse(text) for text in ("[1]", "[1]", "[2]"))
    one.append(3)
    assert (again, other, Parser().parse("[1]"), Parser.asked) == ([1], [2], [1], ["[1]", "[2]"])
