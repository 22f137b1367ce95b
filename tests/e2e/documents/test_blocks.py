# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The YAML of all pages, of ``ansible-doc`` for plugins and of that for roles runs, as it stands there.

Only the name of the account is replaced, by the address of the emulator, and /var, by a folder of the test.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from blocks import BLOCKS, ROOT, Block, of_sort, sort_of, text_of
from plays import Ansible, Played

WEBUI_ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
TASK_SESSION_ID = "68ce8ce7c4a6fd1afa97672e7080d645"
HOUR = 3600
ROLES = ("stale_session_cleanup", "session_retention", "session_report", "task_retention")
EVENTS = ROOT / "extensions/eda/plugins/event_source/stale_sessions.py"


def _unlike(blocks: list[Block]) -> list[Block]:
    """Blocks without those whose content another one has."""
    return list({json.dumps(yaml.safe_load(block.text)): block for block in blocks}.values())


PLAYED = _unlike([block for block in of_sort("plays", "tasks") if not block.caption])


@pytest.fixture(scope="module")
def run_plays(tmp_path_factory: pytest.TempPathFactory, collections: str, shared_serve: Any) -> Callable[..., Played]:
    """Run plays and tasks, given as text, against an account of their own."""

    def run(text: str) -> Played:
        folder = tmp_path_factory.mktemp("plays")
        server = shared_serve(sessions=60)
        server.add_session(id=WEBUI_ID, age=HOUR)
        server.add_session(id=TASK_SESSION_ID, kind="task", age=HOUR)
        server.add_session(count=45, age=2 * HOUR, owner="chen@PLANNING")
        server.add_session(count=2, age=60 * HOUR, quiet=50 * HOUR, owner="jdoe@ROOT")
        text = text.replace("account: acme\n", f"url: {server.url}\n").replace("account='acme'", f"url='{server.url}'")
        for path in re.findall(r"/var/[\w./{}-]+/", text):
            (folder / path.strip("/")).mkdir(parents=True, exist_ok=True)
        items = yaml.safe_load(text.replace("/var/", f"{folder}/var/"))
        plays = [item for item in items if "hosts" in item]
        tasks = [item for item in items if "hosts" not in item]
        plays += [{"name": "Tasks", "hosts": "all", "gather_facts": False, "tasks": tasks}] if tasks else []
        (folder / "vault.yml").write_text(f"acme_api_key: {server.admin_key}\n", encoding="utf-8")
        given = dict.fromkeys(re.findall(r"\bvault_\w+", text), "secret")  # of other services
        given |= {"aimms_url": server.url, "aimms_api_key": server.admin_key, "acme_api_key": server.admin_key}
        host = "localhost" if tasks or any(play["hosts"] == "localhost" for play in plays) else "acme"
        environment = {"AIMMS_URL": server.url, "AIMMS_API_KEY": server.admin_key}
        played = Ansible(folder, collections).run(plays, hosts={host: given}, environment=environment)
        assert played.code == 0, played.output
        assert len(played.on(host)) > 0
        return played

    return run


@pytest.fixture(scope="module")
def played(run_plays: Callable[..., Played]) -> Callable[[Block], Played]:
    """The run of a block; each block runs once."""
    made: dict[Block, Played] = {}

    def run(block: Block) -> Played:
        if block not in made:
            made[block] = run_plays(block.text)
        return made[block]

    return run


@pytest.mark.parametrize("block", PLAYED, ids=str)
def test_plays_and_tasks_run(block: Block, played: Callable[[Block], Played]) -> None:
    played(block)


@pytest.mark.once
def test_variables_of_a_role_are_taken(run_plays: Callable[..., Played]) -> None:
    """Those of each block in a play of its own; where they name the result of the role, after one that plans."""
    plays = []
    for block in of_sort("variables", "policies"):
        content = yaml.safe_load(block.text)
        if sort_of(block) == "policies":
            rules = content["policies"] if isinstance(content, dict) else content
            content = {"stale_session_cleanup_policies": rules}
        (role,) = {name for name in ROLES for variable in content if variable.startswith(f"{name}_")}
        plays += [_play("Plan", role, {})] if f"{role}_result" in block.text else []
        plays.append(_play(str(block), role, content))
    run_plays(yaml.safe_dump(plays, sort_keys=False))


