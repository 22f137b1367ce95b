# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No test may fail because the machine is busy: ``tests/timing.py`` says what to do instead of what is refused here."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Optional

import pytest

TESTS = Path(__file__).absolute().parents[1]
FILES = sorted(path for path in TESTS.rglob("*.py") if path != TESTS / "timing.py" and "output" not in path.parts)
CLOCKS = {"monotonic", "perf_counter", "time", "process_time", "thread_time", "monotonic_ns", "time_ns", "getrusage"}
WALL_CLOCKS = {"monotonic", "perf_counter", "time", "monotonic_ns", "time_ns"}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
WAITING = {"wait", "join", "result", "get", "acquire", "communicate", "run", "Barrier", "wait_for", "check_output"}
SHORTEST_WAIT = 30
SHORTEST_PATIENCE = 20

FIXED = "a time is compared with a fixed number: compare with a reference (costs_at_most), or use within()"
WALL = (
    "a time by the clock on the wall may not be longer than something measured before it: compare what the processor"
    " did (costs_at_most, processor_seconds), or use within()"
)
SHORT = (
    f"a wait for an event ends after less than {SHORTEST_WAIT} s: give it PATIENCE, only a failing test waits as long"
)
SLEEP = "a pause before something is looked at: wait for the event with until()"
HASTE = f"a client has less than {SHORTEST_PATIENCE} s for an answer"

UNITS = "unit/plugins/module_utils"
HTTP = f"{UNITS}/http"
RULE_8 = "the bound itself is tested, by what this thread did and not by what it waited for (within)"
KILLED = "what does not end in this time is killed"
ALLOWED = {
    (f"{HTTP}/test_deadline.py", "", HASTE): RULE_8,
    (f"{HTTP}/test_deadline.py", "test_timeout_bounds_each_try", HASTE): RULE_8,
    (f"{HTTP}/test_deadline.py", "test_last_byte_before_the_end_buys_no_more_time", HASTE): RULE_8,
    (f"{HTTP}/test_deadline.py", "test_a_name_service_that_does_not_answer_counts_against_the_time", HASTE): RULE_8,
    (f"{HTTP}/test_deadline.py", "late", SLEEP): "the server's pace; one that comes later meets the end all the same",
    (f"{HTTP}/test_deadline.py", "interim", SLEEP): "the server's pace",
    (f"{HTTP}/test_client_streams.py", "test_a_stream_ends_in_time", HASTE): RULE_8,
    (f"{HTTP}/test_client_streams.py", "test_a_stall_in_the_middle_ends_after_the_timeout", HASTE): RULE_8,
    (f"{HTTP}/test_client_messages.py", "test_what_has_no_end_is_not_read_to_its_end", HASTE): "its end is no success",
    (f"{HTTP}/test_client.py", "test_retry_after_beyond_max_time_fails_within_a_second", HASTE): "a held clock",
    (f"{HTTP}/test_client.py", "test_many_retries_end_with_max_time", HASTE): "a held clock",
    (f"{HTTP}/test_client.py", "test_last_failure_is_named_when_no_time_is_left_for_another_try", HASTE): RULE_8,
    (f"{UNITS}/paging/test_prefetch.py", "fetch", SHORT): "only a test that fails comes to its end",
    ("e2e/modules/test_ending_many.py", "test_no_session_fails_because_the_service_limits_the_rate", WALL): (
        "three times what the limit allows, and three limits are tried"
    ),
    ("e2e/eda/test_stale_sessions.py", "story", SLEEP): "it lets the event loop go on, nothing is late",
    ("emulator/fork_server.py", "close", SHORT): KILLED,
    ("emulator/process.py", "stop", SHORT): KILLED,
}
"""What stays, by file, function and kind, and why."""


def number(node: ast.AST, names: dict[str, float]) -> Optional[float]:
    """The value of an expression of numbers and of constants of the module; None for any other."""
    if isinstance(node, ast.Constant):
        return float(node.value) if type(node.value) in (int, float) else None
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = number(node.left, names), number(node.right, names)
        return None if left is None or right is None else OPERATORS[type(node.op)](left, right)
    return None


