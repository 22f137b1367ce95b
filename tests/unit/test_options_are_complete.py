# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing new without a version, a changelog fragment and a test; each omission is noticed, with the file to edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.tests.unit.missing_parts import (
    missing,
    place_of_test,
    without_fragment,
    without_test,
    without_version,
)
from ansible_collections.aimms.cloud.tests.unit.public_interface import (
    RELEASED,
    newest_release,
    read_interface,
    record,
    recorded,
)

ROOT = Path(__file__).absolute().parents[2]
MODULE, OTHER = "plugins/modules/aimms_end.py", "plugins/modules/aimms_delete.py"
SHARED, ROLE = "plugins/doc_fragments/selection.py", "roles/cleanup/meta/argument_specs.yml"
TEST = "tests/unit/plugins/module_utils/sessions/test_end.py"
COLLECTION = {
    MODULE: '''
DOCUMENTATION = r"""
module: aimms_end
version_added: 1.0.0
extends_documentation_fragment:
  - aimms.cloud.selection
options:
  max_active:
    type: int
  mode:
    type: str
    choices: [never, solve]
"""
RETURN = r"""
sessions:
  contains:
    id:
      type: str
"""
from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.end import end_all
''',
    OTHER: '''
DOCUMENTATION = r"""
module: aimms_delete
version_added: 1.0.0
extends_documentation_fragment: [aimms.cloud.selection]
"""
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete_all
''',
    SHARED: 'class ModuleDocFragment:\n    DOCUMENTATION = r"""\noptions:\n  older_than:\n    type: str\n"""\n',
    ROLE: "argument_specs:\n  main:\n    version_added: 1.0.0\n    options:\n      cleanup_apply: {type: bool}\n",
    "playbooks/clean_up.yml": "",
    TEST: "",
    "tests/e2e/ending.py": "def end(**options):\n    return {'aimms.cloud.aimms_end': options}\n",
    "tests/e2e/conftest.py": "from ending import end\n\n\ndef ended():\n    return end\n",
}
"""Two modules with a shared option, a role and a playbook, and the helpers of their tests."""
CALL = "from ansible_collections.aimms.cloud.plugins.module_utils.sessions.end import end_all\n\n\n"
LAST, NEXT = "9.9.0", "9.10.0"
CHANGED = "aimms_end - the option ``idle_for`` ends what idles."


def test_nothing_is_missing():
    messages = missing(ROOT)
    assert not messages, "\n" + "\n".join(messages)


@pytest.fixture(name="tree")
def a_tree(tmp_path):
    """A made-up collection, with a record of all that it has."""
    for name, text in COLLECTION.items():
        write(tmp_path, name, text)
    (tmp_path / "changelogs/fragments").mkdir(parents=True)
    record(tmp_path, LAST)
    return tmp_path


def write(tree, name, text):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def add(tree, name, entry, below="\noptions:\n"):
    """Put ``entry`` where the options begin in a file of the tree."""
    text = (tree / name).read_text(encoding="utf-8")
    assert below in text
    write(tree, name, text.replace(below, below + entry, 1))


def option(name="idle_for", added="", spaces=2):
    lines = [f"{name}:", "  description: Made up.", "  type: str", *([f"  version_added: {added}"] if added else [])]
    return "".join(f"{' ' * spaces}{line}\n" for line in lines)


def fragment(tree, text, section="minor_changes"):
    write(tree, "changelogs/fragments/made-up.yml", f"---\n{section}:\n  - {text}\n")


def found(tree, name="idle_for"):
    """The messages about ``name``."""
    return [message for message in missing(tree) if name in message]


def versions(tree):
    return list(without_version(tree, read_interface(tree)))


def fragments(tree):
    return list(without_fragment(tree, read_interface(tree)))


def untested(tree, *, name="idle_for"):
    return [message for message in without_test(tree, read_interface(tree)) if name in message]


def test_what_was_released_needs_neither_version_nor_fragment(tree):
    assert versions(tree) == fragments(tree) == []


def test_an_option_without_anything_is_noticed_three_times_with_the_file_to_edit(tree):
    add(tree, MODULE, option())
    option_of_module = "the option idle_for of module aimms_end"
    version, changelog, test = found(tree)
    assert version == (
        f"{MODULE}: {option_of_module} is not in release 9.9.0 and has no version_added: "
        "write the version of the next release there"
    )
    assert changelog == (
        f"changelogs/fragments/: no fragment names ``idle_for``, {option_of_module}, which is not in release 9.9.0: "
        "add a file there, with a line below minor_changes"
    )
    assert test == f"{TEST}: no test uses {option_of_module}: add one there, or in another test of it"


