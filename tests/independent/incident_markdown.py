"""The one form in which the second implementation of incident.io writes markdown: a few of its habits, no parser."""

from __future__ import annotations

import re

HABITS = [
    (r"\r\n?", "\n"),
    (r"^(.+)\n-{2,}$", r"## \1\n"),  # a heading that is underlined
    (r"^[-+] ", "* "),
    (r"^(\* .*)\n(?=\* )", r"\1\n\n"),  # a blank line between items
    (r"__([^\W_]+)__", r"**\1**"),
    (r"(?<![\w*_])_([^\W_]+)_(?![\w*_])", r"*\1*"),
    (r"\n{3,}", "\n\n"),
]


def written(title: str, content: str) -> str:
    """The title and the text. What was written so already is not changed, and has its title only once."""
    text = content
    for habit, instead in HABITS:
        text = re.sub(habit, instead, text, flags=re.MULTILINE)
    heading = f"# {title}\n"
    text = f"{text.strip()}\n".removeprefix(heading).strip()
    return f"{heading}\n{text}\n" if text else heading
