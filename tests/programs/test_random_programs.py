"""Random chains of the recorded operations over random frames give pandas' answers, or pandas' exceptions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from passes.pipeline import OPTIONAL
from tests.brief import examples
from tests.programs import relational_steps
from tests.programs.endings import FINALES
from tests.programs.frames import Spec, specs
from tests.programs.running import Chain, agree, morsels_of, no_kernels
from tests.programs.steps import CHAINS

SUBSETS = st.sets(st.sampled_from(OPTIONAL)).map(sorted)


@settings(max_examples=examples(250))
@given(spec=specs(), chain=CHAINS, finale=FINALES)
def test_interpreted(spec: Spec, chain: Chain, finale: Chain) -> None:
    with no_kernels():
        agree(spec, chain, finale)


@settings(max_examples=examples(100))
@given(spec=specs(), chain=CHAINS, finale=FINALES, disabled=SUBSETS)
def test_any_subset_of_passes(spec: Spec, chain: Chain, finale: Chain, disabled: list[str]) -> None:
    with no_kernels():
        agree(spec, chain, finale, disable=disabled)


@settings(max_examples=examples(40))
@given(
    spec=specs(),
    chain=st.one_of(relational_steps.CHAINS, CHAINS),
    finale=FINALES,
    disabled=SUBSETS,
    rows=st.sampled_from([1, 2, 3, 7, 40]),
    threads=st.sampled_from([1, 3]),
)
def test_any_morsels_on_any_threads(
    spec: Spec, chain: Chain, finale: Chain, disabled: list[str], rows: int, threads: int
) -> None:
    with no_kernels(), morsels_of(rows):
        agree(spec, chain, finale, disable=disabled, threads=threads)


@settings(max_examples=examples(60))
@given(spec=specs(), chain=CHAINS, finale=FINALES)
def test_recorded_and_then_too_small_to_compile(spec: Spec, chain: Chain, finale: Chain) -> None:
    with no_kernels():
        agree(spec, chain, finale, min_rows=10**9)


@settings(max_examples=examples(5))
@given(spec=specs((7, 40)), chain=CHAINS, finale=FINALES, threads=st.sampled_from([1, 3]))
def test_in_kernels(spec: Spec, chain: Chain, finale: Chain, threads: int) -> None:
    agree(spec, chain[:3], finale[:2], threads=threads)
