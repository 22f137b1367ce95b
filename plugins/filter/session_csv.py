# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: session_csv
short_description: AIMMS Cloud sessions as CSV
version_added: 1.0.0
description:
  - One line for each session, under a line of names. A text that begins with C(=), C(+), C(-) or C(@) gets an
    apostrophe in front, so that a spreadsheet does not take it for a formula.
author: the aimms.cloud contributors (@aimms-cloud)
options:
  _input:
    description:
      - Records of sessions, as M(aimms.cloud.aimms_session_info) or P(aimms.cloud.session_overview#filter) return them.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: aimms.cloud.session_overview
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Save the running sessions of an account
  ansible.builtin.copy:
    content: "{{ query('aimms.cloud.aimms_session', states=['running'], account='acme') | aimms.cloud.session_csv }}"
    dest: sessions.csv
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The lines, each ended by CR LF.
  type: str
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.aimms.cloud.plugins.plugin_utils.csv_report import as_csv
from ansible_collections.aimms.cloud.plugins.plugin_utils.untrusted import untrusted


def session_csv(sessions: Any) -> str:
    """The CSV, marked as untrusted: Ansible does not evaluate it as a template.

    :raises AnsibleFilterError: if ``sessions`` are not session records.
    """
    try:
        text: str = untrusted(as_csv(sessions))
    except (AttributeError, TypeError):
        raise AnsibleFilterError("session_csv: These are no records of sessions.") from None
    return text


class FilterModule:
    """The filter ``aimms.cloud.session_csv``."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"session_csv": session_csv}
