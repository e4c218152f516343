"""Render Markdown with a library that others wrote, and read the page as a browser does."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt

# GitHub's tables and strike-through beside CommonMark; HTML passes, as it does there.
_RENDER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Page(HTMLParser):
    """A rendered page: its tags, and its text outside of code, where mentions and numbers are looked for."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._code = 0
        self.feed(_RENDER.render(markdown))

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.text += data
