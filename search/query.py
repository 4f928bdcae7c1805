"""What was typed becomes Whoosh's query tree, and notes of what was changed on the way.

The tree's leaves stand on the pseudo field `text` (and `headline`), whose words are
exact forms; `search.execute` lowers them to the fields of the index. Every text has a
tree: what cannot be parsed is searched as words. Whoosh's own parser was rejected: it
recurses once a bracket, drops what it cannot parse without a word, and gives `-` the
power to make other words optional.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whoosh import query

from index.analysis import STOP_WORDS, forms, query_form, tokens
from search.limits import Limits

TEXT = "text"
HEADLINE = "headline"
_FIELDS = {TEXT, HEADLINE}

MAX_CHARS = 2_000  # of a query
MAX_DISTANCE = 100  # words between the words of "…"~n
_LIMITS = Limits()
_SHORT = 5  # a word shorter than this may differ by one letter, a longer one by two

_LEX = re.compile(
    r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|(?P<quote>["“”„«»])|(?P<minus>-(?=[^\s)]))|(?P<plus>\+(?=[^\s)]))'
    r'|(?P<word>[^\s()"“”„«»]+)'
)
_SLOP = re.compile(r"~(\d+)?")
_FUZZY = re.compile(r"^(.+?)~([12])?$")
_ACRONYM = re.compile(r"[a-z](?:\.[a-z])+")
_FIELD = re.compile(r"^([A-Za-z_]+):(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as understood.

    Attributes:
        tree: over the fields `text` and `headline`; Every for an empty query, Null
            where no word was found.
        text: the tree in the query language.
        notes: what was changed, cut or ignored, a sentence each.
    """

    tree: query.Query
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word, phrase, open, close, and, or, not
    text: str = ""
    field: str = TEXT
    slop: int = 1


def parse(typed: str, limits: Limits = _LIMITS) -> Parsed:
    """Parse a query; every text has a tree, no text raises.

    Args:
        typed: the query.
        limits: how many words and brackets of it are taken.
    """
    notes: list[str] = []
    text = typed.strip()
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS]
        notes.append(f"The query was cut after {MAX_CHARS} characters.")
    if text in ("", "*", "*:*"):
        return Parsed(query.Every(), "", tuple(notes))
    tree = _Parser(_lex(text, notes), notes, limits).parse()
    if tree == query.NullQuery:
        notes.append(f"“{text[:40]}” holds no word to search for.")
    text = "" if tree == query.Every() else render(tree)
    return Parsed(tree, text, tuple(dict.fromkeys(notes)))


def _lex(text: str, notes: list[str]) -> list[_Token]:
    out: list[_Token] = []
    at, field = 0, TEXT
    while at < len(text):
        match = _LEX.match(text, at)
        if match is None:  # cannot be: every character has a branch
            break
        at = match.end()
        kind = str(match.lastgroup)
        if kind == "quote":
            token, at = _phrase(text, at, field, notes)
            out.append(token)
            field = TEXT
        elif kind == "minus":
            out.append(_Token("not"))
        elif kind in ("open", "close"):
            out.append(_Token(kind, field=field))
            field = TEXT
        elif kind == "word":
            word, field = _split_field(match.group(), notes)
            if word:
                out.append(_operator(word, field))
                field = TEXT
    return out


def _split_field(word: str, notes: list[str]) -> tuple[str, str]:
    match = _FIELD.match(word)
    if match is None:
        return word, TEXT
    name = match[1].lower()
    if name in _FIELDS:
        return match[2], name
    if not word.startswith(("http:", "https:")):
        notes.append(f"“{match[1]}:” is not a field; it was searched as a word.")
    return word, TEXT


def _operator(word: str, field: str) -> _Token:
    return _Token(word.lower()) if word in ("AND", "OR", "NOT") else _Token("word", word, field)


def _phrase(text: str, at: int, field: str, notes: list[str]) -> tuple[_Token, int]:
    end = re.compile(r'["“”„«»]').search(text, at)
    if end is None:
        notes.append("A quotation mark is not closed; the rest was taken as the phrase.")
        return _Token("phrase", text[at:], field), len(text)
    words, at = text[at : end.start()], end.end()
    slop = _SLOP.match(text, at)
    if slop is None:
        return _Token("phrase", words, field), at
    distance = min(int(slop[1] or 1), MAX_DISTANCE)
    return _Token("phrase", words, field, slop=max(1, distance)), slop.end()


