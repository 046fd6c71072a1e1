"""Characters that would not be seen, made visible: a reader must not be misled by what a client sent."""

from __future__ import annotations

import re

# Controls but tab and line feed, characters that turn the direction of text or take no room, and lone surrogates.
# Joiners and variation selectors stay: scripts and emoji are written with them.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with a name in place of each such character, `‹U+202E›`."""
    return UNSEEN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def is_plain(text: str) -> bool:
    """Whether all of it would be seen."""
    return UNSEEN.search(text) is None
