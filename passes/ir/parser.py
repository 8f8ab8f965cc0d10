"""Read printed graphs back: expressions by Python's own grammar, never evaluated.

The language is described in `passes.ir.printer`.  Comments run from ``#`` to the end of a line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from passes.ir.names import make_literal, read_dtype, read_number
from passes.ir.node import Node, Token
from passes.ir.operations import OPERATIONS, REDUCTIONS
from passes.ir.printer import named_length
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.type_rules import implied_dtype, window_kinds, within_group_kinds
from passes.ir.values import (
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    Key,
    Literal,
    Lookup,
    Map,
    Outer,
    Parameter,
    Position,
    Read,
    Reduce,
    RowNumber,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)

_SOURCE = re.compile(r"(?:source|range)(?:\[(?P<extent>\w+)\])?\((?P<columns>.*)\)")
_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Mod: "remainder",
    ast.FloorDiv: "floor_divide", ast.Pow: "power", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor", ast.LShift: "left_shift", ast.RShift: "right_shift",
    ast.Eq: "equal", ast.NotEq: "not_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater",
    ast.GtE: "greater_equal", ast.USub: "negative", ast.Invert: "invert",
}  # fmt: skip


class GraphSyntaxError(ValueError):
    """Text that is not a graph; says the line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A graph that was read.

    Attributes
    ----------
    results : tuple of Value
        What the ``return`` line names, in order.
    tokens : dict of str to Token
        The inputs: parameters by name, columns by source and name, such as ``t.a``.
    """

    results: tuple[Value, ...]
    tokens: dict[str, Token]


def parse_graph(
    text: str, tokens: Mapping[str, Token] | None = None, lengths: Mapping[str, int] | None = None
) -> Parsed:
    """Read what `passes.ir.printer.print_graph` wrote.

    Parameters
    ----------
    text : str
    tokens : mapping of str to Token, optional
        The tokens that names stand for; with those of the printed graph, the very same nodes come back.  A
        name that is not there gets a new token.
    lengths : mapping of str to int, optional
        Numbers of rows to put in place of lengths that the text only names.

    Returns
    -------
    Parsed

    Raises
    ------
    GraphSyntaxError
        Naming the line.  The graph is well formed but unchecked: see `passes.ir.verify`.
    """
    reader = _Reader(dict(tokens or {}), lengths or {})
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        try:
            reader.read(line)
        except (GraphSyntaxError, ValueError, SyntaxError, OverflowError) as error:
            raise GraphSyntaxError(f"line {number}, {line!r}: {error}") from None
    if reader.results is None:
        raise GraphSyntaxError("there is no return line")
    return Parsed(reader.results, {name: reader.tokens[name] for name in reader.used})


class _Reader:
    def __init__(self, tokens: dict[str, Token], lengths: Mapping[str, int]) -> None:
        self.tokens = tokens
        self.lengths = lengths
        self.used: dict[str, None] = {}
        self.results: tuple[Value, ...] | None = None
        self._names: dict[str, Node] = {}
        self._columns: dict[tuple[Rows, str], Value] = {}

    def read(self, line: str) -> None:
        if self.results is not None:
            raise GraphSyntaxError("nothing follows the return line")
        if line == "return" or line.startswith("return "):
            returned = ast.parse(f"({line[6:].strip()},)" if line[6:].strip() else "()", mode="eval").body
            assert isinstance(returned, ast.Tuple)
            self.results = tuple([self._value(e) for e in returned.elts])
            return
        name, equals, definition = (part.strip() for part in line.partition("="))
        if not equals or not name.isidentifier():
            raise GraphSyntaxError("a line is NAME = DEFINITION or return VALUES")
        if name in self._names:
            raise GraphSyntaxError(f"{name} is defined twice")
        self._names[name] = self._definition(name, definition)

    def _definition(self, name: str, text: str) -> Node:
        source = _SOURCE.fullmatch(text)
        if source is not None:
            return self._range(name, source["extent"], source["columns"])
        expression = ast.parse(text, mode="eval").body
        match expression:
            case ast.Call(ast.Name("parameter"), [dtype], []):
                return Parameter(self._token(name, name), self._dtype(dtype))
            case ast.Call(ast.Name("filter" | "slice" | "group" as kind), parts, options):
                return self._derived(kind, parts, options)
            case ast.Call(
                ast.Name("join"), [left, right, *pairs], [ast.keyword("how", ast.Constant(str(how)))]
            ):
                return self._join(left, right, pairs, how)
            case ast.Call(ast.Name("sort"), [parent, *keys], []):
                return self._sort(parent, keys)
            case ast.Call(ast.Name("concat"), parts, []):
                return Concat(tuple([self._rows(part) for part in parts]))
            case ast.Call(ast.Name("product"), [left, right], []):
                return Product(self._rows(left), self._rows(right))
        return self._node(expression)

    def _range(self, source: str, extent: str | None, columns: str) -> Range:
        if extent is not None and extent.isdigit():
            rows = Range(int(extent))
        else:
            length = extent or named_length(source)
            if length is None:
                raise GraphSyntaxError(
                    f"how long is {source}? write {source} = source[LENGTH](...), or call it t"
                )
            rows = Range(self.lengths.get(length, length))
        for column in filter(None, (c.strip() for c in columns.split(","))):
            name, _, dtype = (part.strip() for part in column.partition(":"))
            token = self._token(name, f"{source}.{name}")
            read = Read(token, self._dtype(ast.parse(dtype, mode="eval").body), rows)
            self._columns[rows, name] = read
        return rows

    def _token(self, hint: str, name: str) -> Token:
        if not hint.isidentifier() or name in self.used:
            raise GraphSyntaxError(f"an input needs a name of its own, not {hint!r}")
        self.used[name] = None
        return self.tokens.setdefault(name, Token(hint))

    def _derived(self, kind: str, parts: list[ast.expr], options: list[ast.keyword]) -> Rows:
        parent = self._rows(parts[0])
        if kind == "filter" and len(parts) == 2 and not options:
            return Filter(parent, self._value(parts[1]))
        if kind == "slice" and len(parts) == 4 and not options:
            start, stop, step = (self._bound(part) for part in parts[1:])
            return Slice(parent, start, stop, step)
        if kind == "group" and len(options) == 1 and options[0].arg == "sort":
            keys = tuple([self._value(part) for part in parts[1:]])
            return Group(parent, keys, bool(self._number(options[0].value)))
        raise GraphSyntaxError(f"{kind} is not called so")

    def _join(self, left: ast.expr, right: ast.expr, pairs: list[ast.expr], how: str) -> Join:
        ones, others = self._equal_pairs(pairs)
        return Join(self._rows(left), self._rows(right), ones, others, how)

    def _equal_pairs(self, pairs: list[ast.expr]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        ones: list[Value] = []
        others: list[Value] = []
        for pair in pairs:
            match pair:
                case ast.Compare(one, [ast.Eq()], [other]):
                    ones.append(self._value(one))
                    others.append(self._value(other))
                case _:
                    raise GraphSyntaxError("rows are found by equal keys")
        return tuple(ones), tuple(others)

    def _sort(self, parent: ast.expr, parts: list[ast.expr]) -> Sort:
        keys: list[Value] = []
        ascending: list[bool] = []
        for part in parts:
            match part:
                case ast.Call(ast.Name("ascending" | "descending" as way), [key], []):
                    keys.append(self._value(key))
                    ascending.append(way == "ascending")
                case _:
                    raise GraphSyntaxError("a sort is by ascending or descending keys")
        return Sort(self._rows(parent), tuple(keys), tuple(ascending))

    def _node(self, expression: ast.expr) -> Node:
        number = read_number(expression)
        if number is not None:
            return make_literal(number)
        match expression:
            case ast.Name(name):
                if name not in self._names:
                    raise GraphSyntaxError(f"{name} is not defined above")
                return self._names[name]
            case ast.Attribute(owner, name):
                return self._column(self._rows(owner), name)
            case ast.UnaryOp(operator, operand):
                return self._map(_BINARY.get(type(operator)), [operand])
            case ast.BinOp(left, operator, right) | ast.Compare(left, [operator], [right]):
                return self._map(_BINARY.get(type(operator)), [left, right])
            case ast.Call(ast.Attribute(owner, name), arguments, options):
                return self._of_group(self._rows(owner), name, arguments, self._options(options))
            case ast.Call(function, arguments, options):
                return self._call(function, arguments, self._options(options))
        raise GraphSyntaxError(f"cannot read {ast.unparse(expression)!r}")

    def _column(self, rows: Rows, name: str) -> Value:
        path: list[Filter | Slice] = []
        at = rows
        while isinstance(at, (Filter, Slice)) and (at, name) not in self._columns:
            path.append(at)
            at = at.parent
        if (at, name) not in self._columns:
            known = ", ".join(column for owner, column in self._columns if owner is at)
            raise GraphSyntaxError(f"there is no column {name}; the columns are: {known}")
        value = self._columns[at, name]
        for step in reversed(path):
            value = self._columns[step, name] = Take(value, step)
        return value

    def _call(self, function: ast.expr, arguments: list[ast.expr], options: dict[str, ast.expr]) -> Node:
        dtype = read_dtype(function)
        if dtype is not None and len(arguments) == 1 and not options:
            return make_literal(self._number(arguments[0]), dtype)
        if not isinstance(function, ast.Name):
            raise GraphSyntaxError(f"cannot call {ast.unparse(function)!r}")
        name = function.id
        match name, arguments, options:
            case "bits", [of, pattern], {}:
                width = self._dtype(of)
                return Literal(np.frombuffer(self._int(pattern).to_bytes(width.itemsize, "little"), width)[0])
            case "row_number", [rows], {}:
                return RowNumber(self._rows(rows))
            case "group_number", [group], {}:
                return GroupNumber(self._rows(group))  # type: ignore[arg-type]  # the verifier's
            case "take", [column, rows], {}:
                return Take(self._value(column), self._rows(rows))  # type: ignore[arg-type]  # the verifier's
            case "view", [column, rows], {"start": start, "step": step}:
                to = self._rows(rows)
                return View(self._value(column), to, self._int(start), self._int(step))  # type: ignore[arg-type]
            case "outer", [column, rows, axis], {}:
                return Outer(self._value(column), self._rows(rows), self._int(axis))  # type: ignore[arg-type]
            case "gather", [column, positions], {}:
                return Gather(self._value(column), self._value(positions))
            case "position", [rows, side], {}:
                return Position(self._rows(rows), self._int(side))  # type: ignore[arg-type]  # the verifier's
            case "chain", [rows, column, *columns], {}:
                chained = tuple([self._value(one) for one in (column, *columns)])
                return Chain(chained, self._rows(rows))  # type: ignore[arg-type]  # the verifier's
            case "lookup", [rows, pair, *pairs], {}:
                ones, others = self._equal_pairs([pair, *pairs])
                return Lookup(ones, self._rows(rows), others)
            case "stored", [value], {}:
                return Stored(self._value(value))
            case "cast" | "reinterpret", [value, to_dtype], {}:
                return Map(name, (self._value(value),), self._dtype(to_dtype))
        return self._operation(name, arguments, options)

    def _operation(self, name: str, arguments: list[ast.expr], options: dict[str, ast.expr]) -> Node:
        dtype = self._dtype(options["dtype"]) if "dtype" in options else None
        known = OPERATIONS.get(name)
        if known is not None and known.arity == len(arguments):
            return self._map(name, arguments, dtype)
        if len(arguments) != 1:
            raise GraphSyntaxError(f"nothing is called {name} with {len(arguments)} arguments")
        column = self._value(arguments[0])
        if name in REDUCTIONS:
            return Reduce(name, column, dtype or column.dtype)
        if window_kinds(name) is not None:
            return Window(name, column, dtype or column.dtype)
        if name.removeprefix("fold_") in REDUCTIONS and "axis" in options:
            axis = self._int(options["axis"])
            return Fold(name.removeprefix("fold_"), column, axis, dtype or column.dtype)
        raise GraphSyntaxError(f"nothing is called {name}")

    def _of_group(
        self, group: Rows, name: str, arguments: list[ast.expr], options: dict[str, ast.expr]
    ) -> Node:
        if not isinstance(group, Group) or len(arguments) != 1:
            raise GraphSyntaxError(f"only a group has {name}(...), with one argument")
        if name == "key":
            return Key(group, self._int(arguments[0]))
        if within_group_kinds(name) is not None:
            return self._within_group(group, name, arguments[0], options)
        if name not in REDUCTIONS:
            raise GraphSyntaxError(f"no reduction is called {name}; there are: {', '.join(REDUCTIONS)}")
        column = self._value(arguments[0])
        dtype = self._dtype(options["dtype"]) if "dtype" in options else column.dtype
        return Aggregate(name, column, group, dtype)

    def _within_group(
        self, group: Group, name: str, argument: ast.expr, options: dict[str, ast.expr]
    ) -> WithinGroup:
        column = self._value(argument)
        dtype = self._dtype(options["dtype"]) if "dtype" in options else column.dtype
        given = ast.literal_eval(options["argument"]) if "argument" in options else None
        return WithinGroup(name, column, group, dtype, given)

    def _map(self, name: str | None, operands: list[ast.expr], dtype: np.dtype | None = None) -> Map:
        if name is None:
            raise GraphSyntaxError("no operation is spelled so")
        arguments = tuple([self._value(o) for o in operands])
        result = dtype or implied_dtype(name, tuple([a.dtype for a in arguments]))
        if result is None:
            raise GraphSyntaxError(f"{name} must say its dtype")
        return Map(name, arguments, result)

    def _options(self, options: list[ast.keyword]) -> dict[str, ast.expr]:
        return {option.arg or "**": option.value for option in options}

    def _value(self, expression: ast.expr) -> Value:
        node = self._node(expression)
        if not isinstance(node, Value):
            raise GraphSyntaxError(f"{ast.unparse(expression)} is a row space, not a value")
        return node

    def _rows(self, expression: ast.expr) -> Rows:
        node = self._node(expression)
        if not isinstance(node, Rows):
            raise GraphSyntaxError(f"{ast.unparse(expression)} is a value, not a row space")
        return node

    def _dtype(self, expression: ast.expr) -> np.dtype:
        dtype = read_dtype(expression)
        if dtype is None:
            raise GraphSyntaxError(f"no dtype is called {ast.unparse(expression)!r}")
        return dtype

    def _number(self, expression: ast.expr) -> Any:
        number = read_number(expression)
        if number is None:
            raise GraphSyntaxError(f"{ast.unparse(expression)} is not a number")
        return number

    def _int(self, expression: ast.expr) -> int:
        number = self._number(expression)
        if not isinstance(number, int):
            raise GraphSyntaxError(f"{ast.unparse(expression)} is not an integer")
        return number

    def _bound(self, expression: ast.expr) -> int | None:
        return (
            None
            if isinstance(expression, ast.Constant) and expression.value is None
            else self._int(expression)
        )
