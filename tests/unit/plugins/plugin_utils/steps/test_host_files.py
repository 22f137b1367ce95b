# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host: what Ansible's modules answer is told with the path."""

from __future__ import annotations

import base64
import shlex
from types import SimpleNamespace

from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.host_files import HostFiles


class Files(HostFiles):
    """Answers of modules by their name; what they were called with is kept."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []
        self._task = SimpleNamespace(copy=SimpleNamespace, no_log=False)
        self._connection = self._play_context = self._loader = self._templar = None
        self._shared_loader_obj = SimpleNamespace(action_loader=SimpleNamespace(get=self._copy))

    def run(self, tmp=None, task_vars=None):
        raise NotImplementedError

    def _low_level_execute_command(self, cmd):
        assert shlex.split(cmd).count("/f") == 3
        return {"rc": self.answers.get("test", 0)}

    def _execute_module(self, name, options, task_vars):
        self.asked.append(options)
        return self.answers[name.rpartition(".")[2]]

    def _copy(self, _name, task, **_others):
        self.asked.append(task.args)
        return SimpleNamespace(run=lambda task_vars: self.answers["copy"])


def test_a_file_is_read_or_the_reason_told():
    encoded = base64.b64encode("ä\n".encode()).decode()
    assert Files(slurp={"content": encoded})._slurped("/f", {}) == ("ä\n", "")
    for encoding in ("utf-8-sig", "utf-16"):  # as Notepad and PowerShell write it
        encoded = base64.b64encode("{ä\n".encode(encoding)).decode()
        assert Files(slurp={"content": encoded})._slurped("/f", {}) == ("{ä\n", "")
    assert Files(slurp={"failed": True, "msg": "not found"})._reader({})("/f") == (None, "not found")
    assert Files(test=1)._slurped("/f", {}) == (None, "it is no regular file")
    assert Files(slurp={})._slurped("/f", {})[1] == "no reason was given"
