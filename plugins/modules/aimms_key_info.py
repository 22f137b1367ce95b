#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_key_info
short_description: Tell whose an AIMMS Cloud API key is, and when it expires
version_added: 1.1.0
description:
  - Tells the user of O(api_key), whether that is an administrator, and the scopes and the expiry of the key. Never
    changes anything.
  - An administrator's key sees all sessions of the account, a user's key only that user's own, and every key expires
    after at most one year. This module tells you both, before a cleanup silently does nothing.
  - It asks the user-manager, for which the key needs the C(Authentication) scope (user and groups) and the C(APIKey)
    scope (scopes and expiry), and the Task API (C(Tasks) scope), which tells who is an administrator.
  - What the services do not tell is null, and RV(not_told) has the reasons. The module fails only for invalid options,
    so a play does not fail because of it. A wrong key is tried once.
  - The service lists the keys of a user, but does not say which of them was used. With several keys only what they have
    in common is returned, and a warning says so. Give the user of a cleanup only one key. O(api_key) itself is not
    compared with them, and no key is returned.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.reads
options:
  naive_timezone:
    description:
      - The time zone, such as V(UTC) or V(Europe/Amsterdam), of an expiry that the server sends without one. By default
        it is read as UTC.
    type: str
  max_requests:
    description:
      - Send at most this many requests, without retries. Three are enough if the service has the paths of the vendor's
        sample. If not, its OpenAPI document shows the paths, and six are enough.
    type: int
    default: 6
  warn_within:
    description:
      - Warn if the user of the key is not an administrator, and if the key expires within this duration, such as V(14d)
        or V(8h). There are no other warnings then. A number without a unit is an error.
      - Of several keys, the one that expires first counts.
    type: str
seealso:
  - module: aimms.cloud.aimms_user_info
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Check an API key
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: Whose key is this?
      aimms.cloud.aimms_key_info:
        account: acme
        api_key: "{{ acme_api_key }}"
      register: key

    - name: Stop if it is not an administrator's, as far as the service tells
      ansible.builtin.assert:
        that: key.administrator is not false
        fail_msg: "The key belongs to {{ key.user }}@{{ key.environment }}, who sees only their own sessions."

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Warn of a user's key, and two weeks before a key expires
      aimms.cloud.aimms_key_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        warn_within: 14d
"""

RETURN = r"""
user:
  description: The name of the key's user, or null.
  returned: success
  type: str
  sample: svc-cleanup
environment:
  description: The environment of that user, or null.
  returned: success
  type: str
  sample: ROOT
groups:
  description: The names of that user's groups, or null.
  returned: success
  type: list
  elements: str
  sample: [Admin]
administrator:
  description:
    - Whether that user is an administrator of the account, or null. This is what the Task API says. If that does not
      tell it, a user in the group C(Admin) of the environment C(ROOT) is an administrator, and a user in other groups
      is not. Null, with the reason in RV(not_told), if the Task API and the user-manager name different users.
  returned: success
  type: bool
key_name:
  description: The name of the key, or null.
  returned: success
  type: str
  sample: nightly cleanup
scopes:
  description: The scopes of the key, or null.
  returned: success
  type: list
  elements: str
  sample: [Session, Tasks]
expires_at:
  description: When the key expires, in UTC, or null.
  returned: success
  type: str
  sample: '2027-01-31T08:15:00Z'
expires_in_days:
  description: The whole days until then, or null. Negative if the key has expired.
  returned: success
  type: int
  sample: 61
not_told:
  description: What the services did not tell, each with the reason. Empty if they told all.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.aimms.cloud.plugins.module_utils.keys.info import key_info
from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import Spec

KEY: Spec = {
    "naive_timezone": {"type": "str"},
    "max_requests": {"type": "int", "default": 6},
    "warn_within": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    run_module(KEY, lambda params, _check_mode, warn: {"changed": False, **key_info(params, warn)})


if __name__ == "__main__":
    main()
