#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_session_log_download
short_description: Save the logs of AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Saves the logs of sessions to files on the machine that the task runs on, a file for each session.
  - Logs are streamed, whatever their size. Each is written to a temporary file first, which replaces the file only when
    the log is complete and differs from it. Temporary files of a run that was killed are removed by the next run.
  - A file is replaced only by a log that begins with the content of the file, such as the same log with more lines. Any
    other log, for example of a new session with the same id, is saved beside it, with C(~2) or a higher number in its
    name.
  - A downloaded log is compared with the lines that the server returns by another request. If the download is shorter,
    or is something else, these lines are saved instead. A log in gzip or UTF-16 is decoded.
  - If the server offers no download (the legacy generation), the log is read page by page.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.files
options:
  kind:
    description:
      - The kind of the sessions in O(session_ids). Without it (since 1.1.0) all kinds are searched, and an id that
        sessions of several kinds have is refused.
    type: str
    choices: [webui, task, solve, external, verify]
  session_ids:
    description: The ids of the sessions.
    type: list
    elements: str
    aliases: [id, session_id]
  sessions:
    description:
      - Records as RV(aimms.cloud.aimms_session_info#module:sessions) gives them, instead of O(session_ids). The log of
        a session that is no longer the one of its record is not saved.
    type: list
    elements: dict
  dest:
    description:
      - Where to save. With one session a file, unless this is a folder or ends with a slash; with more a folder,
        which is made if needed. In a folder the files are called C(KIND-ID.log), or C(KIND-ID.log.gz).
    type: path
    required: true
  mode:
    description:
      - The permissions of the files as an octal number in quotes, such as V('0640'). By default V('0600') for new
        files; existing files keep theirs.
    type: raw
  redact:
    description:
      - Whether to replace secrets by C(********), such as the values of C(--logonToken), passwords and tokens. Nothing
        else in the log is changed. The API key is always masked. A log with NUL bytes is not text, and is not saved
        with V(true).
    type: bool
    default: true
  compress:
    description: Whether to compress the files with gzip.
    type: bool
    default: false
notes:
  - O(max_time) limits the download of one log as a whole, O(timeout) each pause in it. Raise O(max_time) for large
    logs.
  - If one log cannot be saved, the others are still saved, and the task then fails. The result has the files that were
    saved.
seealso:
  - module: aimms.cloud.aimms_session_log_info
  - module: aimms.cloud.aimms_session_info
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Save the logs of old sessions
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: Find what is old
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        older_than: 30d
      register: old

    - name: Save the logs, compressed
      aimms.cloud.aimms_session_log_download:
        account: acme
        api_key: "{{ acme_api_key }}"
        sessions: "{{ old.sessions }}"
        dest: "{{ playbook_dir }}/logs/"
        compress: true
        max_time: 600

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Save one log
      aimms.cloud.aimms_session_log_download:
        account: acme
        api_key: "{{ acme_api_key }}"
        kind: webui
        session_ids: [14d231b1-2b87-457c-bc83-305bb5daa4cc]
        dest: "{{ playbook_dir }}/planner.log"
        mode: '0640'
"""

RETURN = r"""
files:
  description: The files that hold the logs now, or in check mode would.
  returned: success and failure
  type: list
  elements: dict
  contains:
    path:
      description: The path of the file.
      type: str
    session_id:
      description: The id of the session.
      type: str
    kind:
      description: The kind of the session.
      type: str
    size:
      description: The size of the file in bytes.
      type: int
    checksum:
      description: The SHA-1 of the file, as M(ansible.builtin.stat) gives it.
      type: str
    lines:
      description: The number of lines of the log.
      type: int
    redactions:
      description: How many secrets were replaced.
      type: int
    verified:
      description:
        - Whether the lines that the server returns show that the log is complete. If not, do not delete the record of
          the session because this file exists.
      type: bool
      version_added: 1.1.0
    msg:
      description: Why it could not be verified.
      returned: when not verified
      type: str
      version_added: 1.1.0
not_saved:
  description: The sessions whose logs could not be saved. The task fails when there are any.
  returned: success and failure
  type: list
  elements: dict
  contains:
    session_id:
      description: The id of the session.
      type: str
    kind:
      description: The kind of the session, or null where it was not named and not found.
      type: str
    msg:
      description: Why not.
      type: str
    result:
      description: C(not_found) where the session of a record is gone, C(changed_since) where its id is another one's.
      returned: when it is so
      type: str
      version_added: 1.1.0
without_log:
  description:
    - The sessions that never began, such as those that ended while they were queued, and that have no log, as the
      service itself says. There is no file for them, and this is not a failure.
  returned: success and failure
  type: list
  elements: dict
  version_added: 1.1.0
  contains:
    session_id:
      description: The id of the session.
      type: str
      version_added: 1.1.0
    kind:
      description: The kind of the session.
      type: str
      version_added: 1.1.0
    msg:
      description: What the service says.
      type: str
      version_added: 1.1.0
"""

from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import KIND

SPEC = {
    "kind": KIND,
    "session_ids": {"type": "list", "elements": "str", "aliases": ["id", "session_id"]},
    "sessions": {"type": "list", "elements": "dict"},
    "dest": {"type": "path", "required": True},
    "mode": {"type": "raw"},
    "redact": {"type": "bool", "default": True},
    "compress": {"type": "bool", "default": False},
}
WAYS = ("session_ids", "sessions")


def main() -> None:
    """Run the module."""
    run_module(SPEC, download, mutually_exclusive=[WAYS], required_one_of=[WAYS])


if __name__ == "__main__":
    main()
