"""Running totals over more than one block, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lazyframe.run.windows import accumulate

NAMES = {"cumsum": "sum", "cumprod": "product", "cummin": "minimum", "cummax": "maximum"}


@pytest.mark.parametrize("rows", [0, 1, 16_384, 16_385, 50_000])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NAMES)
def test_blocks_do_not_show(name: str, dtype: str, rows: int) -> None:
    random = np.random.default_rng(rows)
    column = (random.normal(size=rows) * 1.5).astype(dtype)
    column[random.random(rows) < 0.1] = np.nan
    column[16_380:16_390] = np.nan
    found = accumulate(f"cumulative_{NAMES[name]}_of_valid", column, column.dtype)
    wanted = getattr(pd.Series(column), name)().to_numpy()
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found.view(f"i{found.itemsize}"), wanted.view(f"i{found.itemsize}"))
