"""What is collected together is computed, and explained, as one."""

from __future__ import annotations

import numpy as np

import lazyframe


def test_collected_together_is_one_kernel() -> None:
    frame = lazyframe.DataFrame({"a": np.arange(10.0)})
    first, second = frame["a"] * 2, frame["a"] * 3
    lazyframe.collect(first, second)
    found = lazyframe.explain()
    assert len(found.kernels) == 1
    assert len(found.kernels[0].lines) == 1
    assert first.explain().text.startswith("computed already")
    np.testing.assert_array_equal(second.to_numpy(), np.arange(10.0) * 3)
