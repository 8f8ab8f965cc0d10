"""Peers that numba compiles are compiled for their answers, not for their speed."""

from __future__ import annotations

import os

os.environ["NUMBA_OPT"] = "0"
