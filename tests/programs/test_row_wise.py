"""Row-wise operations of pandas' in kernels, over random edge data: one compilation for each dtype."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import assert_same, is_lazy

pytestmark = pytest.mark.usefixtures("_by_kernels")


@settings(max_examples=40)
@given(st.data())
def test_powers_of_integers(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(["int8", "uint16", "int64", "uint64"]))
    limits = np.iinfo(base)
    pair = st.tuples(st.integers(int(limits.min), int(limits.max)), st.integers(0, 63))
    rows = data.draw(st.lists(pair, max_size=9))
    bases, exponents = np.array([r[0] for r in rows], base), np.array([r[1] for r in rows], base)
    found = lazyframe.Series(bases) ** lazyframe.Series(exponents)
    assert is_lazy(found)
    assert_same(found, pd.Series(bases) ** pd.Series(exponents))
