"""Prints on both outputs (and so in the log) which case begins."""

from __future__ import annotations

import re
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: marks
type: aggregate
short_description: where a case begins
description: For tests.
requirements: []
"""


class CallbackModule(CallbackBase):
    """Prints one line per task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "marks"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        found = re.match(r"c\d+", task.get_name())
        for stderr in (False, True):
            self._display.display(f"\n##mark {found.group() if found else 'other'}", stderr=stderr)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end."""
        for stderr in (False, True):
            self._display.display("\n##mark other", stderr=stderr)
