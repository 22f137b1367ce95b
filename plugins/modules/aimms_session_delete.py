#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_session_delete
short_description: Delete the records of ended AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Deletes the records of sessions that have ended, with their logs, named by id, taken from an earlier plan, or
    selected by criteria. What is deleted cannot be brought back.
  - Each session is read just before, and only one that is still the same, still selected and has ended is deleted. Each
    is read again afterwards; only what is gone then is reported as V(deleted).
  - On a server of the legacy generation this refuses, as the same request ends sessions there and no record can be
    deleted. It also refuses where the server has no readable OpenAPI document, unless O(api_generation=current).
  - Records that the server does not have are no failure and no change.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.selection
  - aimms.cloud.bulk
  - aimms.cloud.bulk.pace
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.changes
options:
  ended_before:
    description:
      - Only sessions that ended longer ago than this. Durations are written as for O(older_than).
      - If the server does not tell when a session ended (it never does for V(webui) sessions), the session must have
        been created longer ago than this, and the last line of its log must be older. That costs one or two requests
        for each session. If the log has no line, the record is kept.
    type: str
  force:
    description:
      - Whether to delete active sessions too. That kills what they run, and leaves no record of it.
    type: bool
    default: false
notes:
  - A selection needs at least one of O(older_than), O(ended_before), O(quiet_for), O(apps), O(owners) and O(states). It
    leaves out active sessions. To name an active session by id or in a plan is an error without O(force).
  - Deleting a record deletes its log. Save it first with M(aimms.cloud.aimms_session_log_download).
seealso:
  - module: aimms.cloud.aimms_session_info
  - module: aimms.cloud.aimms_session_terminate
  - module: aimms.cloud.aimms_session_log_download
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Delete old records
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: Delete the records of sessions that ended more than thirty days ago
      aimms.cloud.aimms_session_delete:
        account: acme
        api_key: "{{ acme_api_key }}"
        ended_before: 30d
        max_sessions: 500

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Delete one record
      aimms.cloud.aimms_session_delete:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [solve]
        session_ids: [14d231b1-2b87-457c-bc83-305bb5daa4cc]
"""

RETURN = r"""
sessions:
  description: One entry for each session acted on or, in check mode, to be acted on.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a session are here too, as M(aimms.cloud.aimms_session_info) gives them.
      type: str
      sample: 14d231b1-2b87-457c-bc83-305bb5daa4cc
    url:
      description: The address of its account.
      type: str
      sample: https://acme.aimms.cloud
      version_added: 1.1.0
    result:
      description:
        - V(deleted), it was seen to be gone after the request.
        - V(would_delete), in check mode.
        - V(requested), the request was accepted and O(wait=false).
        - V(not_found), there was nothing to do.
        - V(changed_since), it is no longer the same session or no longer selected; nothing was sent.
        - V(failed), it could not be deleted, or is active.
        - V(unknown), a request was sent or needed, but the server did not show what became of it.
        - V(not_tried), the module stopped before it.
      type: str
      sample: deleted
    msg:
      description: An explanation of the result. It may be empty.
      type: str
kept:
  description: The sessions that were considered and kept.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a session are here too.
      type: str
    reason:
      description:
        - V(protected), V(too_young), V(not_selected), V(recent_log), V(no_reliable_time), V(scheduled) or
          V(unknown_kind), as M(aimms.cloud.aimms_session_terminate) tells them.
        - V(active), everything else would select it, but it has not ended.
      type: str
      sample: too_young
    msg:
      description:
        - With V(recent_log), when the last line was written, or why the log could not be read. Also says so if its id
          cannot be used in a request.
      type: str
summary:
  description: The number of sessions by result.
  returned: success and failure
  type: dict
  sample: {deleted: 3, not_found: 1}
server_time:
  description: The present time (UTC) by the server's clock, when the sessions had been read. Null if it told none.
  returned: success and failure
  type: str
  sample: '2026-07-06T10:00:00Z'
  version_added: 1.1.0
cutoff:
  description: The time (UTC) before which O(older_than) selects, or else O(ended_before). Null without both.
  returned: success and failure
  type: str
complete:
  description: Whether the list is complete. Always V(true), because the module does not act on an incomplete list.
  returned: success and failure
  type: bool
unmatched_protections:
  description:
    - The entries of O(protect_session_ids), O(protect_apps) and O(protect_owners) that match no session of the
      O(kinds), in any state, perhaps because they are misspelled. Sessions whose owner or app is not known do not
      count.
    - Null where not all of these sessions were listed, as for named sessions.
  type: list
  elements: str
  returned: success and failure
  version_added: 1.1.0
  sample: ["svc-*"]
api_generation:
  description: Always V(current).
  returned: success and failure
  type: str
naive_timestamps:
  description: How many of the considered sessions have a time without a zone, which was read as UTC.
  returned: success and failure
  type: int
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import BULK, SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete

SPEC = {**SELECTION, **BULK, "ended_before": {"type": "str"}, "force": {"type": "bool", "default": False}}


def main() -> None:
    """Run the module."""
    run_module(SPEC, delete, mutually_exclusive=[("sessions", "session_ids")])


if __name__ == "__main__":
    main()
