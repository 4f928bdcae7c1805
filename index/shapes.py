"""The shape of a short line: headline, list item, row of a table, caption, or running text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.vocabulary import SMALL_WORDS

Style = Literal["capitals", "title case", "sentence case", "none"]

MAX_HEADLINE_CHARS = 200
MAX_HEADLINE_WORDS = 24

_WORD = re.compile(r"[^\W_]+(?:[.'’\-&/][^\W_]+)*\.?")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Z]\.(?:[A-Z]\.)+|\b(?:Inc|Jr|Sr|Co|Corp|Ltd|St|No|vs|etc|a\.m|p\.m)\.|\.\.\.|…)$"
)
_CLOSED = re.compile(r"[.;,:]['\"”’)\]]*$")
_TAIL = re.compile(r"\s*[(\[][^()\[\]]{1,60}[)\]]$")
# Two sentences, or somebody's words: running text even without a stop at its end.
_SENTENCES = re.compile(r"[a-z]{4,}[.!?]['\"”’]?\s+['\"“‘]?[A-Z]")
_SAID = re.compile(r"[!?]['\"”’]$")
_OPENING = "'\"“‘"
_LIST_ITEM = re.compile(r"(?:[-*•·‣▪◦–—+]\s+|\d{1,3}[.)]\s+|\(?[a-z]\)\s+|[ivx]{1,4}[.)]\s+)\S")
_ROW = re.compile(r"\t|\S {3,}\S| \| |\.{4,}|(?:\s\d[\d,.]*%?){2,}\s*$")
_RESULT = re.compile(r"(?:^|\s)[A-Z][\w.' ]* \d{1,3}(?:,|\s*[-–])\s*[A-Z][\w.' ]* \d{1,3}\s*$")
_LABEL = re.compile(
    r"(?:tel|phone|e-?mail|fax|length|section|source|score|total|tags|topics|keywords|language|page"
    r"|word count|byline)"
    r"\s*:\s+\S",
    re.IGNORECASE,
)

_CREDIT = re.compile(
    r"\((?:[^()]{0,60}/)?(?:AP|AFP|Reuters|REUTERS|EPA|Getty(?: Images)?|Xinhua|PA|dpa|UPI)?\s*"
    r"(?:Photo|Photos|Images|Image|Picture)[^()]{0,60}\)\s*$"
    r"|\b(?:REUTERS|AFP|EPA|AP)\s?/\s?[A-Z][^\n]{1,60}$"
    r"|\bGetty Images\b[^\n]{0,40}$"
    r"|(?:^|[.(\[|]\s?)(?:File )?(?:Photo|Photograph|Photography|Picture|Image|Illustration)s?"
    r"(?: credit)?(?: by|:)\s*[^\n]{1,80}$",
)
_CAPTION_START = re.compile(
    r"(?:(?:File|Undated|Handout)\s+(?:photo|picture|image|handout)\b|Caption:|Pictured:|Pictured\b[^\n]{0,20}[:,]"
    r"|(?:Photo|Image|Picture|Photograph)(?:\s+credit)?(?:\s+by\s+[A-Z]|:)|PHOTO:|FILE\s*[-–—:])",
    re.IGNORECASE,
)
_MAX_CAPTION_CHARS = 600


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be seen of a line without its neighbours.

    Attributes:
        style: how it is capitalised; "none" when it cannot be a headline at all.
        words: how many.
    """

    style: Style
    words: int


NOT_A_HEADLINE = Shape("none", 0)


def shape_of(text: str) -> Shape:
    """Judge whether a line can be a headline or a heading, and how it is written.

    Args:
        text: a trimmed paragraph; line ends inside are taken for spaces.

    Returns:
        `NOT_A_HEADLINE` when it is long, closed by a stop, an item of a list, a row of
        a table, a result, a label with its value, or begins in lower case.
    """
    return NOT_A_HEADLINE if len(text) > MAX_HEADLINE_CHARS else _shape_of(text)


# A line is judged as itself, as what stands above and as what stands below.
@lru_cache(maxsize=1024)
def _shape_of(text: str) -> Shape:
    if not any(char.isalpha() for char in text):
        return NOT_A_HEADLINE
    # What closes a story, "… he said. (Reuters)", is no part of the sentence.
    bare = _TAIL.sub("", text)
    if (_CLOSED.search(bare) and not _ABBREVIATION.search(bare)) or is_row_or_item(text):
        return NOT_A_HEADLINE
    if _SENTENCES.search(text) or (text[0] not in _OPENING and _SAID.search(text)):
        return NOT_A_HEADLINE
    words = _WORD.findall(text)
    if not 1 <= len(words) <= MAX_HEADLINE_WORDS or text.lstrip("'\"“‘(")[:1].islower():
        return NOT_A_HEADLINE
    style = _style(words)
    # "… of Weisfield Inc." closes a sentence; "Talks Resume in the U.S." is a headline.
    if style == "sentence case" and bare.endswith("."):
        return NOT_A_HEADLINE
    return Shape(style, len(words))


def _style(words: list[str]) -> Style:
    letters = [char for word in words for char in word if char.isalpha()]
    if sum(map(str.isupper, letters)) >= 0.9 * len(letters) and len(letters) > 3:
        return "capitals"
    # A line in a script without capitals cannot show title case.
    weighed = [w for w in words[1:] if w.casefold() not in SMALL_WORDS and w[0].isalpha()]
    raised = sum(1 for word in weighed if not word[0].islower())
    if weighed and raised >= 0.8 * len(weighed) and any(w[0].isupper() for w in weighed):
        return "title case"
    if not weighed and words[0][0].isupper() and len(words) > 1:
        return "title case"
    return "sentence case"


def is_closed(text: str) -> bool:
    """Say whether running text ends here: a stop, a question, a closing quote."""
    text = _TAIL.sub("", text[-200:])
    return text.rstrip("\"'”’)]»").endswith((".", "!", "?", "…", ":", ";")) or text.endswith(("”", '"'))


def is_row_or_item(text: str) -> bool:
    """Say whether a line is an item of a list, a row of a table or a result ("Leeds 2, Derby 1")."""
    if len(text) > 400:
        return False
    return any((_LIST_ITEM.match(text), _ROW.search(text), _RESULT.search(text), _LABEL.match(text)))


def is_list_item(text: str) -> bool:
    """Say whether a line begins with a bullet or a number of a list."""
    return bool(_LIST_ITEM.match(text))


def is_caption(text: str) -> bool:
    """Say whether a paragraph says itself that it stands under a picture: a credit, "File photo:"."""
    if len(text) > _MAX_CAPTION_CHARS:
        return False
    return bool(_CAPTION_START.match(text) or _CREDIT.search(text[-140:]))
