# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mark values so that Ansible does not evaluate text from a server as a template.

Since ansible-core 2.19 only trusted text is evaluated. Before that, every text has to be marked as unsafe.
"""

from __future__ import annotations

from typing import Any, Callable

from ansible import template
from ansible.utils.unsafe_proxy import wrap_var


def _unchanged(value: Any) -> Any:
    return value


untrusted: Callable[[Any], Any] = _unchanged if hasattr(template, "trust_as_template") else wrap_var
"""Marks the return value of a filter if this ansible-core needs it."""
