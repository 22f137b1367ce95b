# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes of the modules, such as support of check mode."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return what it would do, without changing anything.
  diff_mode:
    description: Returns details on what has changed (or would change) in diff mode.
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/aimms.cloud.aimms) in C(module_defaults) to set the connection options for all modules.
    support: full
    membership:
      - aimms.cloud.aimms
"""

    READS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    support: none
    details:
      - This module never changes anything.
"""

    CHANGES = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Returns exactly the sessions that a run would act on, and sends nothing that changes anything.
  diff_mode:
    support: none
    details:
      - What is done is in the result, session by session.
"""

    FILES = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Reads the logs to tell what would change, and writes no file.
  diff_mode:
    support: none
    details:
      - Logs are too large to show what differs.
"""
