"""``pandas.eval`` of expressions on large frames and series that are variables of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.expression_lines import FUNCTIONS, Line, lines_of
from lazyframe.api.expression_steps import evaluated
from lazyframe.api.expression_trees import (
    Instructions,
    UnlikeError,
    instructions_of,
    record_instructions,
    tree_of,
)
from lazyframe.api.live_expressions import ByNumexpr, operand_of_numexpr
from lazyframe.api.recording import lazy_frame, table_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import GIVEN_NAMES, has_numexpr, uses_numexpr
from lazyframe.record.origin import stamp
from lazyframe.record.table import Table
from passes.ir.values import Value

_PLAIN: dict[str, Any] = {"parser": "pandas", "resolvers": ()}
_FOLLOWED = frozenset({"expr", "engine", "local_dict", "global_dict", "target", "level", *_PLAIN})


def evaluate_top_level(arguments: Mapping[str, Any]) -> Any:
    """What ``pandas.eval`` gives.

    Parameters
    ----------
    arguments : mapping
        pandas', with both scopes of the user's.

    Returns
    -------
    object
        ``NotImplemented`` where it is for pandas, which may raise.
    """
    if not _FOLLOWED.issuperset(arguments) or type(arguments["expr"]) is not str:
        return NotImplemented
    if any(arguments.get(name, value) != value for name, value in _PLAIN.items()):
        return NotImplemented
    engine = arguments.get("engine") or ("numexpr" if uses_numexpr() else "python")
    lines = lines_of(arguments["expr"])
    if lines is None or len(lines) > 1 or engine not in ("python", "numexpr") or lines[0].calls:
        return NotImplemented
    (line,) = lines
    if line.variables or GIVEN_NAMES.intersection(line.names) or (engine == "numexpr" and not has_numexpr()):
        return NotImplemented
    target: Any = arguments.get("target")
    if (line.target is not None) != isinstance(target, pandas.DataFrame):
        return NotImplemented
    try:
        found = _evaluated(line, arguments["local_dict"], arguments["global_dict"], engine)
        if line.target is None:
            return wrap(found)
        made = target.copy(deep=False)
        made[line.target] = found
        return made
    except Exception:  # whatever is wrong, pandas says it
        return NotImplemented


def _evaluated(line: Line, inner: Mapping[str, Any], outer: Mapping[str, Any], engine: str) -> Any:
    known = {}
    for name in line.names:
        if name in inner or name in outer:
            known[name] = inner[name] if name in inner else outer[name]
        elif name not in FUNCTIONS and name != line.target:
            raise UnlikeError
    tree, visitor = tree_of(line, {name: _one_row(value) for name, value in known.items()}, {}, engine)
    values = list(known.values())
    if engine == "python":
        return evaluated(visitor.part_of(tree), values)
    instructions = instructions_of(tree)
    given = [evaluated(visitor.part_of(term), values) for term in instructions.terms]
    if any(isinstance(one, pandas.DataFrame) for one in given):
        return _columnwise(instructions, given)
    return ByNumexpr(instructions)(*given)


def _one_row(value: Any) -> Any:
    """One row of the same dtypes, by which pandas chooses operations; a number as it is."""
    if isinstance(value, pandas.Series):
        return pandas.Series(np.ones(1, _number(value.dtype)), name=value.name)
    if isinstance(value, pandas.DataFrame):
        dtypes = map(_number, value.dtypes)
        made = pandas.DataFrame({place: np.ones(1, dtype) for place, dtype in enumerate(dtypes)})
        made.columns = value.columns
        return made
    if type(value) in (bool, int, float):
        return value
    raise UnlikeError


def _number(dtype: Any) -> np.dtype:
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return dtype
    raise UnlikeError


def _columnwise(instructions: Instructions, given: Sequence[Any]) -> Any:
    """The lazy frame of what numexpr computes of frames of the same labels and of one dtype each."""
    tables = {place: table_of(one) for place, one in enumerate(given) if isinstance(one, pandas.DataFrame)}
    first = next(iter(tables.values()))
    numbers = {place: operand_of_numexpr(one) for place, one in enumerate(given) if place not in tables}
    if first is None or any(number.rows is not None for number in numbers.values()):
        raise UnlikeError
    if not all(table is not None and _alike(table, first) for table in tables.values()):
        raise UnlikeError
    values = []
    for position in range(len(first)):
        columns: list[Value] = []
        for place in range(len(given)):
            table = tables.get(place)
            columns.append(numbers[place] if table is None else table.value(position))
        value = record_instructions(instructions, columns)
        stamp(value, "eval")
        values.append(value)
    return lazy_frame(first.derived(values))


def _alike(one: Table, other: Table) -> bool:
    return (
        len(set(one.dtypes)) == 1
        and one.rows is other.rows
        and one.current_columns().same_as(other.current_columns())
        and one.columns.names == other.columns.names
        and one.labels.same_as(other.labels)
        and one.labels.names == other.labels.names
    )
