"""Which functions of a group are called with a stand-in: those whose code can do nothing but compute.

That is read off the instructions, so that a function with side effects, or one that looks at the data to
decide, is pandas' from the beginning and is called as often as pandas calls it.
"""

from __future__ import annotations

import builtins
import datetime
import dis
import inspect
import math
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
import pandas

from lazyframe.record.groupby_traced_times import is_scalar

_HARMLESS = frozenset(
    {
        "RESUME", "CACHE", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_LOAD_FAST", "LOAD_CONST",
        "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "COPY_FREE_VARS", "LOAD_ATTR", "LOAD_METHOD",
        "PUSH_NULL", "PRECALL", "CALL", "KW_NAMES", "CALL_KW", "BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP",
        "UNARY_NEGATIVE", "UNARY_INVERT", "BUILD_LIST", "LIST_EXTEND", "BUILD_MAP", "BUILD_CONST_KEY_MAP",
        "STORE_FAST", "STORE_FAST_LOAD_FAST", "BUILD_SLICE", "BUILD_TUPLE", "BINARY_SLICE", "STORE_SUBSCR",
        "STORE_FAST_STORE_FAST", "RETURN_VALUE", "RETURN_CONST", "NOP", "POP_TOP", "COPY", "SWAP",
        "UNARY_NOT", "TO_BOOL", "IS_OP", "NOT_TAKEN",
    }
)  # fmt: skip
"""Instructions that compute with what is on the stack; none stores but in local names, and in what the
function has made itself, as it is given nothing else that takes it, jumps or catches."""

_BRANCHES = frozenset(
    {
        "POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_FORWARD_IF_TRUE", "POP_JUMP_FORWARD_IF_NONE",
        "POP_JUMP_FORWARD_IF_NOT_NONE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "POP_JUMP_IF_NONE",
        "POP_JUMP_IF_NOT_NONE", "JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "JUMP_FORWARD",
    }
)  # fmt: skip
"""Instructions that jump, but never back: a function of these ends."""

_NAMED = frozenset({"LOAD_GLOBAL", "LOAD_DEREF"})
"""Instructions that load what a name stands for."""

_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

_TELLING = frozenset(
    {
        "info", "plot", "hist", "boxplot", "pipe", "apply", "map", "agg", "aggregate", "sample", "now",
        "today", "utcnow",
    }
)  # fmt: skip
"""Methods that do more than compute, or call something that may, or look at the clock."""

BUILTINS: tuple[Any, ...] = (
    len, round, abs, float, int, bool, sum, max, min, datetime.timedelta, datetime.datetime,
)  # fmt: skip
"""The functions and classes of Python's that are known."""

ARRAY_FUNCTIONS = frozenset(
    {
        "sum", "mean", "max", "min", "std", "var", "any", "all", "prod", "median", "percentile", "quantile",
        "average", "sqrt", "abs", "absolute", "log", "log1p", "log2", "log10", "exp", "isnan", "square",
        "ptp", "count_nonzero", "nan", "inf", "pi", "e", "nanmean", "nansum", "nanmax", "nanmin",
        "nanstd", "nanvar", "nanmedian", "nanquantile", "nanpercentile", "timedelta64",
    }
)  # fmt: skip
"""The functions and numbers of NumPy's that are known, by name."""

_CONSTRUCTORS = frozenset({"Series", "Timestamp", "Timedelta", "NaT"})
_MATHEMATICS = frozenset({"sqrt", "nan", "inf", "pi", "e"})
_TIMES = frozenset({"timedelta", "datetime"})
_CONSTANTS = (int, float, str, bool)


def is_pure(function: Any) -> bool:
    """Whether ``function`` only computes with its one argument, numbers, text, and functions that are known.

    Parameters
    ----------
    function : object
        A plain function. Others are not read.
    """
    if type(function) is not FunctionType:
        return False
    code = function.__code__
    one = code.co_argcount == 1 and code.co_kwonlyargcount == code.co_posonlyargcount == 0
    if not one or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR):
        return False
    named = _names_of(function)
    if named is None:
        return False
    known: frozenset[str] = frozenset()  # of the module that has just been loaded
    for instruction in dis.get_instructions(function):
        if known and not (instruction.opname in _ATTRIBUTES and instruction.argval in known):
            return False
        known = frozenset()
        if instruction.opname in _NAMED:
            value = named.get(instruction.argval)
            known = _functions_of(value)
            if not known and not _is_constant(value) and not _is_builtin(value):
                return False
        elif instruction.opname in _BRANCHES:
            continue
        elif instruction.opname not in _HARMLESS or _is_telling(instruction):
            return False
    return True


def has_branches(function: Any) -> bool:
    """Whether a function may go on at several places, or choose one of several numbers."""
    if type(function) is not FunctionType:
        return False
    chooses = not {"max", "min"}.isdisjoint(function.__code__.co_names)
    return chooses or any(one.opname in _BRANCHES for one in dis.get_instructions(function))


def _is_constant(value: Any) -> bool:
    return type(value) in _CONSTANTS or is_scalar(value)


def is_numpy(value: Any) -> bool:
    """Whether a module is NumPy, or the one that records what NumPy does."""
    return value is np or (value is not None and value is sys.modules.get("lazyframe.numpy"))


def is_pandas(value: Any) -> bool:
    """Whether a module is pandas, or the one that records what pandas does."""
    return value is pandas or (value is not None and value is sys.modules.get("lazyframe"))


def _functions_of(module: Any) -> frozenset[str]:
    """The functions of a module that are known."""
    if is_numpy(module):
        return ARRAY_FUNCTIONS
    if module is math:
        return _MATHEMATICS
    if module is datetime:
        return _TIMES
    return _CONSTRUCTORS if is_pandas(module) else frozenset()


def asks_numpy(function: FunctionType) -> bool:
    """Whether a function loads NumPy."""
    return any(map(is_numpy, (_names_of(function) or {}).values()))


def _is_builtin(value: Any) -> bool:
    return any(value is known for known in BUILTINS)


def _is_telling(instruction: dis.Instruction) -> bool:
    if instruction.opname not in _ATTRIBUTES:
        return False
    attribute = instruction.argval
    return attribute in _TELLING or (attribute.startswith("to_") and attribute != "to_numpy")


def _names_of(function: FunctionType) -> dict[str, Any] | None:
    try:
        known = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return None
    return {**known.builtins, **known.nonlocals, **known.globals}


def with_stand_ins(
    function: FunctionType, functions: Mapping[str, Any], modules: Mapping[str, Any]
) -> Callable[[Any], Any]:
    """``function`` with others in the place of Python's, NumPy's and pandas' own, which know no stand-ins.

    Parameters
    ----------
    function : function
        A pure one.
    functions : mapping
        By name, what is called in the place of `BUILTINS`.
    modules : mapping
        Has what stands for ``numpy``, ``pandas``, ``math`` and ``datetime``: what of these is known.
    """
    names: dict[str, Any] = {"__builtins__": {}}
    for name, value in (_names_of(function) or {}).items():
        if is_numpy(value):
            names[name] = modules["numpy"]
        elif is_pandas(value):
            names[name] = modules["pandas"]
        elif value is math or value is datetime:
            names[name] = modules[value.__name__]
        elif _is_builtin(value):
            names[name] = functions[value.__name__]
        elif _is_constant(value) and not hasattr(builtins, name):
            names[name] = value
    return FunctionType(function.__code__, names, closure=function.__closure__)