def constants(tree: ast.Module) -> dict[str, float]:
    """The numbers that the module gives names."""
    found: dict[str, float] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = number(node.value, found)
            if value is not None:
                found[node.targets[0].id] = value
    return found


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def of_a_clock(node: ast.AST, names: set[str], clocks: set[str]) -> bool:
    """Whether an expression holds a time: it reads a clock, or a name that has one."""
    return any(
        (isinstance(part, ast.Call) and called(part) in clocks) or (isinstance(part, ast.Name) and part.id in names)
        for part in ast.walk(node)
    )


def times_in(function: ast.AST, clocks: set[str]) -> set[str]:
    """The names that hold a time in a function."""
    names: set[str] = set()
    assigned = [node for node in ast.walk(function) if isinstance(node, (ast.Assign, ast.AugAssign, ast.NamedExpr))]
    for _round in assigned:
        before = len(names)
        for node in assigned:
            if of_a_clock(node.value, names, clocks):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        if len(names) == before:
            break
    return names


def measuring(tree: ast.Module, clocks: set[str]) -> set[str]:
    """The clocks, and the functions of a module that return the time that something took."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    returned = [(node, part) for node in functions for part in ast.walk(node) if isinstance(part, ast.Return)]
    return clocks | {
        function.name
        for function, part in returned
        if part.value is not None and of_a_clock(part.value, times_in(function, clocks), clocks)
    }


def upper_bounds(function: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, ast.AST]]:
    """Each comparison in an assert, with what may not be larger and with what it is compared."""
    checks = [node for node in ast.walk(function) if isinstance(node, ast.Assert)]
    for node in (node for check in checks for node in ast.walk(check) if isinstance(node, ast.Compare)):
        for left, sign, right in zip([node.left, *node.comparators], node.ops, node.comparators):
            if isinstance(sign, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
                yield (node, left, right) if isinstance(sign, (ast.Lt, ast.LtE)) else (node, right, left)


def fixed_bounds(function: ast.AST, known: dict[str, float], clocks: set[str]) -> Iterator[ast.AST]:
    """Comparisons in asserts by which a time may not be longer than a number."""
    bounds = [(node, small) for node, small, large in upper_bounds(function) if number(large, known) is not None]
    times = times_in(function, clocks) if bounds else set()
    yield from (node for node, small in bounds if of_a_clock(small, times, clocks))


def wall_bounds(function: ast.AST, known: dict[str, float], clocks: set[str]) -> Iterator[ast.AST]:
    """Comparisons in asserts by which a time by a wall clock may not be longer than what was measured."""
    bounds = [(node, small) for node, small, large in upper_bounds(function) if number(large, known) is None]
    times = times_in(function, clocks) if bounds else set()
    yield from (node for node, small in bounds if of_a_clock(small, times, clocks))


def short_waits(function: ast.AST, known: dict[str, float]) -> Iterator[ast.AST]:
    """Waits for a thread, a process or an event with a bound that a busy machine may pass."""
    polls = {id(part) for loop in ast.walk(function) if isinstance(loop, ast.While) for part in ast.walk(loop.test)}
    for node in (node for node in ast.walk(function) if isinstance(node, ast.Call) and called(node) in WAITING):
        if id(node) in polls:
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
        if called(node) in ("wait", "join", "result") and len(node.args) == 1:
            given += node.args
        if called(node) == "wait_for":
            given += node.args[1:2]
        if any((bound := number(one, known)) is not None and bound < SHORTEST_WAIT for one in given):
            yield node


def pauses(function: ast.AST, _known: dict[str, float]) -> Iterator[ast.AST]:
    """Calls of a module's ``sleep``, and timers."""
    for node in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        place = node.func.value if isinstance(node.func, ast.Attribute) else None
        sleeps = called(node) == "sleep" and isinstance(place, ast.Name) and place.id in ("time", "asyncio")
        if sleeps or called(node) == "Timer":
            yield node


def hasty_clients(function: ast.AST, known: dict[str, float]) -> Iterator[ast.AST]:
    """Options of a connection that give an answer little time."""
    for node in ast.walk(function):
        pairs: list[tuple[object, ast.AST]] = []
        if isinstance(node, ast.Dict):
            pairs = [(getattr(key, "value", None), value) for key, value in zip(node.keys, node.values)]
        elif isinstance(node, ast.Call) and called(node) in ("connection", "said", "stream"):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        for name, value in pairs:
            bound = number(value, known) if name in ("timeout", "max_time") else None
            if bound is not None and 0 < bound < SHORTEST_PATIENCE:
                yield node


