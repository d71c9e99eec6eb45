"""Options of raster sources (``gl:`` terms on the logical source), read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import Final

from ontology import MappingError

from ...language.model import LogicalSource

_OWN: Final = frozenset({"confidence", "confidenceLayer", "confidenceBand", "probabilities"})


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a source; with a prefix those of its second raster (``gl:afterBand``)."""

    source: LogicalSource
    where: str
    prefix: str = ""

    def name(self, plain: str) -> str:
        """Name of an option with the prefix."""
        return self.prefix + plain[0].upper() + plain[1:] if self.prefix else plain

    def text(self, plain: str) -> str | None:
        """Value of an option, or None; what is not said of the second raster is as of the first.

        Only its file of confidence has to be named.
        """
        own = self.source.option(self.name(plain))
        return self.source.option(plain) if own is None and plain not in _OWN else own

    def whole(self, plain: str, default: int, least: int | None = None) -> int:
        """Value of a whole number."""
        text = self.text(plain)
        try:
            value = default if text is None else int(text)
        except ValueError as error:
            raise self.wrong(plain, "must be a whole number", text) from error
        if least is not None and value < least:
            raise self.wrong(plain, f"must be at least {least}", text)
        return value

    def number(self, plain: str, default: float, *, above: float = -inf) -> float:
        """Value of a finite number above a limit."""
        text = self.text(plain)
        try:
            value = default if text is None else float(text)
        except ValueError as error:
            raise self.wrong(plain, _number(above), text) from error
        if not (value > above and isfinite(value)):
            raise self.wrong(plain, _number(above), text)
        return value

    def choice(self, plain: str, *known: str) -> str:
        """One of some words, the first by default."""
        text = self.text(plain)
        if text is not None and text not in known:
            raise self.wrong(plain, "is " + " or ".join(known), text)
        return text or known[0]

    def breaks(self) -> tuple[float, ...] | None:
        """Limits of the classes of a continuous raster, ascending."""
        limits = self.numbers("breaks")
        if limits is None:
            return None
        if not limits or not all(map(isfinite, limits)) or any(a >= b for a, b in pairwise(limits)):
            raise self.wrong("breaks", "is a list of numbers that grow", self.text("breaks"))
        return limits

    def numbers(self, plain: str) -> tuple[float, ...] | None:
        """Values of a list of numbers; NaN is one."""
        text = self.text(plain)
        try:
            return None if text is None else tuple(map(float, text.replace(",", " ").split()))
        except ValueError as error:
            raise self.wrong(plain, "is a number, or a list of numbers", text) from error

    def by_class(self, plain: str) -> tuple[tuple[str, str], ...]:
        """Bands by class: ``10=band, 20=band``."""
        text = self.text(plain)
        if text is None:
            return ()
        found = []
        for part in text.split(","):
            code, equals, band = (piece.strip() for piece in part.partition("="))
            if not equals or not band or not code:
                raise self.wrong(plain, 'lists classes and bands: "10=2, 20=shrubs"', part)
            found.append((code, band))
        if len({code for code, _ in found}) < len(found):
            raise self.wrong(plain, "names a class twice", text)
        return tuple(found)

    def wrong(self, plain: str, rule: str, text: str | None) -> MappingError:
        """The error for an option with a bad value."""
        return MappingError(f"gl:{self.name(plain)} {rule}", where=self.where, why=repr(text))


def _number(above: float) -> str:
    return "must be a number" + (f" above {above:g}" if isfinite(above) else "")
