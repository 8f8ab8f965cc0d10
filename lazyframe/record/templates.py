"""Row-wise work recorded once, and made again of other columns of the same dtypes.

What an expression records follows from the dtypes of its columns and numbers.  Found once, it is a list of
operations, each of which is one node to make: no rule of pandas' or NumPy's is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from lazyframe.record.elementwise import literal
from lazyframe.record.origin import Line, origin_at
from passes.ir.node import set_origin
from passes.ir.values import Literal, Map, Parameter, Read, Value, map_over
from passes.ir.walk import topological


class _Step(NamedTuple):
    """One node: an operation on the values at some places, or without one the number there as a constant."""

    operation: str | None
    arguments: Callable[[list[Any]], tuple[Any, ...]]
    dtype: np.dtype
    what: str | None
    """What the user called, if that is known."""


class Template(NamedTuple):
    """What was recorded of stand-ins.

    Parameters
    ----------
    constants : tuple of Literal
        Placed behind the columns.
    steps : tuple
        Each is placed behind all before it; the last is the result.
    """

    constants: tuple[Literal, ...]
    steps: tuple[_Step, ...]

    def make(
        self, columns: Sequence[Value], numbers: list[int | float], asked_at: Callable[[], Line | None]
    ) -> Value:
        """The same of other columns and numbers, asked for at a line, which is looked up for what is new."""
        values: list[Value] = [*columns, *self.constants]
        rows = columns[0].rows
        assert rows is not None
        line: Line | None = None
        for operation, arguments, dtype, what in self.steps:
            if operation is None:
                (number,) = arguments(numbers)
                values.append(literal(number, dtype))
                continue
            value = map_over(operation, arguments(values), dtype, rows)
            if value.origin is None and what is not None:
                line = asked_at() if line is None else line
                if line is not None:
                    set_origin(value, origin_at(line, what))
            values.append(value)
        return values[-1]


def template_of(result: Value, columns: Sequence[Read], numbers: Sequence[Parameter]) -> Template | None:
    """The template of what was recorded of columns and numbers; None if that is more than row-wise work.

    Parameters
    ----------
    result : Value
        What was recorded: an operation.
    columns : sequence of Read
        Stand-ins for columns.
    numbers : sequence of Parameter
        Stand-ins for numbers of Python's, which are constants at the dtype that they are cast to.
    """
    nodes = [node for node in topological([result]) if isinstance(node, Value)]
    constants = [node for node in nodes if isinstance(node, Literal)]
    place: dict[Value, int] = {value: k for k, value in enumerate((*columns, *constants))}
    steps: list[_Step] = []
    for node in nodes:
        if node in place or node in numbers:
            continue
        if not isinstance(node, Map) or (node.rows is None and node.operation != "cast"):
            return None
        is_number = node.operation == "cast" and node.arguments[0] in numbers
        for argument in () if is_number else node.arguments:
            if argument in numbers and argument not in place:
                place[argument] = len(place)
                steps.append(_Step(None, _at([numbers.index(argument)]), argument.dtype, None))
        place[node] = len(place)
        what = None if node.origin is None else node.origin.what
        if is_number:
            steps.append(_Step(None, _at([numbers.index(node.arguments[0])]), node.dtype, None))
        else:
            steps.append(_Step(node.operation, _at([place[a] for a in node.arguments]), node.dtype, what))
    return Template(tuple(constants), tuple(steps)) if steps else None


def _at(places: list[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """What takes the items at some places."""
    if len(places) > 1:
        return itemgetter(*places)
    (place,) = places
    return lambda items: (items[place],)
