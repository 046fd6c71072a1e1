"""The canonical form: what it looks like, and that importing it again changes nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mockserver.providers.incident_io.markdown import canonical

BLOCKS = [
    "## Summary",
    "A *b* __c__ _d_ ~~e~~ `f` **_g_** *h*_i_",
    "- one\n- two\n  - deep\n- [ ] open\n- [x] done",
    "+ plus\n+ plus\n\n* star",
    "1. one\n2. two\n   text",
    "7) seven\n8) eight",
    "> quote\n> > deeper",
    "---",
    "- ---\n- ***",
    "```py\nx = 1\n```",
    "    indented",
    "| a | b |\n|---|--:|\n| 1 | 2 |",
    "Setext\n======",
    "hard  \nbreak\\\nagain",
    "[link](http://example.test 'title') ![image](a.png) <http://auto.test> http://bare.test",
    "<b>html</b> &amp; &nbsp; \\* escaped",
    "[ref]: http://example.test\n\n[ref] and [ref][]",
    "\x00 nul and é 😀",
    "# Title",
    "- ",
    "* * *",
    "-\n-",
]


@pytest.mark.parametrize(
    "markdown, expected",
    [
        ("## Summary\n\ntext", "# T\n\n## Summary\n\ntext\n"),
        ("Summary\n-------\ntext", "# T\n\n## Summary\n\ntext\n"),
        ("- a\n- b", "# T\n\n* a\n\n* b\n"),
        ("- a\n\n\n- b\n  + c", "# T\n\n* a\n\n* b\n\n  * c\n"),
        ("3. a\n3. b", "# T\n\n3. a\n\n4. b\n"),
        ("__b__ _i_ *i*", "# T\n\n**b** *i* *i*\n"),
        ("a\n***\nb", "# T\n\na\n\n---\n\nb\n"),
        ("~~gone~~", "# T\n\n~~gone~~\n"),
        ("|a|\n|-|\n|1|", "# T\n\n| a   |\n| --- |\n| 1   |\n"),
        ("text\r\nmore\r\n", "# T\n\ntext\nmore\n"),
        ("", "# T\n"),
        ("# T\n\ntext", "# T\n\ntext\n"),
        ("# Other\n\ntext", "# T\n\n# Other\n\ntext\n"),
    ],
)
def test_markdown_is_written_the_way_the_editor_copies_it(markdown: str, expected: str) -> None:
    assert canonical("T", markdown) == expected


@pytest.mark.parametrize(
    "title, heading",
    [
        ("INC-123: Post-incident review", "# INC-123: Post-incident review\n"),
        ("a *b* `c`", "# a \\*b\\* \\`c\\`\n"),
        ("two\nlines", "# two lines\n"),
        ("", ""),
    ],
)
def test_the_title_is_a_heading_and_nothing_in_it_is_markup(title: str, heading: str) -> None:
    assert canonical(title, "") == heading


MARKS = "ab*_`#-+>1.|[]()~!\\ \n\t<&:/"


@given(
    st.text(max_size=20) | st.text(MARKS, max_size=20),
    st.lists(st.sampled_from(BLOCKS), max_size=4).map("\n\n".join),
)
@example("#", "# #")
@example("- x", "")
def test_importing_the_canonical_form_again_renders_the_same(title: str, markdown: str) -> None:
    once = canonical(title, markdown)
    assert canonical(title, once) == once


@given(st.text(MARKS, max_size=40))
def test_any_text_has_a_canonical_form_that_is_a_fixed_point(markdown: str) -> None:
    once = canonical("T", markdown)
    assert canonical("T", once) == once


def test_quotes_nested_without_end_are_written_all_the_same() -> None:
    assert canonical("T", ">" * 5_000 + " x").startswith("# T\n\n> ")


def meaning(markdown: str) -> str:
    """What a browser would show of it: HTML without paragraphs (every list is written loose) and white space."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return re.sub(r"</?p>|\s", "", parser.render(markdown))


@pytest.mark.parametrize("block", [block for block in BLOCKS if "ref" not in block])
def test_the_canonical_form_means_what_the_source_means(block: str) -> None:
    assert meaning(canonical("", block)) == meaning(block)
