"""NumPy's functions recorded over lazy arrays; one that answers None leaves the call to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, as_operand, call, real, wrap_form, wrap_result
from lazyframe.record import array_reductions as reduce
from lazyframe.record import array_shapes as shapes
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_elementwise import clip_rows, map_rows, record_ufunc, result_dtype, where
from lazyframe.record.array_form import Form, filled, is_kernel_dtype, known_length, length
from lazyframe.record.elementwise import BOOL
from passes.ir.rows import Range
from passes.ir.values import Literal, Value, View

_NO = np._NoValue
Handler = Callable[..., Any]
HANDLERS: dict[Any, Handler] = {}
"""From NumPy's functions to ours. A handler takes the arguments of NumPy's and answers None, or raises
TypeError for arguments that it does not know, where NumPy decides."""


def handles(*functions: Any) -> Callable[[Handler], Handler]:
    """Enter a handler for NumPy's ``functions``."""

    def enter(handler: Handler) -> Handler:
        for function in functions:
            HANDLERS[function] = handler
        return handler

    return enter


def form_of(x: Any) -> Form | None:
    """The form of what is worth recording: a lazy array, or a large computed one."""
    operand = as_operand(x)
    return operand if isinstance(operand, Form) else None


def _operands(items: Sequence[Any]) -> list[ArrayOperand] | None:
    operands = [as_operand(item) for item in items]
    if any(o is None for o in operands) or not any(isinstance(o, Form) for o in operands):
        return None
    return operands  # type: ignore[return-value]


def _wrap(form: Form | None, what: str) -> LazyArray | None:
    return None if form is None else wrap_form(form, what)


# reductions --------------------------------------------------------------------------------------------


def _dtype(dtype: Any) -> np.dtype | bool | None:
    """The wanted dtype, None for the usual one, False for one that NumPy must see to."""
    if dtype is None or dtype is _NO:
        return None
    try:
        found = np.dtype(dtype)
    except TypeError:
        return False
    return found if is_kernel_dtype(found) and found != BOOL else False


def _reduced(
    a: Any, function: reduce.Function, axis: Any, keepdims: Any, what: str, empty: bool = True
) -> LazyArray | None:
    form = form_of(a)
    if form is None or (not empty and reduce.is_empty(form, axis)):
        return None
    known = [known_length(form.axes[i]) for i in reduce.normalised_axes(axis, form.ndim) or ()]
    if 0 in known:
        return None  # NumPy warns, or raises
    return _wrap(reduce.reduce_form(form, function, axis, keepdims is not _NO and bool(keepdims)), what)


def _accumulating(operation: str, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = _NO,
                initial: Any = _NO, where: Any = _NO) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or initial is not _NO or where is not _NO or isinstance(wanted, bool):
            return None
        return _reduced(a, reduce.total(operation, wanted, skipna), axis, keepdims, operation)

    return handler


HANDLERS[np.sum] = _accumulating("sum", False)
HANDLERS[np.nansum] = _accumulating("sum", True)
HANDLERS[np.prod] = _accumulating("product", False)
HANDLERS[np.nanprod] = _accumulating("product", True)


def _averaging(skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = _NO,
                *, where: Any = _NO) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or where is not _NO or isinstance(wanted, bool):
            return None
        if wanted is not None and wanted.kind != "f":
            return None
        return _reduced(a, reduce.mean(wanted, skipna), axis, keepdims, "mean")

    return handler


HANDLERS[np.mean] = _averaging(False)
HANDLERS[np.nanmean] = _averaging(True)


def _deviating(root: bool, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
                keepdims: Any = _NO, *, where: Any = _NO, mean: Any = _NO,
                correction: Any = _NO) -> Any:  # fmt: skip
        wanted = _dtype(dtype)
        if out is not None or where is not _NO or mean is not _NO or isinstance(wanted, bool):
            return None
        if correction is not _NO:
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
        return _reduced(
            a, reduce.variance(ddof, root, wanted, skipna), axis, keepdims, "std" if root else "var"
        )

    return handler


HANDLERS[np.var] = _deviating(False, False)
HANDLERS[np.std] = _deviating(True, False)
HANDLERS[np.nanvar] = _deviating(False, True)
HANDLERS[np.nanstd] = _deviating(True, True)


def _extreme(operation: str, skipna: bool) -> Handler:
    def handler(a: Any, axis: Any = None, out: Any = None, keepdims: Any = _NO,
                initial: Any = _NO, where: Any = _NO) -> Any:  # fmt: skip
        if out is not None or initial is not _NO or where is not _NO:
            return None
        return _reduced(a, reduce.extreme(operation, skipna), axis, keepdims, operation, empty=False)

    return handler


HANDLERS[np.min] = HANDLERS[np.amin] = _extreme("minimum", False)
HANDLERS[np.max] = HANDLERS[np.amax] = _extreme("maximum", False)
HANDLERS[np.nanmin] = _extreme("minimum", True)
HANDLERS[np.nanmax] = _extreme("maximum", True)


