"""Write a report down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lazyframe.api.explain_passes import PassReport
from lazyframe.api.explain_report import Kernel, Report


def render(report: Report, *, code: bool = False) -> str:
    """The text of a report, without a trailing newline.

    Parameters
    ----------
    report : Report
    code : bool
        Add each kernel's generated source.
    """
    parts = [
        *_section("recorded", report.recorded.splitlines()),
        *_section("passes", _passes(report.passes, report.disabled)),
        *_section("program", report.program.splitlines()),
        *_section("kernels", [line for kernel in report.kernels for line in _kernel(kernel, "kernel", code)]),
    ]
    if report.files:
        parts += _section("read from files", report.files)
    if report.on_groups:
        title = "on the groups, in NumPy: too few rows for a kernel to pay"
        parts += _section(title, [line for loop in report.on_groups for line in _kernel(loop, "loop", False)])
    arrays = [f"{a.name}: {a.why}" + (f"  ({a.what})" if a.what else "") for a in report.materialized]
    parts += _section("arrays materialised between kernels", arrays or ["none"])
    parts += _section("not fused", report.not_fused or ["nothing"])
    parts += _section("on the host", report.host or ["nothing"])
    fallbacks = [str(fallback) for fallback in report.fallbacks]
    parts += _section("in pandas and NumPy in place of a kernel", fallbacks or ["nothing"])
    parts.append(f"kernels: {len(report.kernels)}")
    parts.append(f"arrays materialised between kernels: {len(report.materialized)}")
    return "\n".join(parts)


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [title, *[f"  {line}".rstrip() for line in lines], ""]


def _passes(passes: Sequence[PassReport], disabled: Sequence[str]) -> Iterator[str]:
    for found in passes:
        if not found.changed:
            continue
        yield f"{found.name}: {found.summary}"
        for line in found.lines:
            yield f"  {line}"
    idle = [found.name for found in passes if not found.changed]
    if idle:
        yield f"changed nothing: {', '.join(idle)}"
    if disabled:
        yield f"switched off: {', '.join(disabled)}"


def _kernel(kernel: Kernel, kind: str, code: bool) -> Iterator[str]:
    stored = "in the store" if kernel.in_store else "not in the store"
    yield f"{kind} {kernel.number}: {kernel.operations}" + (f"  [{stored}]" if kind == "kernel" else "")
    for line in kernel.lines:
        yield f"  {line}"
    for line in kernel.text.splitlines():
        yield f"    {line}"
    yield from [f"  {line}" for line in _measured(kernel)]
    if code and kernel.source:
        yield "  source:"
        for line in kernel.source.splitlines():
            yield f"    {line}"


def _measured(kernel: Kernel) -> Iterator[str]:
    run = kernel.run
    if run is None:
        return
    by = "a kernel" if run.tier == "kernel" else "NumPy"
    moved = (run.bytes_read + run.bytes_written) / 1e6
    threads = f"{run.threads} thread{'' if run.threads == 1 else 's'}"
    yield (
        f"ran as {by} on {threads}: {run.rows:,} rows in {run.seconds:.6f} s,"
        f" {moved:,.3f} MB, {run.gigabytes_per_second:.2f} GB/s"
    )
    if run.compile_seconds is not None:
        yield f"compiled in {run.compile_seconds:.3f} s"
    yield from run.choices