def _play(name: str, role: str, variables: dict[str, Any]) -> dict[str, Any]:
    roles = [{"role": f"aimms.cloud.{role}", "vars": variables}]
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"name": name, "hosts": "all", "gather_facts": False, "vars": interpreter, "roles": roles}


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("alerts"), ids=str)
def test_alerts_are_of_metrics_that_are_written(block: Block) -> None:
    content = yaml.safe_load(block.text)
    groups = content["groups"] if isinstance(content, dict) else [{"rules": content}]
    code = (ROOT / "plugins/plugin_utils/metrics.py").read_text(encoding="utf-8")
    metrics = {f"aimms_{name}" for name in re.findall(r'^    "(\w+)": "', code, re.MULTILINE)}
    for rule in (rule for group in groups for rule in group["rules"]):
        used = set(re.findall(r"\baimms_\w+", rule["expr"]))
        assert used
        assert used <= metrics


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("awx"), ids=str)
def test_variables_of_the_awx_setup_are_in_its_table(block: Block) -> None:
    table = (ROOT / "extensions/awx/README.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(aimms_awx_\w+)` \|", table, re.MULTILINE))
    assert set(yaml.safe_load(block.text)) <= known


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("rulebooks"), ids=str)
def test_options_of_a_rulebook_are_documented(block: Block) -> None:
    options = set(yaml.safe_load(text_of(EVENTS, "DOCUMENTATION"))["options"])
    for rules in yaml.safe_load(block.text):
        for source in rules["sources"]:
            assert set(source["aimms.cloud.stale_sessions"]) <= options
        for rule in rules["rules"]:
            module = ROOT / "plugins/modules" / f"{rule['action']['run_module']['name'].rpartition('.')[2]}.py"
            assert module.is_file()


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("settings"), ids=str)
def test_settings_are_known_to_ansible(block: Block, tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text(block.text, encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).parent / "ansible-config"), "dump", "--only-changed"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    read = [line for line in told.splitlines() if "ansible.cfg)" in line]
    assert len(read) == len([line for line in block.text.splitlines() if "=" in line])


@pytest.mark.once
def test_the_rest_is_a_file_for_the_commands_of_its_page() -> None:
    """An inventory, requirements and the fragment of a change; a play with the name of a file too."""
    with_commands = {block.page for block in of_sort("commands")}
    shown = [block for block in of_sort("inventory", "requirements", "plays") if block.caption]
    assert {block.page for block in shown} - {"docs/examples/README.md"} <= with_commands
    assert [str(block) for block in of_sort("inventory", "requirements") if not block.caption] == []
    for block in of_sort("fragment"):
        assert all(isinstance(text, str) for texts in yaml.safe_load(block.text).values() for text in texts)
    assert {sort_of(block) for block in BLOCKS} <= {
        *("commands", "plays", "tasks", "variables", "policies", "alerts", "awx", "settings"),
        *("inventory", "requirements", "fragment", "rulebooks", "prometheus", "injectors", "units"),
    }


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("units"), ids=str)
def test_what_is_added_to_a_unit_has_sections_that_the_units_have(block: Block) -> None:
    shipped = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "extensions/schedule").glob("*.*"))
    for line in block.text.splitlines():
        assert line in shipped.splitlines() if line.startswith("[") else re.fullmatch(r"[A-Z]\w+=.*|", line), line


@pytest.mark.once
@pytest.mark.parametrize("block", of_sort("injectors", "prometheus"), ids=str)
def test_what_other_programs_read_names_what_there_is(block: Block) -> None:
    """An injector of AWX: variables of a role. A configuration of Prometheus: the file with the alerts."""
    content = yaml.safe_load(block.text)
    roles = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
    assert [name for name in content.get("extra_vars", {}) if f"\n      {name}:\n" not in roles] == []
    for path in content.get("rule_files", []):
        assert (ROOT / "extensions/monitoring" / Path(path).name).is_file()


def _of(name: str) -> Block:
    """The examples of a module."""
    return next(block for block in BLOCKS if block.page == f"plugins/modules/{name}.py")


@pytest.mark.once
def test_examples_do_what_they_say(played: Callable[[Block], Played]) -> None:
    ended = played(_of("aimms_session_terminate"))
    assert [one["id"] for one in ended["End one session"]["sessions"]] == [WEBUI_ID]
    seats = ended["Free seats when more than 40 WebUI sessions are active, the oldest first"]
    assert seats["changed"]
    listed = played(_of("aimms_session_info"))
    assert listed["Count the sessions without returning any"]["sessions"] == []
    counts = listed["Count the sessions without returning any"]["counts"]
    told = listed["Show how many are active, and how many there are of each kind"]["msg"]
    assert told == f"{counts['active']['true']} active, by kind {counts['kind']}"
    team = listed["The ten oldest running sessions of one team, few fields"]["sessions"]
    assert len(team) == 10
    assert all(sorted(one) == ["age_seconds", "id", "kind", "owner"] for one in team)


@pytest.mark.once
def test_each_module_has_a_whole_play_and_names_for_all_tasks() -> None:
    """The first play is what somebody copies; a name is what makes an example an answer."""
    for block in (block for block in BLOCKS if block.page.startswith("plugins/modules/")):
        plays = yaml.safe_load(block.text)
        for play in plays:
            assert {"hosts": "localhost", "connection": "local", "gather_facts": False}.items() <= play.items(), block
        names = [item["name"] for play in plays for item in (play, *play["tasks"])]
        assert len(set(names)) == len(names)
