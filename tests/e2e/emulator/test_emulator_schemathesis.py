"""Schemathesis with the emulator's own documents: valid and invalid requests to every operation."""

from __future__ import annotations

import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml
from emulator.dialects.dialect import DIALECTS
from emulator.dialects.document import base
from plain_client import MANAGER, TASKS, ask
from timing import PATIENCE

schemathesis = pytest.importorskip("schemathesis")
hypothesis = pytest.importorskip("hypothesis")
pytest.importorskip("hypothesis.configuration").set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")

EXAMPLES = 12
LIMITS = {
    "max_examples": EXAMPLES,
    "derandomize": True,
    "deadline": None,
    "database": None,
    "suppress_health_check": list(hypothesis.HealthCheck),
}


class Run:
    """Generated requests to every operation of a document; each answer is checked against it."""

    def __init__(self, emulator: Any, prefix: str, mode: str, names: tuple[str, str] = ("kind", "id")) -> None:
        self.emulator, self.prefix, self.mode = emulator, prefix, schemathesis.GenerationMode(mode)
        self.kind, self.id = names
        found = list(emulator.state()["sessions"].values())
        self.sessions = cycle(found)
        self.tasks = cycle([item for item in found if item["task_id"]])
        self.sent = 0

    def over(self, document: Any, cursor: str | None = None) -> None:
        """Test all operations of a document. A generated value of the parameter `cursor` may be refused."""
        if self.mode.is_negative:  # the key is always sent; without it every answer is 401
            document = {name: part for name, part in document.items() if name != "security"}
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            strategy = result.ok().as_strategy(generation_mode=self.mode)
            test = hypothesis.given(case=strategy)(lambda case: self.send(case, cursor))
            hypothesis.settings(**LIMITS)(test)()

    def send(self, case: Any, cursor: str | None) -> None:
        """Send one request. Every other valid one uses the id of an existing session or task."""
        self.sent += 1
        if self.sent % 2 and self.mode.is_positive:
            self._aim(case)
        excluded = []
        if cursor is not None and cursor in (case.query or {}):
            excluded.append(schemathesis.checks.CHECKS.get_one("positive_data_acceptance"))
        headers = {"apiKey": self.emulator.admin_key}
        base_url = self.emulator.url + self.prefix
        case.call_and_validate(base_url=base_url, headers=headers, excluded_checks=excluded, timeout=PATIENCE)

    def _aim(self, case: Any) -> None:
        if self.id not in (case.path_parameters or {}):
            return
        if self.prefix == TASKS:
            case.path_parameters[self.id] = next(self.tasks)["task_id"]
            return
        literal = case.path.removeprefix("/sessions/").removeprefix("logs/").partition("/")[0]
        session = next(one for one in self.sessions if literal in (one["kind"], f"{{{self.kind}}}", f"{{{self.id}}}"))
        case.path_parameters[self.id] = session["id"]
        if self.kind in case.path_parameters:
            case.path_parameters[self.kind] = session["kind"]


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_session_manager(start: Any, name: str, mode: str) -> None:
    emulator, dialect = start(dialect=name, sessions=200), DIALECTS[name]
    document = yaml.safe_load(ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body)
    run = Run(emulator, MANAGER, mode, (dialect.parameter_name("kind"), dialect.parameter_name("id")))
    run.over(document, dialect.parameter_name("cursor") if dialect.paging == "cursor" else None)
    assert run.sent >= EXAMPLES * len(document["paths"]) // 2
    statuses = {entry["status"] for entry in emulator.requests()}
    assert statuses <= {200, 202, 204, 400, 401, 403, 404, 405, 409}
    if mode == "positive":
        assert emulator.changes()
        assert emulator.state(summary=True)["count"] <= 200


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_task_api(start: Any, mode: str) -> None:
    run = Run(start(sessions=200), TASKS, mode)
    run.over(base("tasks"))
    assert run.sent >= EXAMPLES
