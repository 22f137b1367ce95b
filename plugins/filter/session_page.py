# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: session_page
short_description: A page about AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Makes one HTML page of an overview. The page needs nothing else, no network and no script; with scripts its table
    can be filtered and ordered. Names that people gave to apps or sessions are shown as they are, and never run.
author: the aimms.cloud contributors (@aimms-cloud)
options:
  _input:
    description:
      - What P(aimms.cloud.session_overview#filter) returns, with C(host), the name of the account, and C(written_at),
        the time (UTC).
      - It may have C(remarks), sentences to show at the top, and C(files), the names of the C(json) and the C(csv) file
        beside the page.
      - With C(history), a list of earlier runs and this one, they are shown as lines. Each has C(at), the time (UTC),
        and the numbers C(running), C(stale), C(ended) and C(freed), or null.
      - With C(portal), the host of the account's portal, sessions whose record has a C(link) there are linked.
    type: dict
    required: true
seealso:
  - plugin: aimms.cloud.session_overview
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write a page about the sessions of an account
  ansible.builtin.copy:
    content: "{{ overview | combine({'host': 'acme', 'written_at': time}) | aimms.cloud.session_page }}"
    dest: sessions.html
    mode: "0640"
  vars:
    time: "{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ') }}"
    overview: "{{ query('aimms.cloud.aimms_session', states=['running']) | aimms.cloud.session_overview }}"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from jinja2 import TemplateError

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.untrusted import untrusted


def session_page(report: Any) -> str:
    """The page, marked as untrusted: Ansible does not evaluate it as a template.

    :raises AnsibleFilterError: if ``report`` is not an overview with ``host`` and ``written_at``.
    """
    try:
        text: str = untrusted(page(report))
    except AimmsError as error:
        raise AnsibleFilterError(f"session_page: {error}") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, TemplateError):
        raise AnsibleFilterError("session_page: This is no report of sessions.") from None
    return text


class FilterModule:
    """The filter ``aimms.cloud.session_page``."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"session_page": session_page}
