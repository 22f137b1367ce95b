# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play over accounts: every way in which an inventory comes out empty fails, in every playbook."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

pytest.importorskip("ansible.plugins.lookup", reason="lookups run on controllers only")

ROOT = Path(__file__).absolute().parents[4]
module = importlib.import_module("ansible_collections.aimms.cloud.plugins.lookup.aimms_hosts")
errors = importlib.import_module("ansible.errors")

TWO = {"all": ["acme", "brew"], "ungrouped": ["acme", "brew"], "empty": [], "old": ["brew"]}
NONE = {"all": [], "ungrouped": []}
JOB = {"awx_job_id": 7}
SLICE = {**JOB, "aimms_sliced": True, "awx_job_template_name": "end", "awx_workflow_job_name": "end"}
NOTHING = {"groups": NONE, "ansible_inventory_sources": ["/etc/ansible/hosts"]}
FILE = {"groups": NONE, "ansible_inventory_sources": ["/a/hosts"]}

LEFT = {
    "all of an inventory": ({"groups": TWO}, ["all"]),
    "a limit": ({"groups": TWO, "ansible_limit": "acme"}, ["all"]),
    "a pattern": ({"groups": TWO, "aimms_hosts": "all:!acme"}, ["all:!acme"]),
    "names as text": ({"groups": TWO, "aimms_hosts": " acme,brew "}, ["acme,brew"]),
    "a list": ({"groups": TWO, "aimms_hosts": ["acme", "brew"]}, ["acme", "brew"]),
    "an unanswered question of AWX": ({**JOB, "groups": TWO, "aimms_hosts": ""}, ["all"]),
    "the same, as newer versions of Ansible read it": ({**JOB, "groups": TWO, "aimms_hosts": None}, ["all"]),
    "no inventory": (NOTHING, ["localhost"]),
    "no inventory and no source": ({**NOTHING, "ansible_inventory_sources": ()}, ["localhost"]),
    "no inventory, with the limit that fits": ({**NOTHING, "ansible_limit": "localhost"}, ["localhost"]),
    "localhost by name": ({"groups": TWO, "aimms_hosts": "localhost"}, ["localhost"]),
    "localhost in the inventory of AWX": ({**JOB, "groups": {"all": ["localhost"]}}, ["all"]),
    "a slice that has others": ({**SLICE, "groups": TWO, "aimms_hosts": "coal"}, ["coal"]),
}

REFUSED = {
    "all hosts of AWX are disabled": ({**JOB, **FILE}, "the inventory has no hosts"),
    "the same in Automation Platform": ({"tower_job_id": 7, **FILE}, "the inventory has no hosts"),
    "no inventory in AWX": ({**JOB, **NOTHING}, "the inventory has no hosts"),
    "disabled hosts, with a limit": ({**JOB, **FILE, "ansible_limit": "acme"}, "the inventory has no hosts"),
    "an inventory without hosts": (FILE, "the inventory has no hosts"),
    "two of them": ({**FILE, "ansible_inventory_sources": ["/etc/ansible/hosts", "/a"]}, "the inventory has no hosts"),
    "a limit without an inventory": ({**NOTHING, "ansible_limit": "acme"}, "with the limit 'acme', leaves none"),
    "a limit that leaves none": ({"groups": TWO, "ansible_limit": "coal"}, "with the limit 'coal', leaves none"),
    "a limit beside the pattern": ({"groups": TWO, "ansible_limit": "acme", "aimms_hosts": "brew"}, "leaves none"),
    "an empty group": ({"groups": TWO, "aimms_hosts": "empty"}, "of the 2 hosts of the inventory, 'empty' leaves none"),
    "a misspelt name": ({"groups": TWO, "aimms_hosts": "acmee"}, "'acmee' leaves none"),
    "a pattern that takes all away": ({"groups": TWO, "aimms_hosts": "old:!brew"}, "leaves none"),
    "localhost by name in AWX": ({**JOB, "groups": TWO, "aimms_hosts": "localhost"}, "'localhost' leaves none"),
    "localhost beside others in AWX": ({**JOB, "groups": TWO, "aimms_hosts": "acme,localhost"}, "localhost is no host"),
    "the same outside AWX": ({"groups": TWO, "aimms_hosts": ["all", "127.0.0.1"]}, "127.0.0.1 is no host of"),
    "localhost in a slice": ({**SLICE, "groups": TWO, "aimms_hosts": "localhost"}, "localhost is no host of"),
    "the same, all disabled": ({**JOB, **FILE, "aimms_hosts": "localhost"}, "the inventory has no hosts"),
    "a slice without hosts": ({**SLICE, **FILE}, "this slice of the inventory has no host"),
    "the same, with a pattern": ({**SLICE, **FILE, "aimms_hosts": "acme"}, "this slice of the inventory has no host"),
    "a job that is no slice": (
        {**SLICE, "awx_workflow_job_name": "x", "groups": TWO, "aimms_hosts": "c"},
        "leaves none",
    ),
    "a template that is not sliced": (
        {**SLICE, "aimms_sliced": "no", "groups": TWO, "aimms_hosts": "c"},
        "leaves none",
    ),
    "an empty text": ({"groups": TWO, "aimms_hosts": " "}, "names no host"),
    "an empty list": ({**JOB, "groups": TWO, "aimms_hosts": []}, "names no host"),
    "a list with an empty text": ({"groups": TWO, "aimms_hosts": ["acme", ""]}, "names no host"),
    "null": ({"groups": TWO, "aimms_hosts": None}, "names no host"),
    "a mapping": ({"groups": TWO, "aimms_hosts": {"acme": 1}}, "names no host"),
    "no pattern": ({"groups": TWO, "aimms_hosts": "~("}, "is no pattern of hosts"),
    "a term": ({"groups": TWO, "terms": ["acme"]}, "takes no arguments"),
}


