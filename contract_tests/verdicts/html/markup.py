"""Elements of HTML. Text is escaped unless it is markup already, so that none can be forgotten."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterable
from typing import TypeAlias

from contract_tests.verdicts import wording

_VOID = frozenset(["br", "input", "link", "meta", "rect", "circle"])


class Markup(str):
    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"
Attribute: TypeAlias = "str | int | bool | None"


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """`class_` and `for_` are spelled so for Python's sake; `data_kind` is `data-kind`. True is an attribute without a
    value, False and None are none.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    return Markup("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return html.escape(wording.block(child, sys.maxsize))
    if isinstance(child, int):
        return f"{child:,}"
    return "".join(map(_child, child))


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(wording.line(str(value), 2000))}"'
