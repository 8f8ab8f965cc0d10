"""NumPy's functions that give each row another value, recorded over lazy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, as_operand, handle_on, wrap_form
from lazyframe.api.numpy.handlers import NOT_GIVEN, form_of, handles, operands_of, wrapped
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_elementwise import clip_rows, map_rows_later, record_ufunc, result_dtype, where
from lazyframe.record.array_form import Form
from lazyframe.record.array_text import chosen
from lazyframe.record.elementwise import BOOL
from lazyframe.record.origin import stamp
from passes.ir.values import Literal, Value


@handles(np.where)
def _where(condition: Any, x: Any = NOT_GIVEN, y: Any = NOT_GIVEN) -> Any:
    if x is NOT_GIVEN or y is NOT_GIVEN:
        return None
    if _is_text(x) and _is_text(y):
        return _chosen_text([condition], [x, y], "where")
    operands = operands_of([condition, x, y])
    return None if operands is None else wrapped(where(*operands), "where")


@handles(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if not isinstance(condlist, (list, tuple)) or not isinstance(choicelist, (list, tuple)):
        return None
    if len(condlist) != len(choicelist) or not condlist:
        return None
    if any(getattr(c, "dtype", None) != BOOL for c in condlist):
        return None
    if _is_text(default) and all(map(_is_text, choicelist)):
        return _chosen_text(condlist, [*choicelist, default], "select")
    operands = operands_of([*condlist, *choicelist, default])
    if operands is None:
        return None
    many = len(condlist)

    def rowwise(row: list[Any]) -> Value | None:
        from lazyframe.record.array_elementwise import at_dtype
        from lazyframe.record.elementwise import select

        dtype = result_dtype(row[many:])
        if dtype is None or (dtype.kind == "u" and any(type(choice) is int for choice in choicelist)):
            return None  # NumPy makes int64 of Python's integers, which it does not cast to unsigned ones
        result = at_dtype(row[-1], dtype)
        for condition, choice in zip(reversed(row[:many]), reversed(row[many:-1]), strict=True):
            chosen = at_dtype(choice, dtype)
            if result is None or chosen is None:
                return None
            truth = condition if isinstance(condition, Value) else Literal(bool(condition), BOOL)
            result = select(truth, chosen, result)
        return result

    return wrapped(map_rows_later(operands, rowwise, ("select", many)), "select")


def _is_text(choice: Any) -> bool:
    return type(choice) is str or (type(choice) is LazyArray and choice.text() is not None)


def _chosen_text(conditions: Sequence[Any], choices: Sequence[Any], what: str) -> Any:
    columns = []
    for condition in conditions:
        form = form_of(condition)
        if form is None or form.dtype != BOOL or form.ndim != 1:
            return None
        columns.append(form.columns[0])
    texts = [choice if type(choice) is str else choice.text().text for choice in choices]
    text = chosen(columns, texts)
    if text is None:
        return None
    for column in text.columns:
        stamp(column, what)
    return handle_on(text)


@handles(np.clip)
def _clip(a: Any, a_min: Any = NOT_GIVEN, a_max: Any = NOT_GIVEN, out: Any = None, **named: Any) -> Any:
    if named.keys() - {"min", "max"} or (named and a_min is not NOT_GIVEN):
        return None
    low, high = named.get("min", a_min), named.get("max", a_max)
    bounds = [None if b is NOT_GIVEN else b for b in (low, high)]
    if out is not None or all(b is None for b in bounds):
        return None
    if bounds[0] is None or bounds[1] is None:
        ufunc, bound = (np.minimum, bounds[1]) if bounds[0] is None else (np.maximum, bounds[0])
        operands = operands_of([a, bound])
        recorded = None if operands is None else record_ufunc(ufunc, operands)
        return wrapped(recorded, "clip") if isinstance(recorded, Form) else None
    operands = operands_of([a, *bounds])
    return None if operands is None else wrapped(map_rows_later(operands, clip_rows, "clip"), "clip")


@handles(np.round, np.around)
def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    form = form_of(a)
    if form is None or out is not None or type(decimals) is not int:
        return None
    if form.dtype.kind in "iu":
        return wrap_form(form, "round") if decimals >= 0 else None
    if form.dtype.kind != "f":
        return None
    if decimals == 0:
        return np.rint(a)
    factor = float(10 ** abs(decimals))
    if decimals > 0:
        return np.divide(np.rint(np.multiply(a, factor)), factor)
    return np.multiply(np.rint(np.divide(a, factor)), factor)


@handles(np.isclose)
def _isclose(a: Any, b: Any, rtol: Any = 1.0e-5, atol: Any = 1.0e-8, equal_nan: bool = False) -> Any:
    operands = operands_of([a, b])
    if operands is None or any(not isinstance(t, (int, float)) for t in (rtol, atol)):
        return None
    kinds = {np.asarray(o).dtype.kind if not isinstance(o, Form) else o.dtype.kind for o in operands}
    if kinds != {"f"}:
        return None
    near = (abs(a - b) <= atol + rtol * abs(b)) & np.isfinite(b) | (a == b)
    return near | (np.isnan(a) & np.isnan(b)) if equal_nan else near


@handles(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    form = form_of(x)
    if form is None or not copy:
        return None
    if form.dtype.kind != "f":
        return wrap_form(form, "nan_to_num")
    limits = np.finfo(form.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    if any(not isinstance(v, (int, float)) for v in (nan, high, low)) and posinf is not None:
        return None
    kind = form.dtype.type
    result = where(*_three(np.isnan(x), kind(nan), form))
    result = None if result is None else where(*_three(x == np.inf, kind(high), result))
    return None if result is None else wrapped(where(*_three(x == -np.inf, kind(low), result)), "nan_to_num")


def _three(condition: Any, value: Any, form: Form) -> tuple[ArrayOperand, ArrayOperand, ArrayOperand]:
    chosen = as_operand(condition)
    assert chosen is not None
    return chosen, value, form