def _truth(operation: str) -> Handler:
    def handler(a: Any, axis: Any = None, out: Any = None, keepdims: Any = _NO, *, where: Any = _NO) -> Any:
        if out is not None or where is not _NO:
            return None
        return _reduced(a, reduce.truth(operation), axis, keepdims, operation)

    return handler


HANDLERS[np.any] = _truth("any")
HANDLERS[np.all] = _truth("all")


def _position(operation: str) -> Handler:
    def handler(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = _NO) -> Any:
        form = form_of(a)
        if form is None or out is not None or reduce.is_empty(form, axis):
            return None
        found = reduce.position_of_extreme(form, operation, axis, keepdims is not _NO and bool(keepdims))
        return _wrap(found, "arg" + operation)

    return handler


HANDLERS[np.argmin] = _position("minimum")
HANDLERS[np.argmax] = _position("maximum")


@handles(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _reduced(a, reduce.count_nonzero, axis, keepdims, "count_nonzero")


@handles(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = _NO) -> Any:
    highest = HANDLERS[np.max](a, axis, out, keepdims)
    lowest = HANDLERS[np.min](a, axis, out, keepdims)
    return None if highest is None or lowest is None else highest - lowest


@handles(np.average)
def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = _NO
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
        return _wrap(reduce.accumulate(form, ufunc, axis, wanted), ufunc + ".accumulate")

    return handler


HANDLERS[np.cumsum] = _cumulative("add")
HANDLERS[np.cumprod] = _cumulative("multiply")


@handles(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = _NO, append: Any = _NO) -> Any:
    form = form_of(a)
    if form is None or form.ndim != 1 or n != 1 or prepend is not _NO or append is not _NO:
        return None
    rows = form.axes[0]
    if axis not in (0, -1) or not isinstance(rows, Range) or length(rows) < 1:
        return None
    shorter, [column] = Range(length(rows) - 1), form.columns
    later, earlier = (Form((shorter,), (View(column, shorter, start, 1),)) for start in (1, 0))
    ufunc = np.not_equal if form.dtype == BOOL else np.subtract
    recorded = record_ufunc(ufunc, [later, earlier])
    return _wrap(recorded, "diff") if isinstance(recorded, Form) else None


# row by row --------------------------------------------------------------------------------------------


@handles(np.where)
def _where(condition: Any, x: Any = _NO, y: Any = _NO) -> Any:
    if x is _NO or y is _NO:
        return None
    operands = _operands([condition, x, y])
    return None if operands is None else _wrap(where(*operands), "where")


@handles(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if not isinstance(condlist, (list, tuple)) or not isinstance(choicelist, (list, tuple)):
        return None
    if len(condlist) != len(choicelist) or not condlist:
        return None
    if any(getattr(c, "dtype", None) != BOOL for c in condlist):
        return None
    operands = _operands([*condlist, *choicelist, default])
    if operands is None:
        return None
    many = len(condlist)

    def rowwise(row: list[Any]) -> Value | None:
        from lazyframe.record.array_elementwise import at_dtype
        from lazyframe.record.elementwise import select

        dtype = result_dtype(row[many:])
        if dtype is None:
            return None
        result = at_dtype(row[-1], dtype)
        for condition, choice in zip(reversed(row[:many]), reversed(row[many:-1]), strict=True):
            chosen = at_dtype(choice, dtype)
            if result is None or chosen is None:
                return None
            truth = condition if isinstance(condition, Value) else Literal(bool(condition), BOOL)
            result = select(truth, chosen, result)
        return result

    return _wrap(map_rows(operands, rowwise), "select")


@handles(np.clip)
def _clip(a: Any, a_min: Any = _NO, a_max: Any = _NO, out: Any = None, **named: Any) -> Any:
    if named.keys() - {"min", "max"} or (named and a_min is not _NO):
        return None
    low, high = named.get("min", a_min), named.get("max", a_max)
    bounds = [None if b is _NO else b for b in (low, high)]
    if out is not None or all(b is None for b in bounds):
        return None
    if bounds[0] is None or bounds[1] is None:
        ufunc, bound = (np.minimum, bounds[1]) if bounds[0] is None else (np.maximum, bounds[0])
        operands = _operands([a, bound])
        recorded = None if operands is None else record_ufunc(ufunc, operands)
        return _wrap(recorded, "clip") if isinstance(recorded, Form) else None
    operands = _operands([a, *bounds])
    return None if operands is None else _wrap(map_rows(operands, clip_rows), "clip")


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
    operands = _operands([a, b])
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
    return None if result is None else _wrap(where(*_three(x == -np.inf, kind(low), result)), "nan_to_num")


def _three(condition: Any, value: Any, form: Form) -> tuple[ArrayOperand, ArrayOperand, ArrayOperand]:
    chosen = as_operand(condition)
    assert chosen is not None
    return chosen, value, form


# shapes ------------------------------------------------------------------------------------------------


@handles(np.copy)
def copied(a: Any, order: str = "K", subok: bool = False) -> Any:
    """A new handle on the same values: lazy handles are free to copy, since what is recorded is immutable."""
    if type(a) is not LazyArray:
        return None
    form = a.as_form()
    return LazyArray(form) if form is not None else LazyArray(None, a.values_for_reading().copy())


def _viewed(a: Any, change: Callable[[Form], Form | None], view: Callable[[np.ndarray], np.ndarray]) -> Any:
    if type(a) is not LazyArray or a.ndim == 0:
        return None
    form = form_of(a)
    changed = None if form is None else change(form)
    return None if changed is None else a._derive(changed, view)


@handles(np.reshape)
def _reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    if order != "C" or copy is not None:
        return None
    wanted = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) for n in wanted):
        return None
    sizes = tuple([int(n) for n in wanted])
    return _viewed(a, lambda form: shapes.reshape(form, sizes), lambda array: array.reshape(sizes))