def test_an_option_with_all_three_is_complete(tree):
    add(tree, MODULE, option(added=NEXT))
    fragment(tree, CHANGED)
    write(tree, TEST, CALL + "def test_idle():\n    assert end_all({'idle_for': '1h'})\n")
    assert found(tree) == []


@pytest.mark.parametrize("added", ["1.0.0", LAST, "next", "9.8.12"])
def test_a_version_that_is_not_newer_is_noticed(tree, added):
    add(tree, MODULE, option(added=added))
    (message,) = versions(tree)
    assert message.startswith(f"{MODULE}: the option idle_for of ")
    assert f"has version_added {added}:" in message


@pytest.mark.parametrize(
    ("text", "section"),
    [
        (CHANGED, "trivial"),
        ("the new option ``idle_for_long``.", "minor_changes"),
        ("there is an option idle_for.", "minor_changes"),
        ("something else.", "bugfixes"),
    ],
)
def test_a_fragment_that_does_not_name_the_option_for_users_is_noticed(tree, text, section):
    add(tree, MODULE, option(added=NEXT))
    fragment(tree, text, section)
    (message,) = fragments(tree)
    assert message.startswith("changelogs/fragments/: no fragment names ``idle_for``")


@pytest.mark.parametrize(
    "text",
    [
        CALL + '"""The option idle_for: 8h."""\n',
        CALL + "# end_all(idle_for='8h')\n",
        CALL + "def test_idle():\n    'With idle_for=8h.'\n    idle_for = '8h'\n",
        "def test_another(delete):\n    assert delete(idle_for='8h')\n",
    ],
)
def test_what_is_no_use_in_a_test_of_the_module_is_noticed(tree, text):
    add(tree, MODULE, option(added=NEXT))
    write(tree, TEST, text)
    (message,) = untested(tree)
    assert message.startswith(f"{TEST}: no test uses the option idle_for of module aimms_end")


@pytest.mark.parametrize(
    "text",
    [
        CALL + "def test_idle():\n    assert end_all(idle_for='8h')\n",
        "def test_idle(play):\n    assert play({'aimms.cloud.aimms_end': {'idle_for': '8h'}})\n",
        "PLAY = 'aimms.cloud.aimms_end:\\n    idle_for: 8h'\n",
        "from ending import end\n\n\ndef test_idle():\n    assert end(idle_for='8h')\n",
        "def test_idle(ended):\n    assert ended(idle_for='8h')\n",
    ],
)
def test_a_use_in_a_test_of_the_module_is_seen_also_through_helpers_and_fixtures(tree, text):
    add(tree, MODULE, option(added=NEXT))
    write(tree, "tests/e2e/modules/test_ending.py", text)
    assert untested(tree) == []


def test_what_plugins_share_is_edited_in_one_file_and_tested_with_one_of_them(tree):
    add(tree, SHARED, option())
    assert {message.partition(":")[0] for message in versions(tree)} == {SHARED}
    assert len(untested(tree)) == 2
    write(tree, TEST, CALL + "def test_idle():\n    assert end_all(idle_for='8h')\n")
    assert untested(tree) == []


def test_a_name_that_another_module_has_had_before_needs_a_test_of_its_own(tree):
    write(tree, TEST, CALL + "def test_most():\n    assert end_all(max_active=5, older_than='8h')\n")
    assert untested(tree, name="max_active") == untested(tree, name="older_than") == []
    write(
        tree,
        OTHER,
        (tree / OTHER).read_text(encoding="utf-8").replace('\n"""', f'\noptions:\n{option("max_active")}"""'),
    )
    (message,) = untested(tree, name="max_active")
    assert message.startswith(
        "tests/unit/plugins/module_utils/sessions/test_delete.py: no test uses the option max_active"
    )
    write(tree, "tests/e2e/test_deleting.py", "TASK = {'aimms.cloud.aimms_delete': {'max_active': 5}}\n")
    assert untested(tree, name="max_active") == []


