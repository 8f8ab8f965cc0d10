"""Which dtypes each operation and reduction takes and gives: the typing half of the specification.

The verifier enforces these tables, and the printer leaves out a dtype that they imply.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from passes.ir.operations import OPERATIONS

BOOL = np.dtype(np.bool_)
KERNEL_DTYPES = frozenset(
    np.dtype(name)
    for name in (
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float32", "float64",
    )
)  # fmt: skip
"""The dtypes that a `Map` computes with."""


class TypeRule(NamedTuple):
    """The arguments' one dtype is of one of ``kinds`` (NumPy's letters); the result is of it too, or bool.

    Where ``only`` is given, that is the one dtype.
    """

    kinds: str
    gives_bool: bool = False
    only: np.dtype | None = None

    def takes(self, dtype: np.dtype) -> bool:
        """Whether arguments may be of ``dtype``."""
        return dtype.kind in self.kinds and self.only in (None, dtype)


def _rules(
    kinds: str, names: str, gives_bool: bool = False, only: np.dtype | None = None
) -> dict[str, TypeRule]:
    return {name: TypeRule(kinds, gives_bool, only) for name in names.split()}


TYPE_RULES: dict[str, TypeRule] = {
    **_rules("iuf", "add subtract multiply floor_divide remainder power negative absolute sign"),
    **_rules("biuf", "minimum maximum fmin fmax"),
    **_rules("biuf", "equal not_equal less less_equal greater greater_equal", gives_bool=True),
    **_rules("biu", "bitwise_and bitwise_or bitwise_xor invert"),
    **_rules("iu", "left_shift right_shift"),
    **_rules("f", "is_nan is_finite is_infinite sign_bit", gives_bool=True),
    **_rules("f", "divide copysign floor ceil truncate round_half_even square_root cube_root hypot"),
    **_rules("f", "exp exp2 expm1 log log2 log10 log1p erf erfc"),
    **_rules("f", "sin cos tan arcsin arccos arctan arctan2"),
    **_rules("i", "year month day_of_month day_of_year", only=np.dtype(np.int32)),
    **_rules("f", "sinh cosh tanh arcsinh arccosh arctanh"),
}
"""By operation.  ``select``, ``cast`` and ``reinterpret`` have rules of their own below."""

REDUCTION_KINDS: dict[str, str] = {
    "sum": "iuf", "product": "iuf", "minimum": "biuf", "maximum": "biuf", "any": "b", "all": "b",
}  # fmt: skip
"""The kinds of column that a reduction takes; it gives the column's own dtype."""

RANK_METHODS = ("average", "min", "max", "first", "dense")
"""Which of the places that equal values take together each of them is given."""

WINDOW_KINDS: dict[str, str] = {
    "cumulative_sum": "biuf",
    "cumulative_product": "biuf",
    "cumulative_minimum": "biuf",
    "cumulative_maximum": "biuf",
    "cumulative_sum_of_valid": "f",
    "cumulative_product_of_valid": "f",
    "cumulative_minimum_of_valid": "f",
    "cumulative_maximum_of_valid": "f",
    **dict.fromkeys([f"rank_{method}" for method in RANK_METHODS], "biuf"),
    **dict.fromkeys([f"rank_{method}_descending" for method in RANK_METHODS], "biuf"),
}
"""The kinds of column that a `Window` takes; it may give a wider dtype than the column's, a rank float64."""


ROLLING = ("sum", "mean", "min", "max", "count", "var", "std")
"""What a `Window` may give, as float64, of each row and so many before it, or all before it.

``rolling_sum_5`` is that of five rows, and NaN where there are fewer; ``rolling_sum_5_2`` where fewer than
two of them have a value.  ``expanding_sum_2`` is that of a row and all before it, and NaN where fewer than
two have a value.
"""

_ROLLING = re.compile(rf"rolling_({'|'.join(ROLLING)})_(\d+)(?:_(\d+))?")
_EXPANDING = re.compile(rf"expanding_({'|'.join(ROLLING)})_(\d+)")
_FILLING = re.compile(r"(fill_forward|fill_backward|interpolate)(?:_(\d+))?")


def rolling(name: str, rows: int, least: int | None) -> str:
    """The operation that gives one of `ROLLING` of so many rows, as `rolling_of` reads it."""
    return f"rolling_{name}_{rows}{'' if least is None else f'_{least}'}"


def rolling_of(operation: str) -> tuple[str, int, int | None] | None:
    """What a `Window` gives of how many rows, and how many values it takes, if it is of a few rows each."""
    found = _ROLLING.fullmatch(operation)
    if found is None:
        return None
    name, rows, least = found.groups()
    return name, int(rows), None if least is None else int(least)


def expanding_of(operation: str) -> tuple[str, int] | None:
    """What a `Window` gives of a row and all before it, and how many values it takes, if it does."""
    found = _EXPANDING.fullmatch(operation)
    return None if found is None else (found[1], int(found[2]))


def filling_of(operation: str) -> tuple[str, int | None] | None:
    """How a `Window` fills what is missing, and how many rows in a row at most, if it does.

    Missing is NaN among floats, and the least of all among integers of 64 bits, as NaT is.
    """
    found = _FILLING.fullmatch(operation)
    return None if found is None else (found[1], None if found[2] is None else int(found[2]))


