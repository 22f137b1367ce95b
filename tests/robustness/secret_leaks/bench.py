"""What the cases of one run share: the way of giving the key, the servers, and the sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from .forms import canary, spoken
from .servers import DECOY, Parrot
from .telling import FORMS

Task = dict[str, Any]
INFO, TERMINATE, DELETE = "aimms_session_info", "aimms_session_terminate", "aimms_session_delete"
LOG_INFO, LOG_DOWNLOAD = "aimms_session_log_info", "aimms_session_log_download"
TASK_INFO, INTERRUPT, LOOKUP = "aimms_task_info", "aimms_task_interrupt", "lookup aimms_session"
KEY_INFO, USER_INFO = "aimms_key_info", "aimms_user_info"
TASK_DELETE = "aimms_task_delete"
MODULES = (INFO, TERMINATE, DELETE, LOG_INFO, LOG_DOWNLOAD, TASK_INFO, INTERRUPT, TASK_DELETE, KEY_INFO, USER_INFO)
TOLERANT = (KEY_INFO, USER_INFO)
"""What a service does not tell these is null: only invalid options make them fail."""
OWNER = "admin@ROOT"
OPTION, DEFAULTS, ENVIRONMENT = "option, from a vault", "module_defaults", "environment"
WAYS = (OPTION, DEFAULTS, ENVIRONMENT)
HOUR = 3600.0
PATIENCE = {"retries": 0, "timeout": 10, "max_time": 20}


@dataclass
class Bench:
    """``key`` goes the ``way``; ``secrets`` are variables of single cases, and ``keys`` what else is looked for."""

    way: str
    key: str
    emulator: Any
    parrot: Parrot
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """A secret of somebody else, which servers tell in their texts."""
        return self.canary("told")

    def canary(self, name: str) -> str:
        """Another key; the same name always gives the same key."""
        made = canary(Random(f"{self.key} {name}"))
        if made not in self.keys:
            self.keys += [made, made[::-1]]
        return made

    def echoes(self, **values: Any) -> str:
        """Add a session whose fields contain the key in every form. Returns its id."""
        texts = spoken(self.key)
        overrides = {"app_name": f"{DECOY} {texts[0]}", "app_version": texts[1], "description": " ".join(texts)}
        told = [form(self.told) for form in FORMS]
        wire = {**overrides, "message": " ".join([DECOY, *texts, " | ".join(told)]), **values.pop("overrides", {})}
        said = [*texts, *told]
        logs = [{"timestamp": "2026-01-01T00:00:00Z", "message": f"{DECOY} {text}"} for text in said]
        made = self.emulator.add_session(**{"kind": "task", "age": HOUR, "logs": logs, "overrides": wire, **values})
        return str(made["id"])

    def _echo_users(self) -> None:
        """The user-manager tells the key, and one of somebody else, in all fields."""
        texts = spoken(self.key)
        user = {"full_name": " ".join(texts), "groups": [DECOY, *texts], "email": f"{self.key}@example.com"}
        told = {"name": f"{DECOY} {texts[0]}", "scopes": [*texts, self.told], "api_key": self.told, "key": self.key}
        self.emulator.set(users={OWNER: user}, keys={role: {"shown": told} for role in ("admin", "second")})

    def options(self, part: str, mark: str) -> dict[str, Any]:
        """Valid options of a module for the emulator."""
        if part in (INFO, TASK_INFO):
            return {"include_raw": True} | ({"include_log": True} if part == TASK_INFO else {})
        if part in TOLERANT:
            self._echo_users()
            return {"owners": [OWNER]} if part == USER_INFO else {}
        if part == DELETE:
            return {"kinds": ["task"], "session_ids": [self.echoes(state="completed")]}
        if part == TASK_DELETE:
            task = self.emulator.session(self.echoes(state="completed"))["task_id"]
            return {"task_ids": [task], "archive_dir": str(self.folder / "logs" / mark)}
        session = self.echoes(state="running")
        if part == TERMINATE:
            return {"kinds": ["task"], "session_ids": [session], "interrupt_tasks": "solve", "grace_period": "1s"}
        if part == INTERRUPT:
            return {"session_ids": [session]}
        if part == LOG_INFO:
            return {"kind": "task", "session_id": session}
        return {"kind": "task", "session_ids": [session], "dest": str(self.folder / "logs" / mark)}

    def secret(self, name: str, value: str) -> str:
        """A template that yields a secret of one case."""
        self.secrets[name] = value
        return "{{ " + name + " }}"

    def module(
        self, mark: str, part: str, url: str = "", given: Mapping[str, Any] | None = None, **keywords: Any
    ) -> Task:
        """A task of a module.

        :param url: the server; without one, the emulator.
        :param given: options that replace its own, but for the key's.
        """
        options = {
            "url": url or self.emulator.url,
            **PATIENCE,
            **(self.options(part, mark) if given is None else given),
        }
        if self.way == OPTION:
            options = {"api_key": "{{ api_secret }}", **options}
        task = {"name": f"{mark} {part}", f"aimms.cloud.{part}": options, "register": mark, **keywords}
        return {**task, "environment": {"LEAKS_CASE": mark}}

    def query(self, url: str = "", **options: Any) -> str:
        """An expression with the lookup. An option that begins with `=` is an expression itself."""
        given: dict[str, Any] = {"url": url or self.emulator.url, **PATIENCE, **options}
        if self.way == OPTION:
            given = {"api_key": "=api_secret", **given}
        words = []
        for name, value in given.items():
            expression = value[1:] if isinstance(value, str) and value.startswith("=") else repr(value)
            words.append(f"{name}={expression}")
        return f"query('aimms.cloud.aimms_session', {', '.join(words)})"

    def template(self, mark: str, expression: str, action: str = "debug", **keywords: Any) -> Task:
        """A task of a module of Ansible that gets the value of an expression."""
        options: dict[str, Any] = {"msg": "{{ " + expression + " }}"}
        task = {"name": f"{mark} lookup", f"ansible.builtin.{action}": options, "register": mark, **keywords}
        if self.way == DEFAULTS:
            task["vars"] = {"aimms_api_key": "{{ api_secret }}"}
        return task
