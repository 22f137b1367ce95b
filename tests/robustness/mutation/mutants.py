"""All mutants of a module: the module with one change. Names do not contain line numbers."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from .operators import variants

_LONGEST, _MARGIN = 160, 30
_BLOCKS = ("body", "orelse", "finalbody", "handlers")
_UNUSED = ("annotation", "returns", "bases", "ctx")
"""Fields that nothing reads while the program runs."""


@dataclass
class Slot:
    """A position of a node in a syntax tree. ``around``: the enclosing nodes, from the statement inwards."""

    parent: Any
    field: str
    index: int | None
    place: str
    around: tuple[ast.AST, ...]

    @property
    def node(self) -> Any:
        """The current node."""
        present = getattr(self.parent, self.field)
        return present if self.index is None else present[self.index]

    def put(self, node: ast.AST) -> None:
        """Replace the node."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def context(self) -> ast.AST | None:
        """The largest enclosing node that is short enough to be quoted; None if there is none."""
        return next((node for node in self.around if len(_text(node)) <= _LONGEST), None)


@dataclass
class Mutant:
    """A module with one replaced node. Its name has module, function, operator, and the text before and after."""

    module: str
    name: str
    tree: ast.Module
    slot: Slot
    other: ast.AST

    def source(self) -> str:
        """The text of the module with the change."""
        original = self.slot.node
        self.slot.put(self.other)
        try:
            return ast.unparse(self.tree)
        finally:
            self.slot.put(original)


def mutants(module: str, text: str, places: tuple[str, ...] = ()) -> list[Mutant]:
    """The mutants of a module with this text; with ``places`` only in these functions and classes."""
    tree = ast.parse(text)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for slot in _slots(tree, "", ()):
        if places and slot.place not in places:
            continue
        for operator, other in variants(slot.node):
            before, after = _change(slot, other)
            if before == after:
                continue
            name = f"{module} {slot.place or '(module)'}: {operator}: {before} -> {after}"
            seen[name] += 1
            found.append(Mutant(module, name if seen[name] == 1 else f"{name} #{seen[name]}", tree, slot, other))
    return found


def _slots(node: ast.AST, place: str, around: tuple[ast.AST, ...]) -> Iterator[Slot]:
    """All positions below ``node`` that matter at run time."""
    for field, value in ast.iter_fields(node):
        if field in _UNUSED:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _idle(node, child):
                continue
            about = () if isinstance(child, (ast.stmt, ast.ExceptHandler)) else around
            yield Slot(node, field, index, place, about)
            inner = child.name if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else ""
            yield from _slots(child, ".".join(filter(None, (place, inner))), (*about, child))


def _idle(parent: ast.AST, node: ast.AST) -> bool:
    """Whether nothing depends on the node: documentation and types. Parts of an f-string belong to the whole string."""
    return (
        isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and "TypeVar" in ast.dump(node.value.func)
        )
        or (isinstance(parent, ast.JoinedStr) and isinstance(node, ast.Constant))
    )


def _text(node: ast.AST) -> str:
    """The node as one line, of a compound statement only its head; independent of the Python version's quotes."""
    head = copy.copy(node)
    for block in set(_BLOCKS) & set(node._fields):
        setattr(head, block, [] if isinstance(getattr(node, block), list) else getattr(node, block))
    return " ".join(ast.unparse(head).replace('"', "'").split())


def _change(slot: Slot, other: ast.AST) -> tuple[str, str]:
    """The text around the slot before and after; of a long text only the difference and some context."""
    context, original = slot.context(), slot.node
    before = _text(context or original)
    slot.put(other)
    after = _text(context or other)
    slot.put(original)
    if max(len(before), len(after)) <= _LONGEST:
        return before, after
    start = max(0, _alike(before, after) - _MARGIN)
    end = max(0, _alike(before[::-1], after[::-1]) - _MARGIN)
    end = min(end, len(before) - start, len(after) - start)
    return before[start : len(before) - end], after[start : len(after) - end]


def _alike(one: str, other: str) -> int:
    """The length of the common prefix."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other)))
