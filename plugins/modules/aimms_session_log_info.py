#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_session_log_info
short_description: Read the log of an AIMMS Cloud session
version_added: 1.0.0
description:
  - Returns lines of the log of one session. Never changes anything.
  - Filters are sent to the server if its OpenAPI document offers them, and the module tests every line again itself.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.reads
options:
  kind:
    description:
      - The kind of the session. Without it (since 1.1.0) all kinds are searched, and an id that sessions of several
        kinds have is refused.
    type: str
    choices: [webui, task, solve, external, verify]
  session_id:
    description: The id of the session.
    type: str
    required: true
  begin:
    description:
      - Only lines written at this time or later. A time such as V(2026-01-31T08:15:00Z) or V(2026-01-31), or a duration
        such as V(2h), meaning that long ago. A line without a time fits every begin and end.
    type: str
  end:
    description: Only lines written at this time or earlier, given as for O(begin).
    type: str
  contains:
    description:
      - Only lines with this text. Case does not matter, but if the server filters by text itself and is case-sensitive,
        there are fewer lines.
    type: str
  tail:
    description:
      - Only this many of the last lines. If the server tells how many lines there are, only these are read.
    type: int
  limit:
    description:
      - Return at most this many lines, the oldest ones. If there are more, RV(complete) is V(false).
    type: int
  redact:
    description: Whether to mask C(--logonToken) and the like in the lines. Logs of sessions hold such secrets.
    type: bool
    default: true
  naive_timezone:
    description: The time zone, such as V(Europe/Amsterdam), of times without one. By default they are read as UTC.
    type: str
seealso:
  - module: aimms.cloud.aimms_session_log_download
  - module: aimms.cloud.aimms_session_info
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Look at a log
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: The last twenty lines
      aimms.cloud.aimms_session_log_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        kind: webui
        session_id: 14d231b1-2b87-457c-bc83-305bb5daa4cc
        tail: 20

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Errors of the last two hours
      aimms.cloud.aimms_session_log_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        kind: task
        session_id: 68ce8ce7c4a6fd1afa97672e7080d645
        begin: 2h
        contains: error
"""

RETURN = r"""
lines:
  description: The lines, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    timestamp:
      description: When it was written, in UTC, or null where the server does not tell.
      type: str
      sample: '2026-01-31T08:15:00.250Z'
    message:
      description: What it says.
      type: str
count:
  description: The number of RV(lines).
  returned: success
  type: int
complete:
  description:
    - Whether RV(lines) are all that fit the filters (with O(tail), the last ones of them). If not, and O(limit) is not
      the reason, a warning says why.
  returned: success
  type: bool
"""

from ansible_collections.aimms.cloud.plugins.module_utils.logs.info import log_info
from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import KIND

SPEC = {
    "kind": KIND,
    "session_id": {"type": "str", "required": True},
    "begin": {"type": "str"},
    "end": {"type": "str"},
    "contains": {"type": "str"},
    "tail": {"type": "int"},
    "limit": {"type": "int"},
    "redact": {"type": "bool", "default": True},
    "naive_timezone": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    run_module(SPEC, lambda params, _check_mode, warn: {"changed": False, **log_info(params, warn)})


if __name__ == "__main__":
    main()