def _shallow(found: Sequence[_Token], notes: list[str], most: int) -> list[_Token]:
    """The tokens without brackets that are too deep: the parser recurses once a bracket."""
    kept: list[_Token] = []
    depth = 0
    for token in found:
        opened = token.kind == "open"
        depth += opened
        if depth <= most or token.kind not in ("open", "close"):
            kept.append(token)
        elif opened:
            notes.append(f"Brackets more than {most} deep were ignored.")
        depth -= token.kind == "close" and depth > 0
    return kept


class _Parser:
    """Recursive descent over the tokens; `OR` binds less than words side by side."""

    def __init__(self, found: Sequence[_Token], notes: list[str], limits: Limits) -> None:
        leaves = [i for i, t in enumerate(found) if t.kind in ("word", "phrase")]
        if len(leaves) > limits.words:
            found = found[: leaves[limits.words]]
            notes.append(f"Only the first {limits.words} words of the query were searched for.")
        self._tokens = _shallow(found, notes, limits.depth)
        self._at = 0
        self._notes = notes

    def parse(self) -> query.Query:
        parts: list[query.Query] = []
        while self._at < len(self._tokens):
            parts.append(self._either())
            if self._peek() == "close":
                self._notes.append("A closing bracket without an opening one was ignored.")
                self._at += 1
        return _join(query.And, parts)

    def _peek(self) -> str | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _either(self) -> query.Query:
        branches = [self._all()]
        while self._peek() == "or":
            self._at += 1
            branches.append(self._all())
        return _join(query.Or, branches)

    def _all(self) -> query.Query:
        parts: list[query.Query] = []
        while (kind := self._peek()) not in (None, "or", "close"):
            if kind == "and":
                self._at += 1
                continue
            parts.append(self._one())
        return _join(query.And, self._without_stop_words(parts))

    def _one(self) -> query.Query:
        negated = False
        while self._peek() in ("not", "and"):
            negated ^= self._peek() == "not"
            self._at += 1
        kind = self._peek()
        if kind in (None, "or", "close"):
            return query.NullQuery
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "open":
            inner = self._bracket(token)
        elif token.kind == "phrase":
            inner = _phrase_node(token)
        else:
            inner = self._word(token)
        return _negation(inner) if negated else inner

    def _bracket(self, token: _Token) -> query.Query:
        inner = self._either()
        if self._peek() == "close":
            self._at += 1
        else:
            self._notes.append("A bracket is not closed; it was closed at the end.")
        return _on_field(inner, token.field)

    def _without_stop_words(self, parts: list[query.Query]) -> list[query.Query]:
        stopped = [p for p in parts if isinstance(p, query.Term) and p.text in STOP_WORDS]
        kept = [p for p in parts if p not in stopped and p != query.NullQuery]
        if not stopped or not any(not isinstance(p, query.Not) for p in kept):
            return parts
        names = ", ".join(dict.fromkeys(p.text for p in stopped))
        self._notes.append(f"Left out as too common: {names}. Put words in quotes to require them.")
        return [p for p in parts if p not in stopped]

    def _word(self, token: _Token) -> query.Query:
        word = token.text
        if fuzzy := _FUZZY.match(word):
            form = _one_form(fuzzy[1])
            if form:
                distance = int(fuzzy[2] or (1 if len(form) < _SHORT else 2))
                return query.FuzzyTerm(token.field, form, maxdist=distance, prefixlength=0)
        if "*" in word or "?" in word:
            return self._pattern(token)
        found = [query_form(surface) for _, _, surface in tokens(word)]
        if not found:
            return query.NullQuery
        if len(found) == 1:
            return query.Term(token.field, found[0])
        return query.Sequence([query.Term(token.field, f) for f in found])

    def _pattern(self, token: _Token) -> query.Query:
        hyphened = [surface for _, _, surface in tokens(token.text.rstrip("*"))]
        if len(hyphened) > 1 and "*" not in token.text.rstrip("*") and "?" not in token.text:
            whole = [query.Term(token.field, query_form(surface)) for surface in hyphened[:-1]]
            return query.And([*whole, query.Prefix(token.field, forms(hyphened[-1])[0])])
        pattern = re.sub(r"\*+", "*", "".join(_pattern_part(p) for p in re.split(r"([*?])", token.text)))
        if not pattern.strip("*?"):
            if pattern.strip("*"):
                self._notes.append(f"“{token.text[:20]}” stands for any word and was ignored.")
                return query.NullQuery
            return query.Every()
        if pattern.rstrip("*").find("*") < 0 and "?" not in pattern:
            if pattern.endswith("*"):
                return query.Prefix(token.field, pattern[:-1])
            return query.Term(token.field, pattern)
        return query.Wildcard(token.field, pattern)


