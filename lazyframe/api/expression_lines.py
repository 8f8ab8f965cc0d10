"""The lines of an expression of ``query`` and ``eval``, parsed once each: their names, and what they do.

pandas binds every column of a frame, tokenises and parses an expression each time that it is evaluated, which
takes milliseconds. What is the same each time is found here once.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import NamedTuple

from lazyframe.pandas_internals import GIVEN_NAMES, as_python, operations_of_eval

PREFIX: str = operations_of_eval.LOCAL_TAG
"""What `as_python` puts in place of ``@``."""

FUNCTIONS = frozenset(operations_of_eval.MATHOPS)
"""The functions that an expression may call by their names."""

_MOST_NODES = 200
_PLAIN = (
    ast.Module, ast.Expr, ast.Assign, ast.Name, ast.expr_context, ast.Constant, ast.BinOp, ast.operator,
    ast.UnaryOp, ast.unaryop, ast.BoolOp, ast.boolop, ast.Compare, ast.cmpop, ast.Call,
)  # fmt: skip
_OF_LISTS = (ast.In, ast.NotIn)
_NOT_TWICE = ("_", "to_", "plot", "hist", "info", "sample", "pop", "update", "pipe", "apply", "map")
"""How attributes begin that are not asked for here, lest it is done again by pandas."""


class Line(NamedTuple):
    """One line of an expression.

    Parameters
    ----------
    text : str
        As the user wrote it.
    tree : ast.Module
        As pandas reads it: of one statement.
    target : str or None
        What the line assigns to, as pandas calls it.
    names : tuple of str
        Of columns, or of labels of rows.
    variables : tuple of str
        Of the user's.
    calls : bool
        Whether it calls methods.
    is_plain : bool
        Whether it is nothing but arithmetic, comparisons and functions of numbers.
    """

    text: str
    tree: ast.Module
    target: str | None
    names: tuple[str, ...]
    variables: tuple[str, ...]
    calls: bool
    is_plain: bool


@lru_cache(maxsize=512)
def lines_of(expression: str) -> tuple[Line, ...] | None:
    """The lines of an expression; None where it is for pandas to evaluate, or to say what is wrong."""
    texts = [text.strip() for text in expression.splitlines() if text.strip()]
    lines = [_line_of(text) for text in texts]
    if not lines or None in lines:
        return None
    if len(lines) > 1 and not all(line is not None and line.target is not None for line in lines):
        return None
    return tuple(line for line in lines if line is not None)


def _line_of(text: str) -> Line | None:
    try:
        tree = ast.parse(as_python(text))
    except Exception:  # of the tokeniser's, the parser's or pandas': all are pandas' to raise
        return None
    nodes = list(ast.walk(tree))
    if len(nodes) > _MOST_NODES or len(tree.body) != 1:
        return None
    target: str | None = None
    match tree.body[0]:
        case ast.Expr():
            pass
        case ast.Assign([ast.Name(str(name))]) if not name.startswith(PREFIX) and name not in GIVEN_NAMES:
            target = name
        case _:
            return None
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    if not all(_may_be_called(function) for function in called):
        return None
    if not all(_may_be_asked_for(node) for node in nodes if isinstance(node, ast.Attribute)):
        return None
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    variables = [name for name in names if name.startswith(PREFIX) or name in GIVEN_NAMES]
    columns = [name for name in names if name not in variables]
    calls = not all(isinstance(function, ast.Name) for function in called)
    is_plain = (
        all(isinstance(node, _PLAIN) and not isinstance(node, _OF_LISTS) for node in nodes)
        and all(type(node.value) in (int, float, bool) for node in nodes if isinstance(node, ast.Constant))
        and not any(node.keywords for node in nodes if isinstance(node, ast.Call))
        and not calls
        and not GIVEN_NAMES.intersection(names)
    )
    return Line(
        text,
        tree,
        target,
        tuple(dict.fromkeys(columns)),
        tuple(dict.fromkeys([name.removeprefix(PREFIX) for name in variables])),
        calls,
        is_plain,
    )


def _may_be_called(function: ast.expr) -> bool:
    """Whether calling this runs no code of the user's."""
    if isinstance(function, ast.Name):
        return function.id in FUNCTIONS
    return isinstance(function, ast.Attribute)


def _may_be_asked_for(node: ast.Attribute) -> bool:
    root: ast.expr = node
    while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
        root = root.func if isinstance(root, ast.Call) else root.value
    if isinstance(root, ast.Name) and root.id.startswith(PREFIX):
        return False
    return not node.attr.startswith(_NOT_TWICE)
