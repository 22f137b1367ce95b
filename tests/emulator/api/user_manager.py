"""The user-manager: who the user of a key is, and which keys that user has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ..account.clock import Clock
from ..account.seed import ACCOUNT, Key
from ..dialects.encoding import format_time
from ..http.reply import JSON, Refused, Reply
from .session_manager import Call

BASE = "/pro/user-manager/v1"
ERROR = {"id": "error_id", "code": "error_code", "message": "message"}
SCOPES = {"session": "Session", "tasks": "Tasks", "authentication": "Authentication", "apikey": "APIKey"}
"""The scopes of a key, as the vendor writes them."""
_NEEDS = {"getCurrentUser": "authentication", "listApiKeys": "apikey"}
_YEAR = 365 * 86400.0


class UserManager:
    """The operations of the user-manager."""

    def __init__(self, keys: Iterable[Key], clock: Clock) -> None:
        self._keys, self._clock = [*keys], clock
        self._operations: dict[str, Callable[[Call], Any]] = {
            "getCurrentUser": self._info,
            "listApiKeys": self._api_keys,
        }

    def run(self, operation: str, call: Call) -> Reply:
        """Run an operation by its id. Raises Refused (403) if the key lacks its scope."""
        if _NEEDS[operation] not in call.key.scopes:
            raise Refused(403, "Forbidden", f"the API key lacks the {SCOPES[_NEEDS[operation]]} scope")
        return Reply(200, json.dumps(self._operations[operation](call)).encode(), JSON)

    @staticmethod
    def _info(call: Call) -> Any:
        user, _at, environment = call.key.owner.rpartition("@")
        return {
            "account_name": ACCOUNT, "environment_name": environment, "user_name": user,
            "email": f"{user}@example.com", "full_name": user.replace(".", " ").title(),
            "groups": ["Admin"] if call.key.admin else ["Users"],
        }  # fmt: skip

    def _api_keys(self, call: Call) -> Any:
        own = [key for key in self._keys if key.owner == call.key.owner]
        begin = call.values["offset"]
        return [
            {
                "name": key.role,
                "expiration_date": format_time(self._clock.begin + _YEAR, "naive_us"),
                "scopes": sorted(SCOPES[scope] for scope in key.scopes),
            }
            for key in own[begin : begin + call.values["limit"]]
        ]