def found_in(tree: ast.Module, place: str) -> Iterator[tuple[str, str, int]]:
    """What is refused: function, kind and line."""
    known = constants(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    rest = ast.Module([node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))], [])
    kinds: list[tuple[str, Callable[[ast.AST, dict[str, float]], Iterator[ast.AST]]]] = [
        (FIXED, partial(fixed_bounds, clocks=measuring(tree, CLOCKS))),
        (SHORT, short_waits),
    ]
    if place.rpartition("/")[2].startswith("test_"):
        kinds += [(SLEEP, pauses), (WALL, partial(wall_bounds, clocks=measuring(tree, WALL_CLOCKS)))]
    if place.startswith("unit/"):
        kinds.append((HASTE, hasty_clients))
    found: dict[tuple[str, int], str] = {}
    for function in [rest, *functions]:  # an inner one after the one around it
        for kind, look in kinds:
            found.update({(kind, node.lineno): getattr(function, "name", "") for node in look(function, known)})
    for (kind, line), name in found.items():
        yield name, kind, line


def test_no_test_depends_on_how_busy_the_machine_is():
    used, refused = set(), []
    for path in FILES:
        place = path.relative_to(TESTS).as_posix()
        for function, kind, line in found_in(ast.parse(path.read_text(encoding="utf-8")), place):
            used.add((place, function, kind))
            if (place, function, kind) not in ALLOWED:
                refused.append(f"tests/{place}:{line} {function}: {kind}")
    assert refused == []
    assert set(ALLOWED) - used == set(), "not needed any more"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("start = time.monotonic()\n    work()\n    assert time.monotonic() - start < 3", FIXED),
        (
            "start = time.process_time()\n    taken = time.process_time() - start\n    assert 0 <= taken <= 60 * LIMIT",
            FIXED,
        ),
        ("begun = perf_counter()\n    assert 20 > perf_counter() - begun, 'late'", FIXED),
        ("before = getrusage(0)\n    after = getrusage(0)\n    assert after.ru_utime - before.ru_utime < 20", FIXED),
        ("start = time.monotonic()\n    taken = time.monotonic() - start\n    assert taken < 2 * reference", WALL),
        ("times = [time.monotonic()]\n    usual = median(times)\n    assert usual < first / 4", WALL),
        ("event.wait(5)", SHORT),
        ("thread.join(timeout=LIMIT)", SHORT),
        ("subprocess.run(['a'], timeout=10)", SHORT),
        ("asyncio.wait_for(queue.get(), 2)", SHORT),
        ("threading.Barrier(2, timeout=10)", SHORT),
        ("time.sleep(0.1)\n    assert seen", SLEEP),
        ("threading.Timer(0.2, gate.set).start()", SLEEP),
        ("HttpClient(connection(url, timeout=1))", HASTE),
        ("options = {'retries': 0, 'max_time': 2}", HASTE),
    ],
)
def test_each_kind_is_refused(text, kind):
    tree = ast.parse(f"LIMIT = 2\ndef test_it():\n    {text}\n")
    assert {found for _function, found, _line in found_in(tree, "unit/test_x.py")} == {kind}


def test_a_function_that_returns_a_time_is_a_clock():
    text = "def seconds():\n    begun = time.monotonic()\n    return time.monotonic() - begun\n"
    tree = ast.parse(f"{text}def test_it():\n    taken = seconds()\n    assert taken < 3 * seconds()\n")
    assert [kind for _name, kind, _line in found_in(tree, "unit/test_x.py")] == [WALL]


@pytest.mark.parametrize(
    "text",
    [
        "start = time.monotonic()\n    assert time.monotonic() - start >= 0.5",
        "start = time.thread_time()\n    reference = beside()\n    assert time.thread_time() - start < 2 * reference",
        "event.wait(PATIENCE)\n    ', '.join(names)\n    thread.join()\n    future.result()\n    client.get('/a')",
        "clock.sleep(1)\n    assert len(seen) < 3",
        "HttpClient(connection(url, timeout=30))",
    ],
)
def test_what_holds_on_a_busy_machine_is_not(text):
    assert list(found_in(ast.parse(f"def test_it():\n    {text}\n"), "unit/test_x.py")) == []
