"""Which page a query asks for. The engine never complains about a page number."""

from __future__ import annotations

from mockserver.core.exchange import Request

PAGE_SIZE = 50


def page_and_size(request: Request, size: int = PAGE_SIZE) -> tuple[int, int]:
    return _positive(request.argument("page"), 1), _positive(request.argument("perpage"), size)


def _positive(text: str | None, default: int) -> int:
    """A whole number of at least 1, else the default."""
    try:
        number = int(text) if text is not None else default
    except ValueError:
        return default
    return number if number > 0 else default
