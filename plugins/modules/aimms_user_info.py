#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_user_info
short_description: Tell who the owners of AIMMS Cloud sessions are
version_added: 1.1.0
description:
  - Reads the name, the e-mail address and the groups of users from the user-manager of an AIMMS Cloud account, such as
    of the owners of sessions that are to be ended. Never changes anything.
  - O(api_key) needs the C(Authentication) scope, and the right to see the users. What the service does not tell is
    null, and a warning says why. The module fails only for invalid options, so a play does not fail because of it.
  - Each owner costs one request. If the address of the service does not name the account, there is one more request.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.reads
options:
  owners:
    description:
      - The users, each as V(user@ENVIRONMENT), as the other modules return the owner of a session. An empty list
        returns no users.
    type: list
    elements: str
    required: true
seealso:
  - module: aimms.cloud.aimms_session_info
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Find the owners of old sessions
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: List what has run for more than two days
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        states: [running]
        older_than: 2d
      register: old

    - name: Who owns it?
      aimms.cloud.aimms_user_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        owners: "{{ old.sessions | map(attribute='owner') | select | unique }}"
      register: owners

    - name: Show the addresses
      ansible.builtin.debug:
        msg: "{{ owners.users | selectattr('email') | map(attribute='email') }}"
"""

RETURN = r"""
users:
  description: The users in the order of O(owners), each once.
  returned: success
  type: list
  elements: dict
  contains:
    owner:
      description: The user as given in O(owners).
      type: str
      sample: jdoe@ROOT
    email:
      description: The e-mail address, or null.
      type: str
      sample: jdoe@example.com
    full_name:
      description: The full name, or null.
      type: str
      sample: Jane Doe
    groups:
      description: The names of the user's groups, or null.
      type: list
      elements: str
      sample: [Planners]
count:
  description: The number of RV(users).
  returned: success
  type: int
complete:
  description:
    - Whether the service answered for each user, even if only that there is no user of this name. If not, a warning
      says why.
  returned: success
  type: bool
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import Spec
from ansible_collections.aimms.cloud.plugins.module_utils.users.info import user_info

USERS: Spec = {"owners": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    """Run the module."""
    run_module(USERS, lambda params, _check_mode, warn: {"changed": False, **user_info(params, warn)})


if __name__ == "__main__":
    main()
