"""Imported markdown, parsed as GitHub-flavoured Markdown and written the way the vendor's editor copies it out.

The look is that of the published content example ("Show content"): `#` headings, `*` bullets with a blank line between
items, `**bold**`, `*italic*`, one newline at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdformat.plugins import PARSER_EXTENSIONS
from mdformat.renderer import DEFAULT_RENDERERS, MDRenderer, RenderContext, RenderTreeNode

_OTHER_BULLET = {"-": "*", "*": "-"}


def canonical(title: str, markdown: str) -> str:
    """The title as a first-level heading (once, if the text begins with it already) and the text in canonical form.

    Canonical text is a fixed point: importing it again under the same title renders the same. The kept renderer
    needs a second pass for that now and then, where a first one leaves white space that the next one takes away.
    """
    text = _render(title, markdown)
    for _ in range(_MOST_PASSES):
        again = _render(title, text)
        if again == text:
            break
        text = again
    return text


def _render(title: str, markdown: str) -> str:
    parser = _parser()
    env: dict[str, Any] = {}
    tokens = parser.parse(markdown, env)
    for token in tokens:
        if token.type in ("paragraph_open", "paragraph_close"):
            token.hidden = False
    title = " ".join(title.replace("\x00", "\ufffd").split())
    if title and not _begins_with(tokens, title):
        tokens = [*_heading(title), *tokens]
    return MDRenderer().render(tokens, parser.options, env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.options["store_labels"] = True
    parser.options["mdformat"] = {"number": True}
    github_flavour = PARSER_EXTENSIONS["gfm"]
    parser.options["parser_extension"] = [github_flavour, SimpleNamespace(RENDERERS=_RENDERERS)]
    github_flavour.update_mdit(parser)
    return parser


def _begins_with(tokens: list[Token], title: str) -> bool:
    if not tokens or tokens[0].type != "heading_open" or tokens[0].tag != "h1":
        return False
    text = "".join(child.content for child in tokens[1].children or [])
    return " ".join(text.split()) == title


def _heading(title: str) -> list[Token]:
    inline = Token(
        "inline", "", 0, content=title, children=[Token("text", "", 0, content=title)], map=[0, 1], block=True
    )
    return [
        Token("heading_open", "h1", 1, markup="#", map=[0, 1], block=True),
        inline,
        Token("heading_close", "h1", -1, markup="#", block=True),
    ]


def _bullet_list(node: RenderTreeNode, context: RenderContext) -> str:
    """The kept renderer's list with its two markers exchanged; only markers stand at a line's start."""
    lines = DEFAULT_RENDERERS["bullet_list"](node, context).split("\n")
    return "\n".join(
        _OTHER_BULLET[line[0]] + line[1:] if line[:1] in _OTHER_BULLET else line for line in lines
    )


def _rule(node: RenderTreeNode, context: RenderContext) -> str:
    """Dashes, but for a rule inside a list, where they would read as bullets."""
    return "---" if node.parent is not None and node.parent.type == "root" else "___"


def _emphasis(node: RenderTreeNode, context: RenderContext) -> str:
    """Stars, but where other emphasis touches it: there stars would run together and mean something else."""
    around = (node.parent, node.previous_sibling, node.next_sibling, *node.children)
    touched = any(neighbour is not None and neighbour.type in _EMPHASIS for neighbour in around)
    indicator = node.markup if touched else _EMPHASIS[node.type]
    return indicator + "".join(child.render(context) for child in node.children) + indicator


_MOST_PASSES = 5
_EMPHASIS = {"em": "*", "strong": "**"}
_RENDERERS: Mapping[str, Any] = {
    "bullet_list": _bullet_list,
    "hr": _rule,
    "em": _emphasis,
    "strong": _emphasis,
}