def _pattern_part(part: str) -> str:
    return part if part in ("*", "?") else "".join(forms(s)[0] for _, _, s in tokens(part))


def _one_form(word: str) -> str | None:
    found = [query_form(surface) for _, _, surface in tokens(word)]
    return found[0] if len(found) == 1 else None


def _phrase_node(token: _Token) -> query.Query:
    found = [query_form(surface) for _, _, surface in tokens(token.text)]
    if not found:
        return query.NullQuery
    return query.Phrase(token.field, found, slop=token.slop)


def _negation(tree: query.Query) -> query.Query:
    if isinstance(tree, query.Not):
        return tree.query
    return tree if tree == query.NullQuery else query.Not(tree)


def _on_field(tree: query.Query, field: str) -> query.Query:
    """The tree with its unqualified leaves on a field: `headline:(a OR b)`."""
    if field == TEXT:
        return tree
    if isinstance(tree, query.Not):
        return query.Not(_on_field(tree.query, field))
    if isinstance(tree, query.And | query.Or | query.Sequence):
        return type(tree)([_on_field(t, field) for t in tree.subqueries])
    if isinstance(tree, query.Phrase):
        return query.Phrase(field, tree.words, slop=tree.slop)
    if isinstance(tree, query.FuzzyTerm):
        return query.FuzzyTerm(field, tree.text, maxdist=tree.maxdist, prefixlength=0)
    if isinstance(tree, query.Term | query.Prefix | query.Wildcard):
        return type(tree)(field, tree.text)
    return tree


def _join(kind: type, parts: list[query.Query]) -> query.Query:
    kept = [p for p in parts if p != query.NullQuery]
    if not kept:
        return query.NullQuery
    return kept[0] if len(kept) == 1 else kind(kept)


def render(tree: query.Query, *, inside: bool = False) -> str:
    """A tree in the query language, every operator written out."""
    if isinstance(tree, query.And | query.Or):
        operator = " AND " if isinstance(tree, query.And) else " OR "
        text = operator.join(render(t, inside=True) for t in tree.subqueries)
        return f"({text})" if inside else text
    if isinstance(tree, query.Not):
        return f"NOT {render(tree.query, inside=True)}"
    if isinstance(tree, query.Sequence):
        words = "-".join(_render_word(t.text) for t in tree.subqueries)
        return f"headline:{words}" if tree.subqueries[0].fieldname == HEADLINE else words
    if isinstance(tree, query.Every):
        return "*"
    return _render_leaf(tree)


def _render_leaf(tree: query.Query) -> str:
    if isinstance(tree, query.Phrase):
        slop = f"~{tree.slop}" if tree.slop > 1 else ""
        text = f'"{" ".join(_render_word(w) for w in tree.words)}"{slop}'
    elif isinstance(tree, query.FuzzyTerm):
        text = f"{_render_word(tree.text)}~{tree.maxdist}"
    elif isinstance(tree, query.Prefix):
        text = f"{tree.text}*"
    elif isinstance(tree, query.Term):
        text = _render_word(tree.text)
    elif isinstance(tree, query.Wildcard):
        text = str(tree.text)
    else:
        return ""
    return f"headline:{text}" if tree.fieldname == HEADLINE else text


def _render_word(form: str) -> str:
    """A form as it can be typed: an acronym's own one ("u.s") is no word when written small."""
    return f"{form.upper()}." if _ACRONYM.fullmatch(form) else form
