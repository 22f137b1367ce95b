# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules with the names and options of those that send mails and chat messages, for the examples.

They note what they were given instead of sending it; a mail to ``refused`` fails.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OPTIONS = {  # some of those that the documentation of community.general has
    "mail": "sender to cc bcc subject body host port username password secure attach charset headers subtype timeout",
    "slack": "domain token channel msg thread_id username icon_url link_names parse color attachments blocks",
}
MODULE = """#!/usr/bin/python
import json
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({name: {"type": "raw"} for name in %r.split()})
given = {name: value for name, value in module.params.items() if value is not None}
if "refused" in str(given.get("to")):
    module.fail_json(msg="refused")
with open(%r, "a") as sent:
    sent.write(json.dumps({%r: given}) + "\\n")
module.exit_json(changed=True)
"""


class Senders:
    """The modules, in a collections path, and what was sent by them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        modules = folder / "ansible_collections/community/general/plugins/modules"
        modules.mkdir(parents=True)
        self._sent = folder / "sent"
        self._sent.touch()
        for name, options in OPTIONS.items():
            (modules / f"{name}.py").write_text(MODULE % (options, str(self._sent), name), encoding="utf-8")

    def sent(self) -> list[dict[str, Any]]:
        """What was sent: a mapping of the module's name to its options each."""
        return [json.loads(line) for line in self._sent.read_text(encoding="utf-8").splitlines()]
