"""Pages as a sceptic reads them: what they load, where they lead, and what in them could run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr", "optgroup"}
ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset")


@dataclass
class Page(HTMLParser):
    """`text` is what a person reads; `wrong` what no page may have."""

    source: str
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        if self.open_tags:
            self.wrong.append(f"never closed: {self.open_tags}")

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice: {attrs}")
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc", "nonce"):
                self.wrong.append(f"<{tag} {name}>")
            if name in ADDRESSES and not value.startswith(("/_mock", "#", "?")):
                self.wrong.append(f"<{tag} {name}={value!r}> leads away")
        if tag in ("style", "iframe", "object", "embed", "base", "svg", "math", "template", "img"):
            self.wrong.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/_mock/console/assets/"):
            self.wrong.append("<script> without a file of ours")
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labels.add(given.get("for", ""))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.inputs.append(given.get("id", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in ("script", "link"):
            self.loaded.append(given.get("src") or given.get("href", ""))
        if tag == "form":
            self.forms.append((given.get("method", "get"), given.get("action", "")))
        if tag not in VOID and tag not in ("option", "li"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in ("option", "li"):
            return
        if not self.open_tags or self.open_tags.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing, or something else")

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] == "script" and data.strip():
            self.wrong.append(f"a script in the page: {data[:80]!r}")
        self.pieces.append(data)
