"""One query in the making: what hypothesis draws for it, and which variables it has so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

VARIABLES = ("?a", "?b", "?c", "?d")

Draw = Callable[[st.SearchStrategy[Any]], Any]


@cache
def _sampled(options: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(options)


@cache
def _numbers(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@dataclass(slots=True)
class Drawing:
    """The choices of hypothesis, and the names already given.

    ``computed`` are variables that hold results of arithmetic: how their text is written is up to
    the engine, so nothing may ask for it.
    """

    draw: Draw
    kinds: tuple[str, ...]
    computed: list[str] = field(default_factory=list)
    _names: int = 0

    def pick(self, *options: Any) -> Any:
        """One of these; simpler ones first."""
        return self.draw(_sampled(options))

    def one_of(self, options: Sequence[Any]) -> Any:
        return self.draw(_sampled(tuple(options)))

    def number(self, least: int, most: int) -> int:
        return int(self.draw(_numbers(least, most)))

    def chance(self, one_in: int) -> bool:
        return self.number(1, one_in) == one_in

    def variable(self) -> str:
        return str(self.one_of(VARIABLES))

    def some_variables(self, least: int = 1, most: int = 3) -> list[str]:
        chosen = [self.variable() for _ in range(self.number(least, most))]
        return list(dict.fromkeys(chosen))

    def fresh(self) -> str:
        """A name that nothing in the query has yet."""
        self._names += 1
        return f"v{self._names}"
