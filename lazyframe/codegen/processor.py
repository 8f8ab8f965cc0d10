"""Which processor this is: machine code that was made for it is good for no other.

Linux says so in a file.  LLVM would say as much, but loading it costs a process 40 MB and 70 ms, and one
whose kernels are all in the store needs LLVM for nothing else.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from typing import NamedTuple

_CPUINFO = "/proc/cpuinfo"
_NAMES = ("vendor_id", "cpu family", "model", "model name", "stepping")
_LONGEST_ENTRY = 1 << 16


class Processor(NamedTuple):
    """What machine code depends on.

    Attributes
    ----------
    name : str
        Of the model.
    features : frozenset of str
        Instruction sets that it has and the system lets programs use, by Linux's names.
    """

    name: str
    features: frozenset[str]


@functools.cache
def processor() -> Processor:
    """This machine's processor."""
    return _of_linux() or _of_llvm()


def is_x86_64() -> bool:
    """Whether this is a 64-bit process on Linux on an x86-64 processor."""
    return sys.platform == "linux" and sys.maxsize > 2**32 and os.uname().machine == "x86_64"


def _of_linux() -> Processor | None:
    """What Linux says of the first processor; None on others than x86-64, or where it says nothing."""
    if not is_x86_64():
        return None
    try:
        with open(_CPUINFO, "rb", buffering=0) as file:
            text = b""
            # No more than is needed: on large machines the system takes its time over each processor.
            while b"\n\n" not in text and len(text) < _LONGEST_ENTRY and (more := file.read(4096)):
                text += more
    except OSError:
        return None
    return _parsed(text.partition(b"\n\n")[0].decode("utf-8", "replace"))


def _parsed(entry: str) -> Processor | None:
    facts = dict(re.findall(r"^([^\t:]+)\t*: ?(.*)$", entry, re.MULTILINE))
    features = frozenset(facts.get("flags", "").split())
    if "sse2" not in features or not all(facts.get(name) for name in _NAMES):
        return None
    return Processor(", ".join(facts[name] for name in _NAMES), features)


def _of_llvm() -> Processor:
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    known = [name.replace(".", "_") for name, there in features.items() if there]
    return Processor(llvm.get_host_cpu_name(), frozenset(known))