@handles(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    if order != "C":
        return None
    return _viewed(a, lambda form: shapes.reshape(form, (-1,)), lambda array: array.reshape(-1))


@handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return None if axes is not None else _viewed(a, shapes.transpose, lambda array: array.T)


@handles(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    if type(a) is not LazyArray or a.ndim != 1 or axis not in (0, 1, -1, -2):
        return None
    return a[None, :] if axis in (0, -2) else a[:, None]


@handles(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    form = form_of(a)
    if form is None or axis is not None or any(known_length(x) in (None, 1) for x in form.axes if x != 1):
        return None
    return _viewed(a, shapes.squeeze, lambda array: array.squeeze())


@handles(np.stack)
def _stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    if not isinstance(arrays, (list, tuple)) or out is not None or dtype is not None:
        return None
    operands = _operands(arrays)
    if operands is None or axis not in (0, 1, -1, -2):
        return None
    return _wrap(shapes.beside(operands, axis % 2), "stack")


@handles(np.vstack)
def _vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    if not isinstance(tup, (list, tuple)) or dtype is not None:
        return None
    operands = _operands(tup)
    return None if operands is None else _wrap(shapes.beside(operands, 0), "vstack")


@handles(np.column_stack)
def _column_stack(tup: Any) -> Any:
    operands = _operands(tup) if isinstance(tup, (list, tuple)) else None
    return None if operands is None else _wrap(shapes.side_by_side(operands), "column_stack")


@handles(np.concatenate, np.hstack)
def _concatenate(arrays: Any, axis: Any = None, **options: Any) -> Any:
    if axis not in (1, -1) or options or not isinstance(arrays, (list, tuple)):
        return None  # one after another: NumPy copies as fast as a kernel would
    operands = _operands(arrays)
    if operands is None or any(getattr(o, "ndim", 0) != 2 for o in operands):
        return None
    return _wrap(shapes.side_by_side(operands), "concatenate")


def _like(value: Any) -> Handler:
    def handler(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
                device: Any = None) -> Any:  # fmt: skip
        return _full_like(a, value, dtype, order, subok, shape)

    return handler


@handles(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True,
               shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    form = form_of(a)
    wanted = form.dtype if dtype is None and form is not None else np.dtype(dtype)
    if form is None or shape is not None or not is_kernel_dtype(wanted):
        return None
    fill = real(fill_value)
    if np.ndim(fill) != 0:
        return None
    return wrap_form(filled(form.axes, Literal(np.full((), fill, wanted))), "full_like")


HANDLERS[np.zeros_like] = _like(0)
HANDLERS[np.ones_like] = _like(1)
HANDLERS[np.empty_like] = _like(0)


@handles(np.shape)
def _shape(a: Any) -> Any:
    return a.shape if type(a) is LazyArray else None


@handles(np.ndim)
def _ndim(a: Any) -> Any:
    return a.ndim if type(a) is LazyArray else None


@handles(np.size)
def _size(a: Any, axis: Any = None) -> Any:
    return a.size if type(a) is LazyArray and axis is None else None


# products ----------------------------------------------------------------------------------------------


def matmul(*inputs: Any, **options: Any) -> Any:
    """``numpy.matmul``: recorded where one side has few columns, else BLAS on computed arrays."""
    if len(inputs) == 2 and not options:
        recorded = _product(*inputs)
        if recorded is not None:
            return recorded
    return wrap_result(np.matmul(*[real(i) for i in inputs], **{k: real(v) for k, v in options.items()}))


@handles(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if out is not None:
        return None
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return call(np.multiply, (a, b), np.multiply)
    return _product(a, b)


def _product(a: Any, b: Any) -> LazyArray | None:
    operands = _operands([a, b])
    return None if operands is None else _wrap(shapes.matrix_product(*operands), "matmul")
