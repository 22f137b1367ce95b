"""The cleanup role in one process: its own steps decide, and modules run as its tasks do. For a fork of `stage.py`."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Data = dict[str, Any]
Module = Callable[[Data], Data]

_ROLE = "stale_session_cleanup"
_PLUGINS = "ansible_collections.aimms.cloud.plugins.plugin_utils"
_AGAIN = ("max_active", "max_seats")
"""Limits that are checked for each batch too."""


def _part(name: str) -> Any:
    return importlib.import_module(f"{_PLUGINS}.{name}")


def specification() -> Data:
    """The variables of the role."""
    yaml: Any = importlib.import_module("yaml")
    path = Path(str(_part("role_variables").__file__)).parents[2] / f"roles/{_ROLE}/meta/argument_specs.yml"
    found: Data = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {name: dict(entry) for name, entry in found["argument_specs"]["main"]["options"].items()}


def run(task: Data, spec: Data, module: Module) -> Data:
    """A run of the role. ``result`` has its fact as ``role``, and the ledger where it is no file.

    :param task: ``options`` of the connection, ``variables`` without the name of the role, ``fact``, ``shift``, by how
        many seconds the clock of this machine is wrong, and ``stops``, whether the run ends before it tells anything.
    :param module: runs the module that ends sessions.
    """
    really = time.time
    time.time = lambda: really() + task["shift"]
    try:
        told = _run(task, spec, module)
    except Exception as error:
        if not type(error).__name__.endswith(("OptionError", "RefusedError")):
            raise
        told = {"failed": True, "msg": str(error)}
    result = {"failed": False, "msg": "", "page": "", "ledger": None, **told}
    return {"result": result, "broken": "", "output": json.dumps(result)}


def _settings(variables: Data, spec: Data) -> Data:
    """As the step `read` makes them."""
    roles, places, policies = _part("role_variables"), _part("steps.places"), _part("steps.policies")
    given = {f"{_ROLE}_{name}": value for name, value in variables.items() if name != "policies"}
    values = roles.read_values(_ROLE, spec, given, False)
    settings: Data = {
        **places.place_of(_ROLE, "host", 1, "account", str(Path.cwd())),
        "address": "https://account",
        "check_mode": False, "began": repr(time.time()), "metrics": None, "given": values, "in_awx": False,
        "changes": bool(values["apply"]), "follows": False, "plan_notes": [], "connection": {},
        "selection": roles.selection_of(_ROLE, values), "limits": roles.limits_of(_ROLE, values),
    }  # fmt: skip
    asked = {"policies": variables.get("policies", policies.OMITTED), "policies_file": policies.OMITTED}
    rules = policies.rules_in(_ROLE, settings, asked, spec, lambda _path: (None, "none"))
    if rules is not None:
        settings["selection"], settings["limits"] = policies.with_rules(settings, rules)
        values["notice"], settings["notices"] = policies.notices_of(rules, values.get("notice"))
    roles.check_notice_file(_ROLE, values)
    settings.update(places.files_of(_ROLE, settings), ledger=values["notice_file"])
    return settings


def _run(task: Data, spec: Data, module: Module) -> Data:
    outcomes, notices = _part("role_outcomes"), _part("notices.run")
    settings = _settings(task["variables"], spec)
    common = {**task["options"], **settings["selection"]}
    selection = module({**common, **settings["limits"], "_ansible_check_mode": True})
    announce = partial(notices.announced, settings, selection, task["fact"], time.time)
    plan = outcomes.plan_of(settings, selection, announce if settings["given"]["notice"] else None)
    told, done = plan["notices"] or {}, None
    if task["stops"]:
        return {"failed": True, "msg": "This run was stopped.", "ledger": told.get("ledger")}
    for batch in plan["batches"]:
        limits = {name: settings["limits"][name] for name in _AGAIN if name in settings["limits"]}
        options = {**common, **limits, "sessions": batch, "max_sessions": len(batch), "max_percent": 100}
        made = {"skipped": True} if done and done["stopped"] else module(options)
        done = outcomes.after_batch(done, settings, batch, made)
    found = outcomes.gathered(settings, selection, plan, done)
    ledger = told.pop("ledger", None)
    ledger = notices.confirmed(settings, told.pop("pending", None), ledger or task["fact"]) or ledger
    lines = _part("role_texts").outcome_lines(settings, found)
    return {"role": found["result"], "msg": found["failure"], "failed": bool(found["failure"]), "ledger": ledger,
            "lines": lines}  # fmt: skip
