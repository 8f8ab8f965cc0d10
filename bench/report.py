"""Tables for terminals (rich) and for Markdown, units, progress bars, and saving."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Table:
    """A titled table of text with notes below it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)


def progress(items: Sequence[Item], what: str) -> Iterable[Item]:
    """Go through the items with a progress bar on standard error, when that is a terminal."""
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(
        items, desc=what, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
    )
    return bar


def print_table(table: Table) -> None:
    """Print to the terminal, or plainly to a file."""
    import rich.table
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    drawn = rich.table.Table(title=table.title, title_justify="left")
    for k, name in enumerate(table.header):
        drawn.add_column(name, justify="left" if k == 0 else "right")
    for row in table.rows:
        drawn.add_row(*(rich.markup.escape(cell) for cell in row))
    console.print(drawn)
    for note in table.notes:
        console.print(f"  {note}", markup=False, highlight=False)
    console.print()


def markdown(table: Table) -> str:
    """Render as a GitHub Markdown table."""
    lines = [f"## {table.title}", "", _row(table.header), _row(["---"] * len(table.header))]
    lines += [_row(row) for row in table.rows]
    lines += ["", *(f"- {note}" for note in table.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def publish(result: dict[str, Any], tables: Sequence[Table], directory: Path, name: str) -> None:
    """Print the tables, and save them as Markdown beside the whole result as JSON."""
    tables = [table for table in tables if table.rows]
    for table in tables:
        print_table(table)
    facts = result["machine"]
    if facts["load_average"][0] > facts["cores"] + 0.5:
        load = facts["load_average"][0]
        print(
            f"note: the machine was busy (load {load:.1f} on {facts['cores']} cores); times are not to trust"
        )
    moment = datetime.datetime.now(tz=datetime.UTC)
    result = {"moment": moment.isoformat(timespec="seconds")} | result
    directory.mkdir(parents=True, exist_ok=True)
    stem = directory / f"{name}-{moment:%Y%m%d-%H%M%S}"
    stem.with_suffix(".json").write_text(json.dumps(result, indent=1))
    parts = [_machine_line(facts), *(markdown(table) for table in tables)]
    stem.with_suffix(".md").write_text("\n".join(parts))
    print(f"saved {stem.with_suffix('.json')} and {stem.with_suffix('.md')}")


def _machine_line(facts: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in facts["packages"].items() if version)
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}, {versions}\n"
    )


def seconds(value: float | None) -> str:
    """A duration in the unit that suits it."""
    if value is None:
        return ""
    if value >= 1.0:
        return f"{value:.2f} s"
    if value >= 1e-3:
        return f"{value * 1e3:.3g} ms"
    return f"{value * 1e6:.3g} us"


def ratio(value: float | None) -> str:
    """A ratio with an x."""
    return "" if value is None else f"{value:.2f}x"


def share(value: float | None) -> str:
    """A share in percent."""
    return "" if value is None else f"{value:.0%}"


def size(value: int | None) -> str:
    """A number of bytes in megabytes."""
    return "" if value is None else f"{value / 1e6:,.1f} MB"
