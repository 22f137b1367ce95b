# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: aimms_hosts
short_description: The hosts of a play over accounts, never none
version_added: 1.1.0
description:
  - For C(hosts) of a play in which each host is an account. It returns the pattern of the variable C(aimms_hosts), or
    V(all).
  - A pattern that leaves no host, also together with C(--limit), fails the run before anything is sent. Ansible itself
    skips such a play, and the run looks like a success.
  - V(localhost) stands for an inventory only outside AWX, and only where none was named. So an AWX inventory whose
    hosts are all disabled never acts on the account of the credential. If it is named beside other hosts, it must be in
    the inventory.
author: the aimms.cloud contributors (@aimms-cloud)
options:
  _terms:
    description: Takes none.
    type: list
    elements: str
notes:
  - An empty C(aimms_hosts) is an error. In an AWX job it is an unanswered question and counts as not given.
  - In a slice of an AWX job, which knows only its own hosts, C(aimms_hosts) may name hosts of other slices. The play is
    then skipped, if C(aimms_sliced) is true, as the sliced job templates of the collection set it. A slice without any
    host fails.
seealso:
  - name: AWX and Automation Platform
    description: The job templates that ask for C(aimms_hosts).
    link: https://github.com/aimms/aimms.cloud/blob/main/extensions/awx/README.md
"""

EXAMPLES = r"""
- name: Report what runs in each account
  hosts: "{{ query('aimms.cloud.aimms_hosts') }}"
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  roles:
    - role: aimms.cloud.session_report
"""

RETURN = r"""
_list:
  description: The pattern.
  type: list
  elements: str
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.lookup import LookupBase

_OF_AWX = ("AWX_PRIVATE_DATA_DIR", "AWX_HOST")
_MISMATCH = "Could not match supplied host pattern"
_NO_INVENTORY = "/etc/ansible/hosts"  # where Ansible looks when nothing is given


class LookupModule(LookupBase):
    """The lookup ``aimms.cloud.aimms_hosts``."""

    def run(self, terms: list[str], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> list[str]:
        """The patterns of hosts.

        :raises AnsibleLookupError: if they leave no host.
        """
        if terms or kwargs:
            raise AnsibleLookupError("aimms.cloud.aimms_hosts takes no arguments: set the variable aimms_hosts.")
        known = variables or {}
        asked = _is_awx_job(known)
        given = self._given(known, asked)
        patterns, limit = given or ["all"], known.get("ansible_limit")
        groups: Mapping[str, Sequence[str]] = known.get("groups") or {}
        every = {host for hosts in groups.values() for host in hosts}
        if not asked and not any(name in os.environ for name in _OF_AWX):
            if not given and not every and _has_no_inventory(known):
                patterns = ["localhost"]
            if patterns == ["localhost"]:  # named, or the only account there is
                every.add("localhost")
        left = set(self._matching(groups, patterns, limit))
        if every and left - every and (left & every or _is_slice(known)):
            raise AnsibleLookupError(
                f"aimms_hosts: {', '.join(sorted(left - every))} is no host of the inventory, and would stand for the "
                "account of the environment. Name it alone outside AWX, or add it to the inventory."
            )
        if every & left:
            return patterns
        if given and every and _is_slice(known) and not limit:
            return patterns
        raise AnsibleLookupError(_why_none(", ".join(patterns), limit, every, in_slice=_is_slice(known)))

    def _given(self, known: Mapping[str, Any], asked: bool) -> list[str]:
        """The patterns of ``aimms_hosts``; empty if it is not given."""
        if "aimms_hosts" not in known:
            return []
        value = self._templar.template(known["aimms_hosts"]) if self._templar else known["aimms_hosts"]
        entries = [value] if isinstance(value, str) else value
        if asked and (value is None or (isinstance(value, str) and not value.strip())):
            return []  # an unanswered question; newer versions of Ansible make null of an empty text of AWX
        texts = [one.strip() for one in entries] if _are_texts(entries) else []
        if not texts or not all(texts):
            raise AnsibleLookupError(
                f"aimms_hosts: {value!r} names no host, which never means all. Leave the variable out, or say all."
            )
        return texts

    def _matching(self, groups: Mapping[str, Sequence[str]], patterns: Sequence[str], limit: Any) -> list[str]:
        """The names of the hosts that the patterns and the limit leave."""
        manager = InventoryManager(loader=self._loader or DataLoader(), parse=False)
        for group, hosts in groups.items():
            manager.add_group(group)
            for host in hosts:
                manager.add_host(host, group=group)
        try:
            manager.subset(limit or None)
            return [host.name for host in manager.list_hosts(list(patterns))]
        except AnsibleError as error:
            if _MISMATCH in str(error):  # an error instead of a warning with host_pattern_mismatch=error
                return []
            raise AnsibleLookupError(f"aimms_hosts: {', '.join(patterns)} is no pattern of hosts: {error}") from None


def _are_texts(entries: Any) -> bool:
    return isinstance(entries, (list, tuple)) and all(isinstance(one, str) for one in entries)


def _is_awx_job(known: Mapping[str, Any]) -> bool:
    return "awx_job_id" in known or "tower_job_id" in known


def _is_slice(known: Mapping[str, Any]) -> bool:
    """Whether it is a slice of an AWX job: slices are jobs of a workflow that has the name of the job template."""
    template = known.get("awx_job_template_name")
    sliced = boolean(known.get("aimms_sliced", False), strict=False)
    return bool(sliced and template and template == known.get("awx_workflow_job_name"))


def _has_no_inventory(known: Mapping[str, Any]) -> bool:
    """Whether no inventory was given. One that is given and cannot be read, or has no hosts, is an inventory."""
    sources = [str(one) for one in known.get("ansible_inventory_sources") or ()]
    return not sources or (sources == [_NO_INVENTORY] and not Path(_NO_INVENTORY).exists())


def _why_none(pattern: str, limit: Any, every: set[str], *, in_slice: bool) -> str:
    """Why no host is left. :param every: the hosts of the inventory."""
    if every:
        also = f", with the limit '{limit}'," if limit else ""
        return f"No account: of the {len(every)} hosts of the inventory, '{pattern}'{also} leaves none."
    if in_slice:
        return (
            "No account: this slice of the inventory has no host. Give the job template at most as many slices as "
            "there are enabled hosts."
        )
    return (
        "No account: the inventory has no hosts. In AWX, enable a host; elsewhere give an inventory, as -i localhost, "
        "for the account of the environment."
    )
