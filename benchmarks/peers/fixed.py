"""Which of the fixed answers a floor gives, by as little of the request as tells them apart."""

from __future__ import annotations


def kind_of(method: bytes, rest: bytes) -> str:
    """`rest` is the query, or whatever holds it."""
    return "POST" if method.startswith(b"P") else "LIST" if b"page_size" in rest else "GET"
