"""Mutation operators: the replacements of a node in a syntax tree.

Own operators over ``ast``: mutmut 3.8 does not mutate module constants, properties and other decorated functions, and
removes no statements. But states, limits and guards are exactly these.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from typing import Any, Callable

Variants = Iterator[tuple[str, ast.AST]]
"""Name of the operator, and the node instead."""

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_TRANSPARENT = {"int", "float", "bool", "str", "list", "dict", "tuple", "sorted", "abs", "min", "max", "filter"}
_SHAPING = {"lower", "strip", "split", "lstrip", "rstrip", "upper"}
_NEEDED_DECORATORS = {"property", "classmethod", "staticmethod", "contextmanager"}


def variants(node: ast.AST) -> Variants:
    """The replacements of ``node``."""
    for kind, operators in _OPERATORS.items():
        if isinstance(node, kind):
            for operator in operators:
                yield from operator(node)


def _with(node: Any, **fields: Any) -> Any:
    """A shallow copy with some fields replaced."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(items: list[Any]) -> Iterator[list[Any]]:
    """The list without one of its items, for each item."""
    return (_removed(items, index) for index in range(len(items)))


def _removed(items: list[Any], index: int) -> list[Any]:
    return items[:index] + items[index + 1 :]


def _constant(node: ast.Constant) -> Variants:
    value = node.value
    others: Iterable[str | float] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1)
    elif isinstance(value, float):
        others = (value + 1, value / 2) if value else (1.0,)
    elif isinstance(value, str):
        others = ("" if value else "X",)
    for other in others:
        yield "constant", ast.Constant(other)


def _text(node: ast.JoinedStr) -> Variants:
    for values in _without(node.values):
        yield "part of a text", _with(node, values=values)


def _comparison(node: ast.Compare) -> Variants:
    for index, present in enumerate(node.ops):
        for other in _COMPARISONS[type(present)]:
            yield "comparison", _with(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


def _logic(node: ast.BoolOp) -> Variants:
    yield "and/or", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for values in _without(node.values):
        yield "operand", _with(node, values=values) if len(values) > 1 else values[0]


def _unary(node: ast.UnaryOp) -> Variants:
    yield "sign", node.operand


def _binary(node: ast.BinOp) -> Variants:
    if type(node.op) in _ARITHMETIC:
        yield "arithmetic", _with(node, op=_ARITHMETIC[type(node.op)]())
    elif isinstance(node.op, ast.BitOr):
        yield "flag", node.left
        yield "flag", node.right


def _augmented(node: ast.AugAssign) -> Variants:
    if type(node.op) in _ARITHMETIC:
        yield "arithmetic", _with(node, op=_ARITHMETIC[type(node.op)]())
    yield "assignment", ast.Assign([node.target], node.value, lineno=node.lineno)


def _branch(node: ast.If | ast.IfExp) -> Variants:
    for outcome in (True, False):
        yield "condition", _with(node, test=ast.Constant(outcome))


def _loop(node: ast.While) -> Variants:
    yield "condition", _with(node, test=ast.Constant(False))


def _each(node: ast.For) -> Variants:
    yield "loop", _with(node, iter=ast.Tuple([], ast.Load()))


def _comprehension(node: ast.comprehension) -> Variants:
    for ifs in _without(node.ifs):
        yield "condition", _with(node, ifs=ifs)


def _call(node: ast.Call) -> Variants:
    for index, keyword in enumerate(node.keywords):
        if not (isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool)):
            yield "argument", _with(node, keywords=_removed(node.keywords, index))
    if len(node.args) > 1:
        yield "argument", _with(node, args=node.args[:-1])
    symmetrical = isinstance(node.func, ast.Name) and node.func.id in ("min", "max")
    for index in range(0 if symmetrical else len(node.args) - 1):
        swapped = [*node.args[:index], node.args[index + 1], node.args[index], *node.args[index + 2 :]]
        yield "order", _with(node, args=swapped)
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in _SWAPPED:
            yield "function", _with(node, func=ast.Name(_SWAPPED[function.id], ast.Load()))
        if function.id in _TRANSPARENT:
            yield from (("call", argument) for argument in node.args if not isinstance(argument, ast.Starred))
    elif isinstance(function, ast.Attribute):
        yield from _method(node, function)