def test_an_option_of_a_role_needs_all_three_too_and_tests_may_leave_the_role_s_name_away(tree):
    add(tree, ROLE, option("cleanup_idle_for", spaces=6), below="\n    options:\n")
    assert [message.partition(":")[0] for message in found(tree)] == [ROLE, "changelogs/fragments/", "tests/e2e/roles/"]
    write(tree, "tests/e2e/roles/test_idle.py", "def test_idle(run):\n    assert run('cleanup', idle_for='8h')\n")
    fragment(tree, "cleanup - the variable ``cleanup_idle_for=8h`` leaves out what does not idle.")
    assert [message.partition(":")[0] for message in found(tree)] == [ROLE]


def test_a_choice_and_a_return_value_are_noticed(tree):
    text = (tree / MODULE).read_text(encoding="utf-8").replace("[never, solve]", "[never, solve, perhaps]")
    write(tree, MODULE, text)
    add(tree, MODULE, "    idle:\n      type: int\n", below="\n  contains:\n")
    assert [message.partition(" of module")[0] for message in fragments(tree)] == [
        "changelogs/fragments/: no fragment names ``mode=perhaps``, the choice mode=perhaps",
        "changelogs/fragments/: no fragment names ``sessions.idle``, the return value sessions.idle",
    ]
    assert ["the return value sessions.idle of" in message for message in versions(tree)] == [True]
    assert len(untested(tree, name="perhaps")) == len(untested(tree, name="sessions.idle")) == 1


def test_what_is_inside_a_new_option_or_value_needs_a_test_of_its_own_only(tree):
    add(tree, MODULE, option() + "    choices: [brief, lasting]\n    suboptions: {since: {type: str}}\n")
    add(tree, MODULE, "idle:\n  contains: {since: {type: str}}\n", below='RETURN = r"""\n')
    assert [message.partition(" of module")[0] for message in versions(tree)] == [
        f"{MODULE}: the option idle_for",
        f"{MODULE}: the return value idle",
    ]
    assert len(fragments(tree)) == 2
    assert len(untested(tree, name=" idle")) == 6


@pytest.mark.parametrize(
    ("source", "made", "lacks"),
    [
        (MODULE, "plugins/modules/aimms_idle_info.py", ["version_added", "test"]),
        (ROLE, "roles/idle/meta/argument_specs.yml", ["version_added", "fragment", "test"]),
        ("playbooks/clean_up.yml", "playbooks/idle.yml", ["fragment", "test"]),
    ],
)
def test_a_new_module_role_or_playbook_is_noticed(tree, source, made, lacks):
    write(tree, made, (tree / source).read_text(encoding="utf-8"))
    owner = "module aimms_idle_info" if "modules" in made else "role idle" if "roles" in made else "playbook idle"
    messages = [message for message in missing(tree) if f"the {owner}" in message and " of " not in message[:80]]
    words = {"version_added": "has version_added 1.0.0", "fragment": "no fragment names", "test": "no test uses"}
    assert [name for name in lacks if not any(words[name] in message for message in messages)] == []
    assert len(messages) == len(lacks)


def test_what_is_gone_is_noticed_until_the_changelog_says_so(tree):
    text = (tree / MODULE).read_text(encoding="utf-8")
    write(tree, MODULE, text.replace("  max_active:\n", "  max_running:\n", 1))
    gone = "changelogs/fragments/: ``max_active``, option of module aimms_end in release 9.9.0, is gone"
    assert [message for message in fragments(tree) if message.startswith(gone)]
    fragment(tree, "aimms_end - ``max_active`` is now ``max_running``.", "breaking_changes")
    assert fragments(tree) == []


def test_the_files_that_messages_name_for_tests_are_there():
    assert {
        place_of_test(ROOT, part) for part in read_interface(ROOT) if not (ROOT / place_of_test(ROOT, part)).exists()
    } == set()


def test_a_record_holds_what_was_read_and_the_newest_counts(tree):
    assert newest_release(tree) == LAST
    add(tree, MODULE, option())
    assert record(tree, NEXT) == tree / RELEASED / "9.10.0.yml"
    assert newest_release(tree) == NEXT
    assert recorded(tree, NEXT) == {part.key for part in read_interface(tree)}
    assert recorded(tree, NEXT) - recorded(tree, LAST) == {("module aimms_end", "option", "idle_for")}
    assert versions(tree) == fragments(tree) == []
