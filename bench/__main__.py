"""`python -m bench`: run, weld, ablate, tpch, db, demo, overhead, check."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench import suite, workloads
from bench.contenders import BASELINE, SUBJECT, UnknownContenderError
from bench.workloads import UnknownWorkloadError

SUITE_CONTENDERS = (BASELINE, SUBJECT, "polars", "duckdb")


def counts(text: str) -> tuple[int, ...]:
    """Read a comma-separated list of positive integers."""
    try:
        values = tuple(int(part) for part in text.split(","))
    except ValueError:
        values = ()
    if not values or min(values) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of positive integers such as 1,2")
    return values


def count(text: str) -> int:
    """Read one positive integer; underscores and a form such as 1e6 are fine."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value < 1 or value != int(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(value)


def names_of(*choices: str) -> Callable[[str], tuple[str, ...]]:
    """Read a comma-separated list of some of these names."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        if not set(found) <= set(choices):
            raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(choices)}")
        return found

    return read


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    top = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    names = f"workloads ({', '.join(workloads.NAMES)}) or suites ({', '.join(workloads.SUITES)}); default all"

    run = commands.add_parser("run", help="compare lazyframe with pandas, NumPy and the peers")
    run.add_argument("workloads", nargs="*", metavar="workload", help=names)
    run.add_argument("--rows", type=count, help="rows of each workload; default the published comparison's")
    run.add_argument("--threads", type=counts, default=(1, 2), help="numbers of threads, default 1,2")
    _peers(run)
    run.add_argument("--store", choices=("cold", "warm"), default="warm", help="state of the kernel store")
    run.add_argument("--repeat", type=count, default=5, help="rounds, whose median counts; default 5")
    run.add_argument("--times-only", action="store_true", help="leave out memory, compile time and plans")
    run.add_argument("--contenders", type=lambda text: tuple(text.split(",")), default=(SUBJECT,))
    _common(run)

    weld = commands.add_parser("weld", help="the ten workloads of Weld's paper beside its published speedups")
    weld.add_argument("--rows", type=count, help="rows of each workload")
    weld.add_argument("--threads", type=counts, default=(1,), help="numbers of threads, default 1")
    weld.add_argument("--repeat", type=count, default=5, help="rounds, whose median counts; default 5")
    weld.set_defaults(workloads=["weld"], peers="none", store="warm", times_only=True, contenders=(SUBJECT,))
    _common(weld)

    ablate = commands.add_parser("ablate", help="slowdown with each optional pass switched off")
    ablate.add_argument("workloads", nargs="*", metavar="workload", help=names)
    ablate.add_argument("--rows", type=count, help="rows of each workload")
    ablate.add_argument("--threads", type=counts, default=(1, 2), help="numbers of threads, default 1,2")
    ablate.add_argument("--repeat", type=count, default=5, help="rounds, whose median counts; default 5")
    _common(ablate)

    tpch = commands.add_parser("tpch", help="the 22 queries of TPC-H against pandas, Polars and DuckDB")
    tpch.add_argument(
        "--scale", type=float, default=1.0, dest="size", help="scale factor, default 1: 6 million line items"
    )
    _suite(tpch, "tpch", ("memory", "parquet"))
    tables = commands.add_parser("db", help="group-bys and joins of the db-benchmark (H2O.ai, DuckDB Labs)")
    tables.add_argument("--rows", type=count, default=10_000_000, dest="size", help="default 10,000,000")
    _suite(tables, "db", ("memory",))

    demo = commands.add_parser("demo", help="each demo pipeline in pandas and in lazyframe, checked equal")
    demo.add_argument(
        "--rows", type=count, default=2_000_000, help="rows of each pipeline, default 2,000,000"
    )
    demo.add_argument("--repeat", type=count, default=3, help="rounds, whose median counts; default 3")
    demo.add_argument("--seed", type=int, default=0, help="seed of the data")

    overhead = commands.add_parser("overhead", help="cost on small data, of recording, of importing")
    overhead.add_argument("--rows", type=counts, default=(10, 1_000, 100_000), help="sizes")
    overhead.add_argument(
        "--repeat", type=count, default=7, help="samples, the best of which counts; default 7"
    )
    overhead.add_argument("--operations", default="", help="only those whose name contains this")
    _common(overhead)

    check = commands.add_parser("check", help="every workload and contender once on few rows, compared")
    check.add_argument("workloads", nargs="*", metavar="workload", help=names)
    check.add_argument("--rows", type=count, default=20_000, help="rows of each workload, default 20,000")
    _peers(check)
    check.add_argument("--seed", type=int, default=0, help="seed of the data")
    return top


def _suite(command: argparse.ArgumentParser, name: str, sources: tuple[str, ...]) -> None:
    questions = suite.load(name).questions
    command.add_argument(
        "--questions", type=names_of(*questions), default=questions, help=", ".join(questions)
    )
    command.add_argument("--source", type=names_of(*sources), default=sources, help=", ".join(sources))
    command.add_argument("--threads", type=counts, default=(1, 2), help="numbers of threads, default 1,2")
    command.add_argument("--contenders", type=lambda text: tuple(text.split(",")), default=SUITE_CONTENDERS)
    command.add_argument("--reference", default=BASELINE, help="whose answers are right, default pandas")
    command.add_argument(
        "--store", choices=("cold", "warm"), default="warm", help="state of the kernel store"
    )
    command.add_argument("--repeat", type=count, default=3, help="rounds, whose median counts; default 3")
    command.add_argument(
        "--memory", action="store_true", help="peak memory in place of times: a process for each question"
    )
    _common(command)


def _peers(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--peers", nargs="?", default="all", const="all", help="all, none or a list such as polars,duckdb"
    )


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", type=int, default=0, help="seed of the data")
    command.add_argument("--out", type=Path, default=Path("bench-results"), help="where to save the results")


def main() -> int:
    """Run one command; the exit status is 0 when everything ran and every answer was right."""
    arguments = parser().parse_args()
    try:
        return _dispatch(arguments)
    except (UnknownWorkloadError, UnknownContenderError) as error:
        print(f"python -m bench: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"python -m bench: {error}; install with: pip install 'lazyframe-jit[bench]'", file=sys.stderr)
        return 2


def _dispatch(arguments: argparse.Namespace) -> int:
    # Each command imports what only it needs: `check` and `--help` must not wait for the others.
    if arguments.command in ("run", "weld"):
        from bench import compete

        return compete.run(arguments)
    if arguments.command == "ablate":
        from bench import ablate

        return ablate.run(arguments)
    if arguments.command in ("tpch", "db") and arguments.memory:
        from bench import peaks

        return peaks.run(suite.load(arguments.command), arguments)
    if arguments.command in ("tpch", "db"):
        return suite.run(suite.load(arguments.command), arguments)
    if arguments.command == "demo":
        from bench import demo

        return demo.run(arguments)
    if arguments.command == "overhead":
        from bench import overhead

        return overhead.run(arguments)
    from bench import check

    return check.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