def window_kinds(operation: str) -> str | None:
    """The kinds of column that a `Window` takes; None if there is no such operation."""
    filling = filling_of(operation)
    if filling is not None:
        return "f" if filling[0] == "interpolate" else "fi"
    return "biuf" if gives_float64(operation) else WINDOW_KINDS.get(operation)


def gives_float64(operation: str) -> bool:
    """Whether a `Window` gives float64 of every kind of column."""
    return is_rank(operation) or rolling_of(operation) is not None or expanding_of(operation) is not None


def is_rank(operation: str) -> bool:
    """Whether a `Window` gives each row its place among all, as float64."""
    return operation.startswith("rank_")


GROUP_STATISTICS: dict[str, str] = {
    "median": "iufmM",
    "quantile": "iufmM",
    "quantile_of_values": "iuf",
    "mean": "mM",
    "std": "mM",
    "sem": "mM",
}
"""What a `WithinGroup` gives for each group, and the kinds of column that it takes.

``quantile`` is interpolated as pandas does it for groups, ``quantile_of_values`` as NumPy does it.
"""

GROUP_WINDOWS: dict[str, str] = {
    "cumulative_count": "biufmM",
    "cumulative_sum": "iufm",
    "cumulative_product": "iuf",
    "cumulative_minimum": "iufmM",
    "cumulative_maximum": "iufmM",
    "cumulative_sum_to_missing": "f",
    "cumulative_product_to_missing": "f",
    "cumulative_minimum_to_missing": "f",
    "cumulative_maximum_to_missing": "f",
    "carry_forward": "i",
    "carry_backward": "i",
    "place_among_least": "i",
    "position_at_distance": "i",
    "rank_average": "biufmM",
    "rank_min": "biufmM",
    "rank_max": "biufmM",
    "rank_first": "biufmM",
    "rank_dense": "biufmM",
}
"""What a `WithinGroup` gives for each row, and the kinds of column that it takes.

Beside these there are those of `rolling_of` and `expanding_of`, as float64.
What is cumulative skips what is missing, or is missing from there on, ``to_missing``.  ``carry_forward`` is
the last value of a row and those before it in the group that is not -1, if it has one of the last so many
rows, ``carry_backward`` that of a row and those behind it; ``place_among_least`` is the place of a row among
so many of the least of its group, or that number.  ``position_at_distance``, of the rows' numbers,
is the number of the row so many rows before in the group, or -1.
"""


def within_group_kinds(operation: str) -> str | None:
    """The kinds of column that a `WithinGroup` takes; None if there is no such operation."""
    if rolling_of(operation) is not None or expanding_of(operation) is not None:
        return "biuf"
    return GROUP_STATISTICS.get(operation, GROUP_WINDOWS.get(operation))


UNTYPED = frozenset({"cast", "reinterpret"})
"""Operations that say their result's dtype."""


def implied_dtype(operation: str, arguments: tuple[np.dtype, ...]) -> np.dtype | None:
    """The result's dtype, where the operation and its arguments' dtypes settle it."""
    if operation in UNTYPED or not arguments:
        return None
    rule = TYPE_RULES.get(operation)
    if rule is not None and rule.gives_bool:
        return BOOL
    return arguments[-1]


def type_fault(operation: str, arguments: tuple[np.dtype, ...], result: np.dtype) -> str | None:
    """What is wrong with an operation at these dtypes, as a sentence; None when nothing is."""
    known = OPERATIONS.get(operation)
    if known is None:
        return f"no operation is called {operation!r}"
    if len(arguments) != known.arity:
        return f"{operation} takes {known.arity} arguments, not {len(arguments)}"
    if operation == "reinterpret":
        return _reinterpret_fault(arguments[0], result)
    for dtype in (*arguments, result):
        if dtype not in KERNEL_DTYPES:
            return f"{operation} cannot compute with {dtype}"
    if operation == "cast":
        return None
    if operation == "select":
        return _select_fault(arguments, result)
    rule = TYPE_RULES[operation]
    if len(set(arguments)) != 1:
        return f"{operation} takes arguments of one dtype, not {', '.join(map(str, arguments))}"
    if rule.only is not None and arguments[0] != rule.only:
        return f"{operation} takes {rule.only}, not {arguments[0]}"
    if arguments[0].kind not in rule.kinds:
        return f"{operation} takes dtypes of the kinds {rule.kinds!r}, not {arguments[0]}"
    expected = BOOL if rule.gives_bool else arguments[0]
    return None if result == expected else f"{operation} of {arguments[0]} gives {expected}, not {result}"


def _select_fault(arguments: tuple[np.dtype, ...], result: np.dtype) -> str | None:
    if arguments[0] != BOOL:
        return f"select takes a bool condition, not {arguments[0]}"
    if not arguments[1] == arguments[2] == result:
        return (
            f"select gives the one dtype of its branches, not {result} of {arguments[1]} and {arguments[2]}"
        )
    return None


def _reinterpret_fault(argument: np.dtype, result: np.dtype) -> str | None:
    for dtype in (argument, result):
        if dtype not in KERNEL_DTYPES and dtype.kind not in "mM":
            return f"reinterpret cannot read the bits of {dtype}"
    if argument.itemsize != result.itemsize:
        return f"reinterpret keeps the width: {argument} and {result} differ"
    return None
