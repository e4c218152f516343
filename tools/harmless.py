"""Make any text harmless in Markdown as GitHub and GitLab render it.

Names, values and whole reports come from code that nobody has reviewed yet. GitHub looks for mentions,
numbers of issues and addresses in the text that it has rendered, so that neither a backslash nor an entity
hides them: only a character in between does. https://github.github.com/gfm/ has the rules of Markdown, and
https://docs.github.com/en/get-started/writing-on-github has what is linked by itself.
"""

import html
import re
import unicodedata

# It has no width, and ends a mention, a number or an address.
BREAK = "\u200b"
_ESCAPE_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?")
# What writes text in another direction can make a line say the opposite.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINKED = re.compile(
    r"(?<![a-z0-9])@(?=[\w-])|#(?=\d)|\bGH-(?=\d)|\b(https?|ftp|mailto|xmpp):(?=\S)|\bwww\.(?=\w)"
    r"|(?<![a-z0-9:]):(?=[+\w-]+:)"  # :green_circle: is a picture
    r"|\b(?=[0-9a-f]{40}\b)[0-9a-f]{20}",  # a commit's number
    re.IGNORECASE,
)
_INLINE = re.compile(r"([\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w))")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_TAG = re.compile(r"&lt;(/?(?:details|summary|sub))>")
_LINK = re.compile(r"\](?=\s*[(:\[])")
_AT_THE_START = re.compile(r"^(#|[-+=>:]|\d+(?=[.)]))")


def harmless(text: object) -> str:
    """Return text on one line that is no markup, mentions nobody, links nowhere and shows no picture."""
    one_line = " ".join(_quiet(str(text)).split())
    escaped = _INLINE.sub(r"\\\1", _ENTITY.sub("&amp;", one_line))
    return _AT_THE_START.sub(lambda start: f"{BREAK}{start[0]}", escaped)


def code(text: object) -> str:
    """Return text as code on one line, whatever quotes are in it."""
    one_line = " ".join(_quiet(str(text), linked=False).split()).replace("|", "\u00a6")
    longest = max((len(each) for each in re.findall("`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{space}{one_line}{space}{fence}" if one_line else "`(empty)`"


def in_html(text: object) -> str:
    """Return text for the inside of a tag, where Markdown's own escapes do not count."""
    return html.escape(" ".join(_quiet(str(text)).split()))


def block(text: str) -> str:
    """Return lines as a block of code, whatever quotes are in them."""
    lines = _quiet(text, linked=False)
    longest = max((len(each) for each in re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{lines}\n{fence}"


def page(text: str, *, most: int) -> str:
    """Return a stranger's report with headings, tables and lists, without tags, pictures, links, mentions."""
    lines = (_page_line(line) for line in _quiet(_COMMENT.sub("", text)).splitlines())
    cut = "\n\n... cut here: the whole report is the artifact of the run."
    known = "\n".join(lines)
    return known if len(known) <= most else known[: most - len(cut)] + cut


def _page_line(line: str) -> str:
    escaped = _ENTITY.sub("&amp;", line).replace("<", "&lt;")
    escaped = _TAG.sub(r"<\1>", escaped)
    # A definition `[x]: address` and `[text](address)` both need the bracket.
    return _LINK.sub(f"]{BREAK}", escaped).replace("![", f"!{BREAK}[")


def _quiet(text: str, *, linked: bool = True) -> str:
    """Return text without what moves a terminal's cursor or the reading direction, and without links."""
    text = _DIRECTIONS.sub("", _ESCAPE_SEQUENCE.sub("", text))
    text = "".join(
        each
        for each in text
        if each in "\n\t" or not unicodedata.category(each).startswith("C") or each == BREAK
    )
    return _LINKED.sub(lambda match: f"{match[0]}{BREAK}", text) if linked else text
