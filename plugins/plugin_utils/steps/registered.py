# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a role registered, ``_ROLE_NAME``, and what the role has done by that. Pure."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import role_outcomes
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.refusals import in_role_words, retold
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices import run as notices
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import REPORT

Data = dict[str, Any]
Vars = Mapping[str, Any]
Record = Mapping[str, Any]

_LISTS = ("outcomes", "kept", "archived")
_RECENT = 5  # so many results tell whether the server is out, see ``after_batch``

_OF_MODULES = ("selection", "logs", "batch", "list")
_BEFORE = {  # the tasks between a step and the step before it
    "plan": ("selection", "key"),
    "archive": ("logs",),
    "batch": ("batch",),
    "report": ("users", "list"),
}


def settings_of(role: str, task_vars: Vars) -> Data:
    """What the step ``read`` found. :raises OptionError: if it failed or was left out: then nothing may be done."""
    read = registered(role, "read", task_vars)
    if not has(read, "settings"):
        raise OptionError(f"The variables of the role {role} were not read, or refused: nothing is done.")
    settings: Data = read["settings"]
    return settings


def registered(role: str, name: str, task_vars: Vars) -> Any:
    """What a task registered; empty if it did not run. Messages of the modules are in the words of the role."""
    found = task_vars.get(f"_{role}_{name}")
    if not isinstance(found, Mapping):
        return {}
    return retold(found, role, settings_of(role, task_vars)["given"]) if name in _OF_MODULES else found


def remarks_before(role: str, step: str, task_vars: Vars) -> list[str]:
    """What the modules that ran before this step had to warn of, in the words of the role."""
    names = [*_BEFORE.get(step, ()), *(["key"] if role == REPORT and step == "report" else [])]
    if not registered(role, "plan", task_vars).get("owners"):  # nobody was asked for addresses in this run
        names = [name for name in names if name != "users"]
    found = [task_vars.get(f"_{role}_{name}") for name in names]
    texts = [text for one in found if isinstance(one, Mapping) for text in one.get("remarks") or ()]
    return [in_role_words(text, role, settings_of(role, task_vars)["given"]) for text in texts]


def gathered(role: str, task_vars: Vars) -> Data:
    """See ``role_outcomes.gathered``. :raises OptionError: if this run of the role has no plan."""
    settings, plan = settings_of(role, task_vars), registered(role, "plan", task_vars)
    if plan.get("began") != settings["began"]:
        raise OptionError(f"The role {role} has no plan.")
    done = task_vars.get(f"_{role}_done")
    done = released(done) if done and has(done, "held") else None
    if plan["notices"]:
        to_notify = notices.addressed(plan["notices"]["to_notify"], registered(role, "users", task_vars))
        plan = {**plan, "notices": {**plan["notices"], "to_notify": to_notify}}
    return role_outcomes.gathered(settings, registered(role, "selection", task_vars), plan, done)


def text_of(records: Sequence[Record]) -> str:
    """The records of a batch as the tasks of a role pass them on, as JSON text, which the modules read.

    Ansible copies, marks and evaluates what a task returns or takes value by value, and several times: a thousand
    records take a second, their text nothing. Because of the blank before it, ansible-core 2.16 leaves it a text.
    """
    return f" {json.dumps(list(records))}"


def records_of(text: str) -> list[Data]:
    """The inverse of ``text_of``."""
    records: list[Data] = json.loads(text)
    return records


def has(result: Any, name: str) -> bool:
    """Whether it is the result of a task that went well and returned ``name``."""
    return isinstance(result, Mapping) and not result.get("failed") and name in result


def held_after(
    before: Optional[Record], settings: Record, tried: Sequence[Record], batch: Record, archive: Optional[Record] = None
) -> Data:
    """The results up to this batch: ``stopped``, ``began``, ``trouble`` as ``after_batch``; ``held``: see ``released``.

    As records, those of all batches before would make each batch slower: Ansible copies what a task returns several
    times, value by value. So ``held`` is one short text for each batch.

    :param before: what this returned for the batch before; None at the first. The rest as for ``after_batch``.
    """
    recent = before["recent"] if before else []
    made = role_outcomes.after_batch(before and {**before, "outcomes": recent}, settings, tried, batch, archive)
    if before and before["stopped"]:
        return made
    own = {name: made.pop(name) for name in _LISTS}
    own["outcomes"] = own["outcomes"][len(recent) :]
    made["recent"] = [{"result": one["result"]} for one in (*recent, *own["outcomes"])[-_RECENT:]]
    return {**made, "held": [*(before["held"] if before else ()), _packed(own)]}


def released(done: Record) -> Data:
    """What ``held_after`` returned, with all results as records."""
    parts = [json.loads(zlib.decompress(base64.b64decode(text))) for text in done["held"]]
    return {**done, **{name: [one for part in parts for one in part[name]] for name in _LISTS}}


def _packed(value: Data) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value).encode(), 1)).decode()
