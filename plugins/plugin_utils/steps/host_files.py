# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action plugin that reads and writes files of its host: none is written in check mode.

It writes by one short script, as each module that Ansible starts takes some 0.3 s. All paths are absolute.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import shlex
from collections.abc import Mapping
from typing import Any, Optional

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import history
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import Read

Vars = Mapping[str, Any]

_PUT = """\
umask 077; set -C
put() {
  if [ -d "$2" ]; then echo "$2 is a folder" >&2; exit 1; fi
  if [ -e "$2" ] && ! [ -f "$2" ]; then echo "$2 is no regular file" >&2; exit 1; fi
  if ! cat "$1" > "$2$suffix"; then rm -f "$2$suffix"; exit 1; fi
  if [ -e "$2" ]; then chown "$(stat -c %u:%g "$2")" "$2$suffix" 2>/dev/null; fi
  chmod "$mode" "$2$suffix" && mv -f "$2$suffix" "$2" || { rm -f "$2$suffix"; exit 1; }
}
"""
"""Write beside the file, without following a link, then replace it: it is never half written. It keeps its owner."""


class HostFiles(ActionBase):
    """Reads and writes files of the host. The errors say which file."""

    def _reader(self, task_vars: Vars) -> Read:
        return lambda path: self._slurped(path, task_vars)

    def _slurped(self, path: str, task_vars: Vars) -> tuple[Optional[str], str]:
        """The text of a file, and if it cannot be read, why. A device or a pipe might never end."""
        place = shlex.quote(path)
        if self._low_level_execute_command(f"[ -f {place} ] || [ -d {place} ] || ! [ -e {place} ]").get("rc") == 1:
            return None, "it is no regular file"
        read = self._execute_module("ansible.builtin.slurp", {"src": path}, task_vars=dict(task_vars))
        content = read.get("content")
        if not isinstance(content, str):
            return None, _why(read)
        data = base64.b64decode(content)
        return data.decode(json.detect_encoding(data), "replace"), ""  # with a mark, as editors of Windows write it

    def _make_folder(self, path: str) -> None:
        """Make a folder, unless it exists; its mode stays. :raises OptionError: if it cannot be made."""
        if self._task.check_mode:
            return
        folder = shlex.quote(path)
        made = self._low_level_execute_command(f"[ -d {folder} ] || mkdir -p {folder}")
        if made["rc"]:
            raise OptionError(f"{path} cannot be made: {_said(made)}")

    def _read_small(self, path: str) -> str:
        """The text of a small regular file; empty if there is none."""
        with contextlib.suppress(AnsibleError):
            found = self._low_level_execute_command(history.reading(path))
            return str(found["stdout"]) if found.get("rc") == 0 else ""
        return ""

    def _try_to_write(self, path: str, text: str) -> list[str]:
        """Write a file that a run must not fail for. Returns warnings."""
        try:
            self._write({path: text}, "0640")
        except (OptionError, AnsibleError) as error:
            return [str(error)]
        return []

    def _write(self, texts: Mapping[str, str], mode: str) -> None:
        """Write the texts to these paths, with this mode. :raises OptionError: for the first that cannot be written."""
        if not texts or self._task.check_mode:
            return
        shell = self._connection._shell
        folder = shell.tmpdir or self._make_tmp_path()
        script = [f"suffix=.{secrets.token_hex(8)}.tmp; mode={mode}; {_PUT}"]
        for number, (path, text) in enumerate(texts.items()):
            source = self._transfer_data(shell.join_path(folder, f"text-{number}"), text)
            fix: Any = self._fixup_perms2
            fix((folder, source), execute=False)
            script.append(f"echo {shlex.quote(path)}; put {shlex.quote(source)} {shlex.quote(path)}")
        made = self._low_level_execute_command("\n".join(script))
        if made["rc"]:
            path = (made["stdout_lines"] or [next(iter(texts))])[-1]
            raise OptionError(f"{path} cannot be written: {_said(made)}")

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


def _said(made: Mapping[str, Any]) -> str:
    """The last line of what a command said."""
    return (made["stderr"] or made["stdout"]).strip().rpartition("\n")[2] or "no reason was given"
