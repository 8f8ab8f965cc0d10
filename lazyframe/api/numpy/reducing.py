"""NumPy's reductions and running sums recorded over lazy arrays."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, wrap_form
from lazyframe.api.numpy.handlers import HANDLERS, NOT_GIVEN, Handler, form_of, handles, wrapped
from lazyframe.record import array_reductions as reduce
from lazyframe.record.array_elementwise import record_ufunc
from lazyframe.record.array_form import Form, is_kernel_dtype, known_length, length
from lazyframe.record.elementwise import BOOL
from passes.ir.rows import Range
from passes.ir.values import View


def _dtype(dtype: Any) -> np.dtype | bool | None:
    """The wanted dtype, None for the usual one, False for one that NumPy must see to."""
    if dtype is None or dtype is NOT_GIVEN:
        return None
    try:
        found = np.dtype(dtype)
    except TypeError:
        return False
    return found if is_kernel_dtype(found) and found != BOOL else False


def _reduced(
    a: Any,
    function: reduce.Function,
    axis: Any,
    keepdims: Any,
    what: str,
    options: Hashable = None,
    empty: bool = True,
) -> LazyArray | None:
    """What is called ``what``, or None where NumPy decides; ``options`` is what ``function`` holds beside."""
    form = form_of(a)
    if form is None or (not empty and reduce.is_empty(form, axis)):
        return None
    axes = reduce.normalised_axes(axis, form.ndim)
    if not axes or 0 in [known_length(form.axes[i]) for i in axes]:
        return None  # NumPy warns, or raises
    kept = keepdims is not NOT_GIVEN and bool(keepdims)
    return wrap_form(reduce.reduce_later(form, function, (what, options), axes, kept), what)


def _accumulating(operation: str, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NOT_GIVEN,
                initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or initial is not NOT_GIVEN or where is not NOT_GIVEN or isinstance(wanted, bool):
            return None
        return _reduced(a, reduce.total(operation, wanted, skipna), axis, keepdims, operation,
                        (wanted, skipna))  # fmt: skip

    return handler


HANDLERS[np.sum] = _accumulating("sum", False)
HANDLERS[np.nansum] = _accumulating("sum", True)
HANDLERS[np.prod] = _accumulating("product", False)
HANDLERS[np.nanprod] = _accumulating("product", True)


def _averaging(skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NOT_GIVEN,
                *, where: Any = NOT_GIVEN) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or where is not NOT_GIVEN or isinstance(wanted, bool):
            return None
        if wanted is not None and wanted.kind != "f":
            return None
        return _reduced(a, reduce.mean(wanted, skipna), axis, keepdims, "mean", (wanted, skipna))

    return handler


HANDLERS[np.mean] = _averaging(False)
HANDLERS[np.nanmean] = _averaging(True)


def _deviating(root: bool, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
                keepdims: Any = NOT_GIVEN, *, where: Any = NOT_GIVEN, mean: Any = NOT_GIVEN,
                correction: Any = NOT_GIVEN) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or where is not NOT_GIVEN or mean is not NOT_GIVEN or isinstance(wanted, bool):
            return None
        if correction is not NOT_GIVEN:
            if ddof != 0:
                return None
            ddof = correction
        if type(ddof) not in (int, float) or (wanted is not None and wanted.kind != "f"):
            return None
        form = form_of(a)
        counts = [] if form is None else reduce.normalised_axes(axis, form.ndim) or ()
        known = [known_length(form.axes[i]) for i in counts] if form is not None else []
        if None not in known and int(np.prod(known)) - ddof <= 0:  # type: ignore[arg-type]
            return None  # NumPy warns
        what, options = "std" if root else "var", (type(ddof), ddof, wanted, skipna)
        return _reduced(a, reduce.variance(ddof, root, wanted, skipna), axis, keepdims, what, options)

    return handler


HANDLERS[np.var] = _deviating(False, False)
HANDLERS[np.std] = _deviating(True, False)
HANDLERS[np.nanvar] = _deviating(False, True)
HANDLERS[np.nanstd] = _deviating(True, True)


def _extreme(operation: str, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NOT_GIVEN,
                initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:  # fmt: skip
        if out is not None or initial is not NOT_GIVEN or where is not NOT_GIVEN:
            return None
        return _reduced(a, reduce.extreme(operation, skipna), axis, keepdims, operation, skipna, empty=False)

    return handler


HANDLERS[np.min] = HANDLERS[np.amin] = _extreme("minimum", False)
HANDLERS[np.max] = HANDLERS[np.amax] = _extreme("maximum", False)
HANDLERS[np.nanmin] = _extreme("minimum", True)
HANDLERS[np.nanmax] = _extreme("maximum", True)


def _truth(operation: str) -> Handler:
    def handler(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = NOT_GIVEN, *, where: Any = NOT_GIVEN
    ) -> Any:
        if out is not None or where is not NOT_GIVEN:
            return None
        return _reduced(a, reduce.truth(operation), axis, keepdims, operation)

    return handler


HANDLERS[np.any] = _truth("any")
HANDLERS[np.all] = _truth("all")


def _position(operation: str) -> Handler:
    def handler(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NOT_GIVEN) -> Any:
        form = form_of(a)
        if form is None or out is not None or reduce.is_empty(form, axis):
            return None
        found = reduce.position_of_extreme(
            form, operation, axis, keepdims is not NOT_GIVEN and bool(keepdims)
        )
        return wrapped(found, "arg" + operation)

    return handler


HANDLERS[np.argmin] = _position("minimum")
HANDLERS[np.argmax] = _position("maximum")


@handles(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _reduced(a, reduce.count_nonzero, axis, keepdims, "count_nonzero")


@handles(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NOT_GIVEN) -> Any:
    highest = HANDLERS[np.max](a, axis, out, keepdims)
    lowest = HANDLERS[np.min](a, axis, out, keepdims)
    return None if highest is None or lowest is None else highest - lowest


@handles(np.average)
def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NOT_GIVEN
) -> Any:
    if returned:
        return None
    if weights is None:
        return HANDLERS[np.mean](a, axis, keepdims=keepdims)
    form = form_of(a)
    if form is None or form.ndim != 1 or getattr(weights, "ndim", 0) != 1 or form.dtype.kind != "f":
        return None
    total = np.multiply(a, weights)
    return total.sum(axis) / np.sum(weights, axis) if type(total) is LazyArray else None


def _cumulative(ufunc: str) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        form, wanted = form_of(a), _dtype(dtype)
        if form is None or out is not None or isinstance(wanted, bool):
            return None
        if axis is None and form.ndim != 1:
            return None
        return wrapped(reduce.accumulate(form, ufunc, axis, wanted), ufunc + ".accumulate")

    return handler


HANDLERS[np.cumsum] = _cumulative("add")
HANDLERS[np.cumprod] = _cumulative("multiply")


@handles(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NOT_GIVEN, append: Any = NOT_GIVEN) -> Any:
    form = form_of(a)
    if form is None or form.ndim != 1 or n != 1 or prepend is not NOT_GIVEN or append is not NOT_GIVEN:
        return None
    rows = form.axes[0]
    if axis not in (0, -1) or not isinstance(rows, Range) or length(rows) < 1:
        return None
    shorter, [column] = Range(length(rows) - 1), form.columns
    later, earlier = (Form((shorter,), (View(column, shorter, start, 1),)) for start in (1, 0))
    ufunc = np.not_equal if form.dtype == BOOL else np.subtract
    recorded = record_ufunc(ufunc, [later, earlier])
    return wrapped(recorded, "diff") if isinstance(recorded, Form) else None
