"""Functions of modules that not every run needs. Type checkers see the import itself, beside it:

if TYPE_CHECKING:
    from heavy.module import work
else:
    work = later("heavy.module", "work")
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def later(module: str, name: str) -> Callable[..., Any]:
    """`module.name`; the module is imported when that is called for the first time."""

    @cache
    def found() -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(module), name)
        return function

    def call(*arguments: Any, **more: Any) -> Any:
        return found()(*arguments, **more)

    return call
