"""The one deterministic printer of graphs: for repr, ``explain``, golden plans and errors.

::

    t  = source(a: float64, b: int64)
    p0 = parameter(float64)
    r0 = filter(t, t.a > p0)
    v0 = r0.a * 2.0
    return v0 + 1.0, sum(v0)

Lines come in topological order, and `passes.ir.parser` reads the text back to the same graph.  A row space
and a parameter always have a line; a value has one when it is used more than once, or when the expression
around it would grow too long, so that the text is linear in the graph.  ``r0.a`` is the source's column ``a``
taken through every filter down to ``r0``.  Columns have names of their own within their source.  Rows of
length ``n0`` are called ``t`` and those of ``nk`` ``tk``, whichever is met first, and print without it, so
that a source has one name in all texts of a program that passes rewrite.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Sequence

from passes.ir.names import dtype_text, literal_text
from passes.ir.node import Node, Token
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.type_rules import implied_dtype
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
    Probe,
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
from passes.ir.walk import children, topological

WIDEST_OPERAND = 72
"""A value whose text is longer gets a line of its own."""
DEEPEST_OPERAND = 20
"""So does one that nests deeper: Python's parser recurses."""
LONGEST_NAME = 40

COMPARISON, OR, XOR, AND, SHIFT, SUM, TERM, UNARY, POWER, ATOM = range(10)
PRECEDENCE = {
    "==": COMPARISON, "!=": COMPARISON, "<": COMPARISON, "<=": COMPARISON, ">": COMPARISON, ">=": COMPARISON,
    "|": OR, "^": XOR, "&": AND, "<<": SHIFT, ">>": SHIFT, "+": SUM, "-": SUM,
    "*": TERM, "/": TERM, "//": TERM, "%": TERM, "**": POWER,
}  # fmt: skip

_GENERATED = re.compile(r"[trgv]\d*|p\d+|c\d+|nan|inf")
_UNUSABLE = re.compile(r"\W+", re.ASCII)
_SOURCE_NAME = re.compile(r"t([1-9]\d*)?")
_NUMBERED_LENGTH = re.compile(r"n(0|[1-9]\d*)")


def print_graph(results: Sequence[Value]) -> str:
    """The text of the graph below ``results``.

    Parameters
    ----------
    results : sequence of Value
        What the program returns, in order.

    Returns
    -------
    str
        Without a trailing newline; the same for equal graphs whose tokens have equal hints.
    """
    return Printout(results).text


def source_name(number: int) -> str:
    """What the rows of length ``n<number>`` are called: ``t``, ``t1``, ``t2``."""
    return f"t{number}" if number else "t"


def named_length(source: str) -> str | None:
    """The length that a source has whose text says none: ``n1`` of ``t1``; None for names of another kind."""
    found = _SOURCE_NAME.fullmatch(source)
    return None if found is None else f"n{found[1] or 0}"


def _reading_order(node: Node) -> tuple[Node, ...]:
    """What is printed before ``node``: a view comes after what it is a view of."""
    return children(node)[::-1] if isinstance(node, View) else children(node)


def _is_unwieldy(text: str, depth: int) -> bool:
    return len(text) > WIDEST_OPERAND or depth > DEEPEST_OPERAND


