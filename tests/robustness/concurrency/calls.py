"""Call the functions of the modules in this process, with options as Ansible gives them, over real sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION, QUERY
from ansible_collections.aimms.cloud.plugins.module_utils.sessions import delete, info, terminate
from ansible_collections.aimms.cloud.plugins.module_utils.tasks import interrupt
from ansible_collections.aimms.cloud.plugins.modules import (
    aimms_session_delete,
    aimms_session_terminate,
    aimms_task_interrupt,
)

Result = dict[str, Any]
Run = Callable[[Mapping[str, Any], bool, Callable[[str], None]], Result]
_MODULES: dict[str, tuple[Run, Mapping[str, Mapping[str, Any]]]] = {
    "aimms_session_terminate": (terminate.terminate, aimms_session_terminate.SPEC),
    "aimms_session_delete": (delete.delete, aimms_session_delete.SPEC),
    "aimms_task_interrupt": (interrupt.interrupt, aimms_task_interrupt.SPEC),
}


def ask(server: Any, **options: Any) -> Result:
    """The result of ``aimms_session_info``. Raises AimmsError."""
    return info.session_info({**_defaults(QUERY), **_to(server), **options}, lambda _text: None)


def change(module: str, server: Any, *, check: bool = False, **options: Any) -> Result:
    """The result of a changing module, also if it fails; then ``error`` is the error."""
    function, spec = _MODULES[module]
    try:
        return function({**_defaults(spec), **_to(server), **options}, check, lambda _text: None)
    except AimmsError as error:
        return {"sessions": [], **getattr(error, "result", {}), "error": error}


def connection_of(server: Any) -> Connection:
    """The connection options for a server."""
    return Connection.from_params({**_defaults({}), **_to(server)})


def _defaults(spec: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: option.get("default") for name, option in {**CONNECTION, **spec}.items()}


def _to(server: Any) -> dict[str, Any]:
    return {"url": server.url, "api_key": server.admin_key, "retries": 1, "timeout": 10, "max_time": 20}
