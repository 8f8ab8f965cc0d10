"""pandas' tree of operations of a line of an expression, and what numexpr makes of one.

While it makes the tree pandas evaluates what needs Python: attributes and methods, lists that are looked
in, comparisons of text and times. Where these are of lazy columns they record. All else are operations of
numbers, which numexpr is given in one text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.expression_lines import Line
from lazyframe.api.expression_steps import Fixed, Part, Place, Step, kind_of_result
from lazyframe.api.numexpr_programs import is_reserved, kind_of, program_of, record_program
from lazyframe.pandas_internals import SINCE_3_1, ExpressionVisitor, scope_of_expression
from lazyframe.pandas_internals import operations_of_eval as operations
from lazyframe.record.elementwise import cast
from passes.ir.values import Value

_BUILT_IN = frozenset(operations.MATHOPS + operations.REDUCTIONS)
"""Names that pandas lets no column have that numexpr is given."""


class UnlikeError(Exception):
    """This expression is for pandas."""


Numbers = Callable[["Instructions"], Callable[..., Any]]
"""Gives what evaluates the text that numexpr is given, of its columns and numbers."""


def never(_: Instructions) -> Any:
    """What no part of a tree is evaluated by."""
    raise UnlikeError


def tree_of(
    line: Line, columns: dict[str, Any], variables: dict[str, Any], engine: str, numbers: Numbers = never
) -> tuple[Any, Visitor]:
    """pandas' tree of a line, and the visitor that made it.

    Parameters
    ----------
    line : Line
        What to make it of.
    columns, variables : dict
        What its names stand for; both are written to.
    engine : str
        pandas' name of what is to evaluate the tree.
    numbers : callable, optional
        For what numexpr evaluates on the way.

    Raises
    ------
    Exception
        Whatever pandas raises, and `UnlikeError`.
    """
    places = {name: place for place, name in enumerate(columns)}
    scope = scope_of_expression(columns, variables, line.target and {})
    visitor = Visitor(scope, engine, places, numbers)
    return visitor.visit(line.tree), visitor


class _Made(NamedTuple):
    value: Any
    step: Step


class Visitor(ExpressionVisitor):  # type: ignore[misc]  # pandas' class has no stub
    """pandas' visitor, by which what is evaluated on the way records, and can be evaluated again.

    Parameters
    ----------
    scope : Scope
        pandas', of the names.
    engine : str
        pandas' name of what is to evaluate the tree.
    places : mapping
        The columns' names, and their places among them.
    numbers : callable
        For what numexpr evaluates on the way.
    """

    def __init__(self, scope: Any, engine: str, places: Mapping[str, int], numbers: Numbers) -> None:
        super().__init__(scope, engine, "pandas")
        self.narrowed: dict[str, str] = {}
        """Terms that are a variable as float32, and the names of these."""
        self._places = places
        self._numbers = numbers
        self._made: dict[str, _Made] = {}
        self._spent: set[str] = set()
        """Columns that pandas has bare arrays of, once it has given them to numexpr."""

    def part_of(self, tree: Any) -> Part:
        """What evaluates a tree of these terms, in Python, again.

        Raises
        ------
        UnlikeError
            Where a term is not what it was made.
        """
        if isinstance(tree, operations.Term):
            made = self._made.get(tree.name) if isinstance(tree.name, str) else None
            if made is None:
                place = self._places.get(tree.name) if isinstance(tree.name, str) else None
                return Fixed(tree.value) if place is None else Place(place)
            if made.value is not tree.value:
                raise UnlikeError
            return made.step
        function = tree.func.func if isinstance(tree, operations.MathCall) else tree.func
        return Step(function, tuple([self.part_of(operand) for operand in tree.operands]))

    def _temporary(self, value: Any, function: Callable[..., Any], *trees: Any) -> Any:
        term = self.term_type(self.env.add_tmp(value), self.env)
        self._note(term, function, *trees)
        return term

    def _note(self, term: Any, function: Callable[..., Any], *trees: Any) -> None:
        parts = tuple([self.part_of(tree) for tree in trees])
        self._made[term.name] = _Made(term.value, Step(function, parts, kind_of_result(term.value)))

    def _rewrite_membership_op(self, node: Any, left: Any, right: Any) -> Any:
        found = super()._rewrite_membership_op(node, left, right)
        for before, after in ((left, found[2]), (right, found[3])):
            if after is not before:
                self._note(after, _listed, before)
        return found

    def _maybe_downcast_constants(self, left: Any, right: Any) -> Any:
        found = super()._maybe_downcast_constants(left, right)
        for before, after in zip((left, right), found, strict=True):
            if after is not before:
                self._note(after, np.float32, before)
                if getattr(before, "is_local", False):
                    self.narrowed[after.name] = before.name
        return found

    def _maybe_eval(self, binop: Any, eval_in_python: Any) -> Any:
        if self.engine == "python":
            return self._temporary(binop(self.env), _itself, binop)
        if binop.op in eval_in_python:
            left, right = (self._evaluated(side, eval_in_python) for side in (binop.lhs, binop.rhs))
            return self._temporary(binop.func(left.value, right.value), binop.func, left, right)
        instructions = instructions_of(binop)
        names = {term.name for term in instructions.terms}
        if not names.issubset(self._places) or not names.isdisjoint(self._spent) or _is_deep(binop):
            raise UnlikeError  # pandas asks by the text alone, and finds no other name again
        self._spent |= names
        function = self._numbers(instructions)
        found = function(*[term.value for term in instructions.terms])
        return self._temporary(found, function, *instructions.terms)

    def _evaluated(self, tree: Any, eval_in_python: Any) -> Any:
        if isinstance(tree, operations.Term):
            return tree
        if not isinstance(tree, operations.BinOp):
            raise UnlikeError  # which pandas cannot evaluate on the way
        return self._maybe_eval(tree, eval_in_python)

    def visit_Name(self, node: ast.Name, **options: Any) -> Any:  # noqa: N802  # pandas' name
        """A column or variable."""
        if node.id in self._spent:
            raise UnlikeError
        return super().visit_Name(node, **options)

    def visit_Attribute(self, node: ast.Attribute, **_: Any) -> Any:  # noqa: N802
        """An attribute of what stands before it."""
        owner = self.visit(node.value)
        return self._temporary(getattr(owner(self.env), node.attr), attrgetter(node.attr), owner)

    def visit_Call(self, node: ast.Call, side: Any = None, **options: Any) -> Any:  # noqa: N802
        """A function by its name, or a method."""
        if not isinstance(node.func, ast.Attribute):
            return super().visit_Call(node, side=side, **options)
        names = tuple([str(keyword.arg) for keyword in node.keywords if keyword.arg is not None])
        if len(names) != len(node.keywords):
            raise UnlikeError
        method = self.visit_Attribute(node.func)
        given = [self.visit(one) for one in (*node.args, *[keyword.value for keyword in node.keywords])]
        call = partial(_called, names)
        return self._temporary(call(method.value, *[one(self.env) for one in given]), call, method, *given)

    def visit_List(self, node: ast.List, **_: Any) -> Any:  # noqa: N802
        """A list of values."""
        items = [self.visit(item) for item in node.elts]
        return self._temporary([item(self.env) for item in items], _listed, *items)

    visit_Tuple = visit_List  # noqa: N815

    def visit_Subscript(self, node: ast.Subscript, **_: Any) -> Any:  # noqa: N802
        """An item, or a slice between constants, of what stands before it."""
        key, owner = _key_of(node.slice), self.visit(node.value)
        if not SINCE_3_1 or not isinstance(owner, operations.Term):
            raise UnlikeError  # which pandas itself evaluates
        return self._temporary(owner.value[key], itemgetter(key), owner)


def _key_of(node: ast.expr) -> Any:
    """A constant, or a slice between two, as what stands in brackets."""
    if isinstance(node, ast.Slice):
        return slice(*[None if end is None else _key_of(end) for end in (node.lower, node.upper, node.step)])
    try:
        key = ast.literal_eval(node)
    except ValueError:
        raise UnlikeError from None
    if type(key) not in (int, str):
        raise UnlikeError
    return key


def _is_deep(binop: Any) -> bool:
    """Whether pandas has numexpr evaluate an operand before the whole."""
    return not all(isinstance(side, operations.Term) for side in (binop.lhs, binop.rhs))


def _listed(*items: Any) -> list[Any]:
    return list(items)


def _itself(value: Any) -> Any:
    return value


def _called(names: tuple[str, ...], function: Callable[..., Any], *given: Any) -> Any:
    """What a function gives of arguments, the last of which have names."""
    first = len(given) - len(names)
    return function(*given[:first], **dict(zip(names, given[first:], strict=True)))


class Instructions(NamedTuple):
    """What numexpr is asked to evaluate.

    Parameters
    ----------
    text : str
        Of ``v0``, ``v1``, ...
    terms : list of Term
        What these stand for.
    dtype : dtype or type
        What pandas expects the result to be.
    """

    text: str
    terms: list[Any]
    dtype: Any


def instructions_of(tree: Any) -> Instructions:
    """What numexpr is asked of a tree.

    Raises
    ------
    UnlikeError
        Where pandas or numexpr refuses a name.
    """
    places: dict[str, int] = {}
    terms: list[Any] = []
    for term in _terms_of(tree):
        if not isinstance(term.name, str) or term.name in places:
            continue
        if term.name in _BUILT_IN or is_reserved(term.name):
            raise UnlikeError
        places[term.name] = len(terms)
        terms.append(term)
    return Instructions(_text_of(tree, places), terms, tree.return_type)


def _terms_of(tree: Any) -> list[Any]:
    if isinstance(tree, operations.Term):
        return [tree]
    return [term for operand in tree.operands for term in _terms_of(operand)]


def _text_of(tree: Any, places: Mapping[str, int]) -> str:
    """A tree as pandas prints it for numexpr, but for the names of the terms."""
    if isinstance(tree, operations.Term):
        if isinstance(tree.name, str):
            return f"v{places[tree.name]}"
        return "1e999" if tree.name == np.inf else repr(tree.name)
    parts = [_text_of(operand, places) for operand in tree.operands]
    if isinstance(tree, operations.UnaryOp):
        return f"{tree.op}({parts[0]})"
    if isinstance(tree, operations.MathCall):
        return f"{tree.op}({','.join(parts)})"
    return f" {tree.op} ".join([f"({part})" for part in parts])


def record_instructions(instructions: Instructions, columns: Sequence[Value]) -> Value:
    """What numexpr computes of columns, and scalars, at the dtype that pandas gives the result.

    Raises
    ------
    UnlikeError
        Where there is anything beside numbers, or numexpr takes no such expression.
    """
    kinds = [kind_of(column.dtype) for column in columns]
    program = program_of(instructions.text, "".join(kinds)) if all(kinds) else None
    value = None if program is None else record_program(program, columns)
    if value is None:
        raise UnlikeError
    return cast(value, np.result_type(value.dtype, instructions.dtype))


def common_name(values: Sequence[Any]) -> Hashable:
    """What pandas calls the series that numexpr's result becomes."""
    names = {value.name for value in values if isinstance(value, pandas.Series)}
    return names.pop() if len(names) == 1 else None
