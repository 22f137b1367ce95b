# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action plugin that reads and writes files of its host, with Ansible's modules: none is written in check mode."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from typing import Any, Optional

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import history
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import Read

Vars = Mapping[str, Any]


class HostFiles(ActionBase):
    """Reads and writes files of the host. The errors say which file."""

    def _reader(self, task_vars: Vars) -> Read:
        return lambda path: self._slurped(path, task_vars)

    def _slurped(self, path: str, task_vars: Vars) -> tuple[Optional[str], str]:
        """The text of a file, and if it cannot be read, why."""
        read = self._execute_module("ansible.builtin.slurp", {"src": path}, task_vars=dict(task_vars))
        content = read.get("content")
        if not isinstance(content, str):
            return None, _why(read)
        return base64.b64decode(content).decode("utf-8", "replace"), ""

    def _make_folder(self, path: str, task_vars: Vars) -> None:
        """Make a folder, unless it exists; its mode stays. :raises OptionError: if it cannot be made."""
        options: dict[str, object] = {"path": path, "state": "directory"}
        made = self._execute_module("ansible.builtin.file", options, task_vars=dict(task_vars))
        if made.get("failed"):
            raise OptionError(f"{path} cannot be made: {_why(made)}")

    def _read_small(self, path: str) -> str:
        """The text of a small regular file; empty if there is none."""
        with contextlib.suppress(AnsibleError):
            found = self._low_level_execute_command(history.reading(path))
            return str(found["stdout"]) if found.get("rc") == 0 else ""
        return ""

    def _try_to_write(self, path: str, text: str, task_vars: Vars) -> list[str]:
        """Write a file that a run must not fail for. Returns warnings."""
        try:
            self._write(path, text, "0640", task_vars)
        except (OptionError, AnsibleError) as error:
            return [str(error)]
        return []

    def _write(self, path: str, text: str, mode: str, task_vars: Vars) -> None:
        """Write a file. :raises OptionError: if it cannot be written."""
        made = self._run_action("ansible.legacy.copy", {"content": text, "dest": path, "mode": mode}, task_vars)
        if made.get("failed"):
            raise OptionError(f"{path} cannot be written: {_why(made)}")

    def _run_action(self, name: str, arguments: dict[str, Any], task_vars: Vars, *, no_log: bool = False) -> Any:
        """The result of another action, with this task's connection."""
        task = self._task.copy()
        task.args, task.no_log = arguments, no_log or self._task.no_log
        action = self._shared_loader_obj.action_loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.run(task_vars=dict(task_vars))


def _why(result: Mapping[str, Any]) -> str:
    return str(result.get("msg") or "no reason was given")
