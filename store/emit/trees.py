"""Triple patterns that rows of entity tables may answer together: stars, and stars they lead to.

Patterns of one subject are a star. Where a pattern's object is the subject of another star, and its
predicate is a column that leads to another view of a table (``geo:hasGeometry``), both lie in the
same row: the second star hangs on the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ontology import IRI, Literal

from ..algebra import Node, TriplePattern
from .lane_index import LaneIndex


@dataclass(frozen=True, slots=True)
class Tree:
    """The star of a subject.

    ``links`` are those of its patterns that lead to a star that hangs on it.
    """

    subject: Node
    patterns: tuple[TriplePattern, ...]
    links: tuple[tuple[TriplePattern, Tree], ...] = ()

    def every_pattern(self) -> Iterator[TriplePattern]:
        """Its patterns and those of the stars that hang on it."""
        yield from self.patterns
        for _, child in self.links:
            yield from child.every_pattern()

    def without_links(self) -> tuple[Tree, ...]:
        """Each star by itself."""
        own = Tree(self.subject, self.patterns)
        return (own, *(one for _, child in self.links for one in child.without_links()))


def is_starlike(pattern: TriplePattern) -> bool:
    """Return whether the pattern can be part of a star."""
    return isinstance(pattern.predicate, IRI) and not isinstance(pattern.subject, Literal)


def trees(lanes: LaneIndex, patterns: Iterable[TriplePattern]) -> list[Tree]:
    """Patterns of one graph as trees, in the order of their first patterns."""
    stars: dict[Node, list[TriplePattern]] = {}
    for pattern in patterns:
        stars.setdefault(pattern.subject, []).append(pattern)
    links = _links(lanes, stars)
    hanging = {link.object for link in links}

    def grown(subject: Node) -> Tree:
        own = [link for link in links if link.subject == subject]
        return Tree(
            subject, tuple(stars[subject]), tuple((link, grown(link.object)) for link in own)
        )

    return [grown(subject) for subject in stars if subject not in hanging]


def _links(lanes: LaneIndex, stars: dict[Node, list[TriplePattern]]) -> Sequence[TriplePattern]:
    """Patterns that lead to another star, at most one to each, and never around in a circle."""
    found: list[TriplePattern] = []
    above: dict[Node, Node] = {}
    for subject, patterns in stars.items():
        for pattern in patterns:
            end, predicate = pattern.object, pattern.predicate
            if not isinstance(predicate, IRI) or predicate.value not in lanes.leading:
                continue
            if end not in stars or end in above or end in _line(subject, above):
                continue
            above[end] = subject
            found.append(pattern)
    return found


def _line(subject: Node, above: dict[Node, Node]) -> Iterator[Node]:
    """A subject and those it hangs on."""
    yield subject
    while subject in above:
        subject = above[subject]
        yield subject
