"""Drop-ins of pandas with an environment of their own: a process there answers the questions of a suite."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from bench.jobs import DIRECTORY_VARIABLE, ROOT, data_directory
from bench.suite import Run, Suite, load

MODULES: Mapping[str, str] = {
    "fireducks": "fireducks.pandas",
    "bodo": "bodo.pandas",
    "modin": "modin.pandas",
}
"""What a program imports as `pd`."""
COMPUTING = ("to_pandas", "_to_pandas", "execute_plan")
"""How a drop-in's frame is asked for its values, whichever of these it has."""


def peer_python(text: str) -> tuple[str, str]:
    """
    Read ``name=path``: whose programs which Python interpreter runs.

    Raises
    ------
    argparse.ArgumentTypeError
        Naming the choices, or a path where no interpreter is.
    """
    name, _, path = text.partition("=")
    if name not in MODULES:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH with a name of {', '.join(MODULES)}")
    if not os.access(path, os.X_OK) or Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"{path!r} is not a Python interpreter")
    return name, str(Path(path).absolute())


class Answer:
    """An answer that is still in the other process: fetched as a plain pandas object when it is compared."""

    def __init__(self, fetch: Callable[[], Any]) -> None:
        self._fetch = fetch

    def to_pandas(self) -> Any:
        return self._fetch()


class Peer:
    """
    A process of another interpreter, which holds the tables and runs the programs.

    Raises
    ------
    RuntimeError
        With what the process said, when a question fails there or the process ends.
    """

    def __init__(self, python: str, name: str, suite: Suite, size: float, source: str, threads: int) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        # Bodo starts its workers by a program that its environment has beside the interpreter.
        programs = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])
        variables = {
            "PATH": programs,
            "PYTHONPATH": os.pathsep.join(paths),
            "BODO_NUM_WORKERS": str(threads),
            DIRECTORY_VARIABLE: str(data_directory()),
        }
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 (open as long as the process may speak)
        self._process = subprocess.Popen(
            [python, "-m", "bench.elsewhere"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=os.environ | variables,
        )
        self._ask(suite=suite.name, size=size, source=source, module=MODULES[name])

    def __call__(self, question: str) -> Run:
        def run() -> Answer:
            self._ask(question=question)
            return Answer(self._fetch)

        return run

    def _ask(self, **message: Any) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # what it said last tells more
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            said = self._said.read().strip().splitlines()
            raise RuntimeError(f"exit status {self._process.wait()}: {said[-1] if said else 'no message'}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])

    def _fetch(self) -> Any:
        import pyarrow.parquet as pq

        with tempfile.TemporaryDirectory(prefix="lazyframe-bench-") as directory:
            target = Path(directory) / "answer.parquet"
            self._ask(keep=str(target))
            table = pq.read_table(target)
        frame = table.to_pandas()
        return frame.iloc[0, 0] if table.schema.metadata.get(b"kind") == b"scalar" else frame


def _computed(answer: Any) -> Any:
    for name in COMPUTING:
        if hasattr(answer, name):
            computed = getattr(answer, name)()
            return answer if computed is None else computed
    return answer


def _keep(answer: Any, target: str) -> None:
    import pandas
    import pyarrow as pa
    import pyarrow.parquet as pq

    scalar = not isinstance(answer, (pandas.DataFrame, pandas.Series))
    frame = pandas.DataFrame({"result": [answer]}) if scalar else answer
    if isinstance(frame, pandas.Series):
        frame = frame.to_frame()
    table = pa.Table.from_pandas(frame)
    kind = {b"kind": b"scalar" if scalar else b"frame"}
    pq.write_table(table.replace_schema_metadata((table.schema.metadata or {}) | kind), target)


def _serve(requests: IO[str], answers: IO[str]) -> None:
    """In the other process: the tables first, then a question a line, until nobody asks any more."""
    import importlib

    ask: Callable[[str], Run] | None = None
    answer: Any = None
    for line in requests:
        message = json.loads(line)
        said: dict[str, Any] = {}
        try:
            if "suite" in message:
                pd = importlib.import_module(message["module"])
                ask = load(message["suite"]).by_frames(pd, message["size"], message["source"], _computed)
            elif "keep" in message:
                _keep(answer, message["keep"])
            else:
                assert ask is not None
                answer = None
                answer = ask(message["question"])()
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def main() -> None:
    """Serve on copies of the standard streams: libraries print, and MPI takes standard input away."""
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _serve(requests, answers)


if __name__ == "__main__":
    main()
