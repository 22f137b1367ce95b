"""User errors: the key in another option, unknown options, and invalid keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .bench import DEFAULTS, INFO, LOOKUP, OPTION, TERMINATE, WAYS, Bench, Task
from .cases import Build, Case, Seen, refused

ELSEWHERE: dict[str, dict[str, Any]] = {
    **{f"key as {name}": {name: "KEY"} for name in (
        "timeout", "older_than", "url", "ca_path", "naive_timezone", "sort_by", "api_generation",
        "validate_certs", "max_time", "limit",
    )},
    **{f"key as one of {name}": {name: ["KEY"]} for name in ("session_ids", "states", "kinds", "fields")},
    "key as a server's filter": {"server_filters": {"KEY": "x"}},
    "key as account": {"account": "KEY", "url": ""},
    "key as password in the address": {"url": "https://me:KEY@127.0.0.1"},
    "key as path of the address": {"url": "https://127.0.0.1/KEY"},
    "key as an unknown option": {"api_kei": "KEY"},
}  # fmt: skip
"""What a user may have written, KEY being the key."""
MALFORMED = {
    "a line end": "KEY\n", "a carriage return": "KEY\r", "a header behind it": "KEY\r\nX-Other: 1", "a blank": " KEY",
    "a tab": "KEY\tKEY", "an umlaut": "KEY\u00e4", "an emoji": "KEY\U0001f511", "a wide space": "\u3000KEY",
}  # fmt: skip


def _templates(value: Any) -> Any:
    """The options of a module; the keys of a mapping can only come from an expression."""
    if isinstance(value, dict) and "KEY" in value:
        return "{{ " + _expression(value) + " }}"
    if isinstance(value, list):
        return [_templates(item) for item in value]
    return value.replace("KEY", "{{ api_secret }}") if isinstance(value, str) else value


def _expression(value: Any) -> str:
    """The same as an expression with the lookup."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_expression(name)}: {_expression(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    return f"{value!r}.replace('KEY', api_secret)"


def _elsewhere(part: str, options: dict[str, Any]) -> Build:
    def build(bench: Bench, mark: str) -> list[Task]:
        url = bench.parrot.url("document", mark)
        if part == LOOKUP:
            given = {"url": url, **{name: f"={_expression(value)}" for name, value in options.items()}}
            return [bench.template(mark, bench.query(**given))]
        return [bench.module(mark, part, url, {name: _templates(value) for name, value in options.items()})]

    return build


def _ran(seen: Seen) -> bool:
    """It ended, with or without success: some values are valid ids or filters."""
    return bool(seen.rows)


def misplaced() -> Iterator[Case]:
    """The key in another option."""
    for number, (situation, options) in enumerate(ELSEWHERE.items()):
        for part in (INFO, LOOKUP):
            always = number in (0, 1) or situation.endswith("unknown option")
            yield Case(part, situation, _elsewhere(part, options), _ran, _known_ways(part, options), always)
    options = {"key": "KEY"}
    unknown = _elsewhere(TERMINATE, options)
    yield Case(TERMINATE, "key as an unknown option", unknown, refused, _known_ways(TERMINATE, options))


def _known_ways(part: str, options: dict[str, Any]) -> tuple[str, ...]:
    """The ways for which Ansible itself masks the key in other options of a module.

    With a key from the environment ANSIBLE_DEBUG is on and prints options. And Ansible logs lists and mappings to the
    journal in Python's notation, in which a key with quotes is not recognised.
    """
    if part == LOOKUP:
        return WAYS
    return (DEFAULTS,) if any(isinstance(value, (list, dict)) for value in options.values()) else (OPTION, DEFAULTS)


def _malformed(part: str, number: int, shape: str) -> Build:
    def build(bench: Bench, mark: str) -> list[Task]:
        key = bench.canary(f"malformed {number}")
        template = bench.secret(f"malformed_{mark}", shape.replace("KEY", key, 1).replace("KEY", key[::-1]))
        url = bench.parrot.url("401", mark)
        if part == LOOKUP:
            return [bench.template(mark, bench.query(url, api_key=f"=malformed_{mark}"))]
        return [bench.module(mark, part, url, {"api_key": template})]

    return build


def malformed() -> Iterator[Case]:
    """Keys that are invalid in a header: refused before any connection, and not shown."""
    for number, (name, shape) in enumerate(MALFORMED.items()):
        for part in (INFO, LOOKUP):
            ways = (OPTION, DEFAULTS) if part == INFO else (OPTION,)
            yield Case(part, f"key with {name}", _malformed(part, number, shape), refused, ways, always=number < 2)