def _method(node: ast.Call, function: ast.Attribute) -> Variants:
    if function.attr in _SHAPING:
        yield "call", function.value
    fixed = [part.value for part in [function.value, *node.args] if isinstance(part, ast.Constant)]
    if function.attr == "split" and fixed:
        for some in _without(str(fixed[0]).split()):
            yield "word", _with(node, func=_with(function, value=ast.Constant(" ".join(some))))
    if function.attr == "compile" and fixed:
        yield from (
            ("pattern", _with(node, args=[ast.Constant(other), *node.args[1:]])) for other in _patterns(str(fixed[0]))
        )


def _patterns(pattern: str) -> Iterator[str]:
    """The regular expression without one of its elements, for each element, if it is still valid."""
    elements = re.findall(r"\\.|\[(?:\\.|[^\]])*\]|\{[^}]*\}|\(\?.|.", pattern)
    for some in _without(elements):
        try:
            re.compile("".join(some))
        except re.error:
            continue
        yield "".join(some)


def _slice(node: ast.Slice) -> Variants:
    for bound in ("lower", "upper"):
        if getattr(node, bound) is not None:
            yield "bound", _with(node, **{bound: None})


def _return(node: ast.Return) -> Variants:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "result", _with(node, value=ast.Constant(None))


def _statement(node: ast.stmt) -> Variants:
    yield "statement", ast.Pass()


def _assignment(node: ast.Assign) -> Variants:
    """Only assignments to existing objects: without a local name its next use fails in any case."""
    targets = [part for target in node.targets for part in ast.walk(target)]
    if any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in targets):
        yield "statement", ast.Pass()


def _handler(node: ast.ExceptHandler) -> Variants:
    if isinstance(node.type, ast.Tuple):
        for elements in _without(node.type.elts):
            yield "exception", _with(node, type=_with(node.type, elts=elements))
    elif node.type is not None:
        yield "exception", _with(node, type=ast.Tuple([], ast.Load()))


def _defaults(node: ast.arguments) -> Variants:
    for name in ("defaults", "kw_defaults"):
        values = getattr(node, name)
        for index, value in enumerate(values):
            if isinstance(value, ast.Constant) and value.value is None:
                yield "default", _with(node, **{name: [*values[:index], ast.Constant(0), *values[index + 1 :]]})


def _field(node: ast.AnnAssign) -> Variants:
    if isinstance(node.value, ast.Constant) and node.value.value is None:
        yield "default", _with(node, value=ast.Constant(0))


def _decorated(node: ast.FunctionDef) -> Variants:
    for index, decorator in enumerate(node.decorator_list):
        if not (isinstance(decorator, ast.Name) and decorator.id in _NEEDED_DECORATORS):
            yield "decorator", _with(node, decorator_list=_removed(node.decorator_list, index))


_OPERATORS: dict[Any, tuple[Callable[[Any], Variants], ...]] = {
    ast.Constant: (_constant,),
    ast.JoinedStr: (_text,),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_logic,),
    ast.UnaryOp: (_unary,),
    ast.BinOp: (_binary,),
    ast.AugAssign: (_augmented, _statement),
    (ast.If, ast.IfExp): (_branch,),
    ast.While: (_loop,),
    ast.For: (_each,),
    ast.comprehension: (_comprehension,),
    ast.Call: (_call,),
    ast.Slice: (_slice,),
    ast.Return: (_return,),
    (ast.Expr, ast.Raise, ast.Continue, ast.Break): (_statement,),
    ast.Assign: (_assignment,),
    ast.ExceptHandler: (_handler,),
    ast.arguments: (_defaults,),
    ast.AnnAssign: (_field,),
    ast.FunctionDef: (_decorated,),
}
