# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers say is never a template.

Since ansible-core 2.19 no text is one unless it is trusted; before, it had to be said of each that it is none.
"""

from __future__ import annotations

from typing import Any, Callable

from ansible import template
from ansible.utils.unsafe_proxy import wrap_var


def _as_it_is(value: Any) -> Any:
    return value


untrusted: Callable[[Any], Any] = _as_it_is if hasattr(template, "trust_as_template") else wrap_var
"""Marks a value that a filter returns, where that is needed."""
