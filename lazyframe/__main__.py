"""``python -m lazyframe cache list|clear|path``: look after the kernel store."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lazyframe.codegen import store, store_directory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the process' exit code."""
    parser = argparse.ArgumentParser(prog="python -m lazyframe", description="pandas, recorded and fused")
    commands = parser.add_subparsers(dest="command", required=True)
    cache = commands.add_parser("cache", help="look after the kernels that are kept on disk")
    actions = cache.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show each kernel with its operations, size, compile time and last use")
    actions.add_parser("clear", help="delete all kernels")
    actions.add_parser("path", help="print the directory")
    action = parser.parse_args(arguments).action

    try:
        path = store_directory.location()
    except (OSError, RuntimeError) as error:
        print(f"the kernel store has no place: {error}", file=sys.stderr)
        return 1
    if action == "path":
        print(path)
        return 0
    try:
        problem = store_directory.untrusted(path)
        if problem is not None:
            print(f"lazyframe does not use {str(path)!r}: {problem}", file=sys.stderr)
            return 1
        status = _list(path) if action == "list" else _clear(path)
        sys.stdout.flush()
        return status
    except FileNotFoundError:
        print(f"no kernels in {str(path)!r}")
        return 0
    except BrokenPipeError:  # as of ``| head``; nothing more is written, not at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"{str(path)!r}: {error.strerror or error}", file=sys.stderr)
        return 1


def _list(path: Path) -> int:
    rows = [("last use", "size", "compile time", "operations")]
    total = 0
    for entry in store.entries(path):
        total += entry.size_bytes
        rows.append(
            (
                time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.last_use)),
                _size(entry.size_bytes),
                f"{float(entry.record.get('compile_seconds', 0.0)):.2f} s",
                " ".join(str(entry.record.get("operations", "")).split()),
            )
        )
    if len(rows) == 1:
        print(f"no kernels in {str(path)!r}")
        return 0
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for used, size, seconds, operations in rows:
        print(f"{used:<{widths[0]}}  {size:>{widths[1]}}  {seconds:>{widths[2]}}  {operations}")
    print(f"{_kernels(len(rows) - 1)}, {_size(total)}, in {str(path)!r}")
    return 0


def _clear(path: Path) -> int:
    print(f"deleted {_kernels(store.clear(path))} from {str(path)!r}")
    return 0


def _kernels(count: int) -> str:
    return f"{count} kernel" if count == 1 else f"{count} kernels"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1024:.1f} KiB" if size_bytes < 1024 * 1024 else f"{size_bytes / 1024**2:.1f} MiB"


if __name__ == "__main__":
    sys.exit(main())
