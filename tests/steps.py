"""How much work something is, as a number that no noise touches."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(work: Callable[[], Any]) -> int:
    """The bytecode instructions that a piece of work takes: every turn of every loop in Python counts.

    Loops in C do not; give the values they go over comparisons written in Python, and those count.
    """
    count = 0

    def tally(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return tally

    # A collection in between would run callbacks of other people's.
    gc.disable()
    sys.settrace(tally)
    try:
        work()
    finally:
        sys.settrace(None)
        gc.enable()
    return count
