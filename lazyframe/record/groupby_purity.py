"""Which functions of a group are called with a stand-in: those whose code can do nothing but compute.

That is read off the instructions, so that a function with side effects, or one that looks at the data to
decide, is pandas' from the beginning and is called as often as pandas calls it.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
import pandas

_HARMLESS = frozenset(
    {
        "RESUME", "CACHE", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_LOAD_FAST", "LOAD_CONST",
        "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "COPY_FREE_VARS", "LOAD_ATTR", "LOAD_METHOD",
        "PUSH_NULL", "PRECALL", "CALL", "KW_NAMES", "CALL_KW", "BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP",
        "UNARY_NEGATIVE", "UNARY_INVERT", "BUILD_LIST", "LIST_EXTEND", "BUILD_MAP", "BUILD_CONST_KEY_MAP",
        "STORE_FAST", "STORE_FAST_LOAD_FAST",
        "STORE_FAST_STORE_FAST", "RETURN_VALUE",
    }
)  # fmt: skip
"""Instructions that compute with what is on the stack; none stores but in local names, jumps or catches."""

_NAMED = frozenset({"LOAD_GLOBAL", "LOAD_DEREF"})
"""Instructions that load what a name stands for."""

_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

_TELLING = frozenset(
    {"info", "plot", "hist", "boxplot", "pipe", "apply", "map", "agg", "aggregate", "sample"}
)
"""Methods of a series that do more than compute, or call something that may."""

BUILTINS: tuple[Any, ...] = (len, round, abs, float)
"""The functions of Python's that are known."""

ARRAY_FUNCTIONS = frozenset(
    {
        "sum", "mean", "max", "min", "std", "var", "any", "all", "prod", "median", "percentile", "quantile",
        "average", "sqrt", "abs", "absolute", "log", "log1p", "log2", "log10", "exp", "isnan", "square",
    }
)  # fmt: skip
"""The functions of NumPy's that are known, by name."""


_CONSTRUCTORS = frozenset({"Series"})


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
            if not known and type(value) not in (int, float, str) and not _is_builtin(value):
                return False
        elif instruction.opname not in _HARMLESS or _is_telling(instruction):
            return False
    return True


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
    function: FunctionType, functions: Mapping[str, Any], numpy: Any, pandas: Any
) -> Callable[[Any], Any]:
    """``function`` with others in the place of Python's, NumPy's and pandas' own, which know no stand-ins.

    Parameters
    ----------
    function : function
        A pure one.
    functions : mapping
        By name, what is called in the place of `BUILTINS`.
    numpy : object
        Has what is called in the place of `ARRAY_FUNCTIONS`.
    pandas : object
        Has what is called in the place of `pandas.Series`.
    """
    names: dict[str, Any] = {"__builtins__": {}}
    for name, value in (_names_of(function) or {}).items():
        if is_numpy(value):
            names[name] = numpy
        elif is_pandas(value):
            names[name] = pandas
        elif _is_builtin(value):
            names[name] = functions[value.__name__]
        elif type(value) in (int, float, str) and not hasattr(builtins, name):
            names[name] = value
    return FunctionType(function.__code__, names, closure=function.__closure__)