class Printout:
    """A printed graph and the names that it gave.

    Attributes
    ----------
    text : str
    tokens : dict of str to Token
        What `passes.ir.parser.parse_graph` needs to read the text back to these very nodes: parameters by
        name, columns by source and name, such as ``t.a``.
    """

    def __init__(self, results: Sequence[Value]) -> None:
        self.tokens: dict[str, Token] = {}
        self._token_names: dict[Token, str] = {}
        self._columns: dict[Node, str] = {}
        self._pieces: dict[Node, tuple[str, int, int]] = {}
        self._lines: list[tuple[str, str]] = []
        self._counters: Counter[str] = Counter()
        order = topological(results, _reading_order)
        self._returned: frozenset[Node] = frozenset(results)
        self._uses = Counter(child for node in order for child in children(node))
        self._uses.update(results)
        self._name_inputs(order)
        for node in order:
            self._add(node)
        returned = ", ".join([self.expression(result) for result in results])
        self.text = "\n".join([*self._aligned(), f"return {returned}".rstrip()])

    def expression(self, node: Node | None) -> str:
        """The name or the expression that stands for ``node`` in the text."""
        if node is None:
            return "None"
        return self._pieces[node][0]

    def definition(self, node: Node) -> str:
        """What ``node`` is, even where the text uses its name."""
        return self._definitions.get(node, self.expression(node))

    @property
    def _definitions(self) -> dict[Node, str]:
        lines = dict(self._lines)
        return {
            node: f"{piece} = {lines[piece]}"
            for node, (piece, _, _) in self._pieces.items()
            if piece in lines
        }

    def _aligned(self) -> list[str]:
        width = max((len(name) for name, _ in self._lines), default=0)
        return [f"{name:{width if width <= 4 else 0}} = {definition}" for name, definition in self._lines]

    def _name_inputs(self, order: list[Node]) -> None:
        self._reads: dict[Rows, dict[Token, Read]] = {}
        self._sources: dict[Rows, str] = {}
        self._name_sources([node for node in order if isinstance(node, Range)])
        for node in order:
            if isinstance(node, Parameter):
                if node.token.constant is None and node.token not in self._token_names:
                    self._token_names[node.token] = self._name_token(node.token, "p", "")
            elif isinstance(node, Read) and node.rows is not None:
                reads = self._reads.setdefault(node.rows, {})
                first = reads.setdefault(node.token, node)
                known = self._columns.get(first)
                owner = f"{self._sources.get(node.rows, '')}."  # what reads no source is refused, and printed
                self._columns[node] = known or self._name_token(node.token, "c", owner)

    def _name_sources(self, ranges: list[Range]) -> None:
        """Name those of a numbered length by it, and the others by what numbers are left."""
        for rows in ranges:
            numbered = isinstance(rows.extent, str) and _NUMBERED_LENGTH.fullmatch(rows.extent)
            if numbered:
                self._sources[rows] = source_name(int(numbered[1]))
        taken = set(self._sources.values())
        for rows in ranges:
            while rows not in self._sources:
                name = source_name(self._counters["t"])
                self._counters["t"] += 1
                if name not in taken:
                    self._sources[rows] = name

    def _name_token(self, token: Token, prefix: str, owner: str) -> str:
        """Name an input of ``owner``, which is a source with a dot, or empty for parameters."""
        name = _UNUSABLE.sub("_", token.hint).strip("_") if owner else token.hint
        taken = self.tokens
        usable = name.isascii() and name.isidentifier() and len(name) <= LONGEST_NAME
        generated = _GENERATED.fullmatch(name) is not None and not re.fullmatch(prefix + r"\d+", name)
        if not usable or generated or keyword.iskeyword(name) or owner + name in taken:
            name = self._fresh(owner + prefix).removeprefix(owner)
            while owner + name in taken:
                name = self._fresh(owner + prefix).removeprefix(owner)
        taken[owner + name] = token
        return name

    def _fresh(self, prefix: str) -> str:
        number = self._counters[prefix]
        self._counters[prefix] += 1
        return f"{prefix}{number}"

    def _add(self, node: Node) -> None:
        if isinstance(node, Rows):
            self._pieces[node] = (self._define(self._row_name(node), self._rows(node)), ATOM, 0)
            return
        if isinstance(node, Parameter) and node.token.constant is not None:
            self._pieces[node] = (*self._value(node.token.constant), 0)  # type: ignore[arg-type]  # a Literal
            return
        if isinstance(node, Parameter):
            name = self._token_names[node.token]
            self._pieces[node] = (self._define(name, f"parameter({dtype_text(node.dtype)})"), ATOM, 0)
            return
        assert isinstance(node, Value)
        text, precedence = self._value(node)
        depth = 1 + max((self._pieces[c][2] for c in children(node)), default=-1)
        if isinstance(node, (Literal, Read, RowNumber, Key)) or node in self._columns:
            self._pieces[node] = (text, precedence, 0)
        elif self._uses[node] > 1 or (node not in self._returned and _is_unwieldy(text, depth)):
            self._pieces[node] = (self._define(self._fresh("v"), text), ATOM, 0)
        else:
            self._pieces[node] = (text, precedence, depth)

    def _define(self, name: str, definition: str) -> str:
        self._lines.append((name, definition))
        return name

    def _row_name(self, rows: Rows) -> str:
        if isinstance(rows, Range):
            return self._sources[rows]
        return self._fresh("g" if isinstance(rows, Group) else "r")

    def _rows(self, rows: Rows) -> str:
        name = self.expression
        match rows:
            case Range():
                return self._range(rows)
            case Filter(parent, mask):
                return f"filter({name(parent)}, {name(mask)})"
            case Slice(parent, start, stop, step):
                return f"slice({name(parent)}, {start}, {stop}, {step})"
            case Product(left, right):
                return f"product({name(left)}, {name(right)})"
            case Join(left, right, left_keys, right_keys, how):
                pairs = self._equal_pairs(left_keys, right_keys)
                return f"join({', '.join([name(left), name(right), *pairs])}, how={how!r})"
            case Sort(parent, keys, ascending):
                ways = zip(keys, ascending, strict=True)
                by = [f"{'ascending' if up else 'descending'}({name(key)})" for key, up in ways]
                return f"sort({', '.join([name(parent), *by])})"
            case Concat(parts):
                return f"concat({', '.join(map(name, parts))})"
            case Group(parent, keys, sort):
                return f"group({', '.join(map(name, (parent, *keys)))}, sort={sort})"
        raise TypeError(f"no way to print {type(rows).__name__}")

    def _equal_pairs(self, ones: tuple[Value, ...], others: tuple[Value, ...]) -> list[str]:
        tight = COMPARISON + 1
        return [
            f"{self._operand(one, tight)} == {self._operand(other, tight)}"
            for one, other in zip(ones, others, strict=True)
        ]

    def _range(self, rows: Range) -> str:
        extent = "" if rows.extent == named_length(self._sources[rows]) else f"[{rows.extent}]"
        columns = [
            f"{self._columns[read]}: {dtype_text(read.dtype)}" for read in self._reads.get(rows, {}).values()
        ]
        return f"source{extent}({', '.join(columns)})" if columns else f"range{extent}()"

    def _value(self, node: Value) -> tuple[str, int]:
        name = self.expression
        match node:
            case Literal():
                text = literal_text(node)
                return text, UNARY if text.startswith("-") else ATOM
            case Read(_, _, rows):
                return f"{name(rows)}.{self._columns[node]}", ATOM
            case RowNumber(_, rows):
                return f"row_number({name(rows)})", ATOM
            case Map():
                return self._map(node)
            case Take(column, _, rows):
                return self._take(node, column, rows), ATOM
            case View(column, start, step, _, rows):
                return f"view({name(column)}, {name(rows)}, start={start}, step={step})", ATOM
            case Outer(column, axis, _, rows):
                return f"outer({name(column)}, {name(rows)}, {axis})", ATOM
            case Fold(operation, column, axis, dtype):
                typed = self._typed(dtype, column)
                return f"fold_{operation}({name(column)}, axis={axis}{typed})", ATOM
            case Reduce(operation, column, dtype) | Window(operation, column, dtype):
                return f"{operation}({name(column)}{self._typed(dtype, column)})", ATOM
            case Aggregate(operation, column, dtype, rows):
                return f"{name(rows)}.{operation}({name(column)}{self._typed(dtype, column)})", ATOM
            case WithinGroup(operation, column, group, argument, dtype):
                more = "" if argument is None else f", argument={argument!r}"
                return f"{name(group)}.{operation}({name(column)}{more}{self._typed(dtype, column)})", ATOM
            case Key(position, _, rows):
                return f"{name(rows)}.key({position})", ATOM
            case GroupNumber(group):
                return f"group_number({name(group)})", ATOM
            case Gather(column, positions):
                return f"gather({name(column)}, {name(positions)})", ATOM
            case Position(side, _, rows):
                return f"position({name(rows)}, {side})", ATOM
            case Chain(columns, _, rows):
                return f"chain({', '.join(map(name, (rows, *columns)))})", ATOM
            case Lookup(keys, of, of_keys):
                return f"lookup({', '.join([name(of), *self._equal_pairs(keys, of_keys)])})", ATOM
            case Probe(table, keys):
                return f"probe({', '.join(map(name, (table, *keys)))})", ATOM
            case Stored(value):
                return f"stored({name(value)})", ATOM
        raise TypeError(f"no way to print {type(node).__name__}")

    def _typed(self, dtype: object, column: Value) -> str:
        return "" if dtype == column.dtype else f", dtype={dtype_text(dtype)}"  # type: ignore[arg-type]

    def _take(self, node: Take, column: Value, rows: Rows | None) -> str:
        own = isinstance(rows, (Filter, Slice)) and rows.parent is column.rows
        if own and column in self._columns:
            self._columns[node] = self._columns[column]
            return f"{self.expression(rows)}.{self._columns[node]}"
        return f"take({self.expression(column)}, {self.expression(rows)})"

    def _map(self, node: Map) -> tuple[str, int]:
        operation = OPERATIONS.get(node.operation)
        arguments = node.arguments
        implied = implied_dtype(node.operation, tuple([a.dtype for a in arguments])) == node.dtype
        unary_literal = len(arguments) == 1 and isinstance(arguments[0], Literal)
        well_formed = operation is not None and len(arguments) == operation.arity
        if operation is not None and operation.symbol and implied and well_formed and not unary_literal:
            return self._infix(operation.symbol, arguments)
        texts = [self.expression(a) for a in arguments]
        if node.operation in ("cast", "reinterpret"):
            texts.append(dtype_text(node.dtype))
        elif not implied:
            texts.append(f"dtype={dtype_text(node.dtype)}")
        return f"{node.operation}({', '.join(texts)})", ATOM

    def _infix(self, symbol: str, arguments: tuple[Value, ...]) -> tuple[str, int]:
        if len(arguments) == 1:
            return f"{symbol}{self._operand(arguments[0], UNARY)}", UNARY
        own = PRECEDENCE[symbol]
        tight = own + (own in (COMPARISON, POWER))
        left = self._operand(arguments[0], tight)
        right = self._operand(arguments[1], UNARY if own == POWER else own + 1)
        return f"{left} {symbol} {right}", own

    def _operand(self, value: Value, least: int) -> str:
        text, precedence, _ = self._pieces[value]
        return text if precedence >= least else f"({text})"
