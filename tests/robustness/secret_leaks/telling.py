"""A service that tells a secret of somebody else wherever it has words: messages, tasks, logs, reasons of refusals.

The secret is no key of ours, so nothing but its form shows what it is: an option, a header, JSON, an address.
"""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Callable
from typing import Any

FORMS: tuple[Callable[[str], str], ...] = (
    lambda secret: f"started with --logonToken {secret} --other 1",
    lambda secret: f"started with /logonToken {secret}",
    lambda secret: f"Authorization: Bearer {secret}",
    lambda secret: f'{{"password": "{secret}", "user": "x"}}',
    lambda secret: f"<token>{secret}</token>",
    lambda secret: f"GET https://store.example/x?sig={secret}&v=1",
    lambda secret: f"https://me:{secret}@store.example/",
    lambda secret: f"--logonToken\x1b[0m \x1b[31m{secret}\x1b[0m",
    lambda secret: f"apiKey={secret}; pass={secret}",
)
"""The forms in which a service may tell it, each in a text of its own."""

LOGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "gzip": lambda text: gzip.compress(text.encode()),
    "utf-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-gzip": lambda text: gzip.compress(codecs.BOM_UTF16_BE + text.encode("utf-16-be")),
    "utf-16-unmarked": lambda text: text.encode("utf-16-le"),
    "nul": lambda text: text.replace(" with", "\0with").encode(),
    "half-gzip": lambda text: gzip.compress(text.encode())[:-9],
}
"""What the download of a log may be; by the name of the service that gives it."""

REFUSALS: dict[str, Callable[[str], Any]] = {
    "message": lambda text: {"message": text, "errorId": "e-1", "errorCode": 1064},
    "detail": lambda text: {"type": "about:blank", "title": "Bad Request", "detail": text},
    "wrapped": lambda text: {"error": {"code": 400, "message": text}},
    "list": lambda text: {"detail": [{"loc": ["body"], "msg": text}], "message": [text]},
    "errors": lambda text: {"errors": [{"detail": text, "title": text}]},
}
"""What a refusal may be; by the name of the service that refuses everything so."""

_BASE = "pro/session-manager/v1/"
_SESSION, _TASK = "s1", "t1"
_KIND = {"name": "kind", "in": "path", "schema": {"enum": ["task"]}}
_PAGE = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("offset", "limit")]
_PATHS: dict[str, Any] = {
    "/sessions/{kind}": {"get": {"parameters": [_KIND, *_PAGE]}},
    "/sessions/{kind}/{id}": {"get": {}, "delete": {}},
    "/sessions/{kind}/{id}/terminate": {"patch": {}},
    "/sessions/{kind}/{id}/logs": {"get": {"parameters": _PAGE}},
    "/sessions/{kind}/{id}/logs/download": {"get": {}},
}


def told(method: str, path: str, service: str, secret: str, decoy: str) -> tuple[int, bytes, str]:
    """Status, body and type of the answer of a service. :param service: a name of ``LOGS`` or ``REFUSALS``."""
    texts = [f"{decoy} {form(secret)}" for form in FORMS]
    if path.endswith("openapi.yaml"):
        return 200, _json({"openapi": "3.0.3", "paths": _PATHS}), "application/json"
    if service in REFUSALS:
        # One form after the other, as a long message is cut.
        turn = sum(path.encode()) + len(method)
        return 400, _json(REFUSALS[service](texts[turn % len(texts)])), "application/json"
    if path.endswith("/logs/download"):
        return 200, LOGS[service]("".join(f"2026-01-01T00:00:00Z {text}\n" for text in texts)), "text/plain"
    if method != "GET":
        return (
            400,
            _json({"message": texts[len(path) % len(texts)], "errorId": "e-2", "errorCode": 7}),
            "application/json",
        )
    return 200, _json(_answer(path, service, secret, texts)), "application/json"


def _answer(path: str, service: str, secret: str, texts: list[str]) -> Any:
    """What a read is answered with."""
    below = path.partition(_BASE)[2]
    if "user" in path:
        return _of_users(path, secret, texts)
    if not below:
        return _of_tasks(path.partition("/tasks")[2].strip("/"), secret, texts)
    if below.endswith("/logs"):
        texts = [text.replace(" with", "\0with") for text in texts] if service == "nul" else texts
        lines = [{"timestamp": "2026-01-01T00:00:00Z", "message": text} for text in texts]
        return {"lines": lines, "total": len(lines)}
    record = {
        "id": _SESSION, "kind": "task", "state": "failed" if service == "plain" else "running", "app_name": "Crew",
        "app_version": "1", "owner": "jdoe@ROOT", "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:00Z", "message": " | ".join(texts),
    }  # fmt: skip
    return record if below.endswith(_SESSION) else {"sessions": [record], "total": 1}


def _of_users(path: str, secret: str, texts: list[str]) -> Any:
    """What the user-manager answers, and the Task API on the key's user."""
    if path.endswith("/api-key"):
        return [{"name": texts[0], "scopes": [*texts, secret], "api_key": secret, "expiration_date": texts[1]}]
    user = {"name": "admin", "environment_name": "ROOT", "account_name": "emulated", "token": secret}
    return {**user, "full_name": " ".join(texts), "groups": texts, "email": f"{secret}@example.com"}


def _of_tasks(below: str, secret: str, texts: list[str]) -> Any:
    """What the Task API answers."""
    if below.endswith("/response"):
        return {"token": secret, "note": texts, "deep": [{"password": [secret]}]}
    if below.endswith("/logs"):
        return texts
    task = {
        "id": _TASK, "groupIndex": None, "state": "RUNNING", "sessionId": _SESSION, "appName": "Crew",
        "createdAt": "2026-01-01T00:00:00Z", "userName": "jdoe", "userEnvironment": "ROOT",
        "errorMessage": " | ".join(texts),
    }  # fmt: skip
    return task if below else {"total_tasks": 1, "current_batch": [task]}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
