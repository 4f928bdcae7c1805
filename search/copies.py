"""What is told of an article's story, and which of its paragraphs do the copies have?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from index.analysis import forms, surfaces
from index.columns.prints import RUN
from index.stored import Record
from search.nodes import Mask
from search.results import Copy, Story, StoryView
from search.snapshot import Snapshot
from search.views import head_of

MOST = 50
"""Copies that are listed of an article."""

Runs = frozenset[tuple[str, ...]]

_SAME = 0.6  # of a paragraph's runs of words, those that the copy has too


def story_of(snap: Snapshot, article_number: int, article_id: str, seen: Mask | None = None) -> Story:
    """The story of an article that is not deleted; `seen` are the articles that answer a search."""
    stories = snap.columns.stories
    first = int(stories.of_article[article_number])
    size = int(stories.sizes[first])
    found = None
    if seen is not None:
        found = 1 if size == 1 else sum(bool(seen[n]) for n in stories.members(first))
    id_ = article_id if first == article_number else snap.article_fields(first)["id"]
    return Story(id_, size, found)


def story_view(snap: Snapshot, article_number: int, records: Sequence[Record]) -> StoryView:
    """The story of an article, with its copies.

    Args:
        snap: of the index.
        article_number: of the article.
        records: its paragraphs; there is at least one.
    """
    columns = snap.columns
    story = story_of(snap, article_number, records[0].article["id"])
    members = columns.stories.members(int(columns.stories.of_article[article_number]))
    others = [n for n in members if n != article_number][:MOST]
    wanted = np.zeros(columns.articles, dtype=np.bool_)
    wanted[others] = True
    rows = snap.live[wanted[columns.article[snap.live]]] if others else snap.live[:0]
    texts: dict[int, list[str]] = {n: [] for n in others}
    for number, record in zip(columns.article[rows].tolist(), snap.records(rows), strict=True):
        texts[number].append(record.paragraph.text)
    own = own_runs(records)
    copies = [copy_of(snap.article_fields(n), texts[n], own) for n in others]
    return StoryView(story, tuple(copies))


def own_runs(records: Sequence[Record]) -> list[tuple[str, Runs]]:
    """The id and the runs of words of each of an article's paragraphs."""
    return [(r.paragraph.id, _runs(_words(r.paragraph.text))) for r in records]


def copy_of(fields: Mapping[str, Any], texts: Sequence[str], own: Iterable[tuple[str, Runs]]) -> Copy:
    """Compare an article with another one of its story.

    Args:
        fields: what is told of it, as `index.stored.article_fields` has it.
        texts: of its paragraphs.
        own: `own_runs` of the other one.
    """
    held = frozenset().union(*(_runs(_words(text)) for text in texts))
    same = tuple(id_ for id_, runs in own if runs and len(runs & held) >= _SAME * len(runs))
    return Copy(head_of(fields), len(texts), same)


def _words(text: str) -> list[str]:
    return [form for surface in surfaces(text) for form in forms(surface)]


def _runs(words: Sequence[str]) -> Runs:
    """Runs of words as `index.columns.prints` takes them; of a shorter text, all of it."""
    if len(words) <= RUN:
        return frozenset([tuple(words)]) if words else frozenset()
    return frozenset(tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1))
