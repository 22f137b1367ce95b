"""The user-manager: who the user of a key is, which keys that user has, and who other users are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ..account.clock import DAY, Clock
from ..account.seed import ACCOUNT, OWNERS, Key
from ..dialects.encoding import format_time
from ..http.reply import JSON, Refused, Reply, refuse_all
from ..settings import Settings
from .session_manager import Call

BASE = "/pro/user-manager/v1"
ERROR = {"id": "error_id", "code": "error_code", "message": "message"}
SCOPES = {"session": "Session", "tasks": "Tasks", "authentication": "Authentication", "apikey": "APIKey"}
"""The scopes of a key, as the vendor writes them."""
_NEEDS = {"getCurrentUser": "authentication", "getUser": "authentication", "listApiKeys": "apikey"}


def user_of(key: Key) -> dict[str, Any]:
    """The user of a key, as the Task API tells it."""
    user, _at, environment = key.owner.rpartition("@")
    return {"name": user, "environment_name": environment, "isAdmin": key.admin}


class UserManager:
    """The operations of the user-manager."""

    def __init__(self, keys: Iterable[Key], clock: Clock, settings: Settings) -> None:
        self._keys, self._clock, self._settings = [*keys], clock, settings
        self._operations: dict[str, Callable[[Call], Any]] = {
            "getCurrentUser": self._own,
            "getUser": self._user,
            "listApiKeys": self._api_keys,
        }

    def run(self, operation: str, call: Call) -> Reply:
        """Run an operation by its id. Raises Refused (403) if the key lacks its scope."""
        refuse_all(self._settings.users_status, "users")
        if _NEEDS[operation] not in call.key.scopes:
            raise Refused(403, "Forbidden", f"the API key lacks the {SCOPES[_NEEDS[operation]]} scope")
        return Reply(200, json.dumps(self._operations[operation](call)).encode(), JSON)

    def _own(self, call: Call) -> Any:
        return self._info(call.key.owner)

    def _user(self, call: Call) -> Any:
        """Another user for an administrator; nobody else sees more than itself. Raises Refused (403, 404)."""
        values = call.path_values
        owner = f"{values['user']}@{values['environment']}"
        if not call.key.admin and owner != call.key.owner:
            raise Refused(403, "Forbidden", "not your user")
        known = {*OWNERS, *(key.owner for key in self._keys), *self._settings.users}
        if values["account"] != ACCOUNT or owner not in known or self._settings.users.get(owner, {}) is None:
            raise Refused(404, "UserNotFound", "no such user")
        return self._info(owner)

    def _info(self, owner: str) -> dict[str, Any]:
        user, _at, environment = owner.rpartition("@")
        admin = any(key.admin for key in self._keys if key.owner == owner)
        return {
            "account_name": ACCOUNT, "environment_name": environment, "user_name": user,
            "email": f"{user}@example.com", "full_name": user.replace(".", " ").title(),
            "groups": ["Admin"] if admin else ["Users"], **(self._settings.users.get(owner) or {}),
        }  # fmt: skip

    def _api_keys(self, call: Call) -> Any:
        present = [key for key in (key.under(self._settings.keys) for key in self._keys) if key]
        own = [key for key in present if key.owner == call.key.owner]
        begin = call.values["offset"]
        return [self._shown(key) for key in own[begin : begin + call.values["limit"]]]

    def _shown(self, key: Key) -> dict[str, Any]:
        return {
            "name": key.role,
            "expiration_date": format_time(self._clock.begin + key.days * DAY, "naive_us"),
            "scopes": sorted(SCOPES[scope] for scope in key.scopes),
            **key.shown,
        }