@pytest.fixture(name="hosts", params=["warning", "error"])
def a_lookup(request, monkeypatch):
    """A function that runs the lookup outside AWX as a play does; ``terms`` are its terms.

    With either setting of what Ansible makes of a pattern that matches no host.
    """
    monkeypatch.setattr(importlib.import_module("ansible.constants"), "HOST_PATTERN_MISMATCH", request.param)
    for name in ("AWX_PRIVATE_DATA_DIR", "AWX_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "_NO_INVENTORY", "/etc/ansible/hosts of nobody")
    loader = importlib.import_module("ansible.parsing.dataloader").DataLoader()
    templar = importlib.import_module("ansible.template").Templar(loader=loader)

    def hosts(variables):
        known = dict(variables)
        sources = [one.replace("ansible/hosts", "ansible/hosts of nobody") for one in known.get(SOURCES, ())]
        terms = known.pop("terms", [])
        return module.LookupModule(loader=loader, templar=templar).run(terms, {**known, SOURCES: sources})

    return hosts


SOURCES = "ansible_inventory_sources"


@pytest.mark.parametrize("name", LEFT)
def test_the_pattern_is_given_where_it_leaves_hosts(hosts, name):
    variables, patterns = LEFT[name]
    assert hosts(variables) == patterns


@pytest.mark.parametrize("name", REFUSED)
def test_a_run_that_would_be_left_without_hosts_fails(hosts, name):
    variables, text = REFUSED[name]
    with pytest.raises(errors.AnsibleLookupError, match=text):
        hosts(variables)


@pytest.mark.parametrize("name", ["AWX_PRIVATE_DATA_DIR", "AWX_HOST"])
def test_a_job_of_awx_without_its_variables_is_known_by_its_environment(hosts, monkeypatch, name):
    monkeypatch.setenv(name, "x")
    with pytest.raises(errors.AnsibleLookupError, match="the inventory has no hosts"):
        hosts(NOTHING)


def test_an_inventory_of_the_system_that_has_no_hosts_is_an_inventory(hosts, monkeypatch, tmp_path):
    (tmp_path / "hosts").write_text("# nothing\n")
    monkeypatch.setattr(module, "_NO_INVENTORY", str(tmp_path / "hosts"))
    with pytest.raises(errors.AnsibleLookupError, match="the inventory has no hosts"):
        hosts({**NOTHING, "ansible_inventory_sources": [str(tmp_path / "hosts")]})


def test_every_play_over_accounts_that_is_shipped_takes_its_hosts_from_the_lookup():
    folders = [path for path in (ROOT / "playbooks", ROOT / "extensions/awx/project") if path.is_dir()]
    found = {}
    for path in (path for folder in folders for path in folder.glob("*.yml")):
        for play in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "hosts" in play and path.stem not in NOT_OVER_ACCOUNTS:
                found[f"{path.name}: {play['name']}"] = play["hosts"]
    assert found
    assert {name for name, told in found.items() if told != "{{ query('aimms.cloud.aimms_hosts') }}"} == set()


NOT_OVER_ACCOUNTS = {"awx_setup"}
