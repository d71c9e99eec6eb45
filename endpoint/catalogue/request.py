"""What can be asked of the catalogue, checked before any query is made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Self

from ontology import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A catalogue search; conditions that are None do not restrict it.

    Attributes
    ----------
    concept : str, optional
        Label ("cereals"), code or IRI of a class; all narrower classes count too.
    scheme : str, optional
        Code list to look ``concept`` up in; all when None.
    min_share : float, optional
        Least cover share (0..1) of the class and its narrower classes together.
    min_confidence : float, optional
        Least confidence (0..1) of an observation of the class in the product.
    box : tuple of float, optional
        west, south, east, north in CRS84 degrees; west > east crosses the antimeridian.
    place : str, optional
        Name, code or IRI of an administrative unit.
    start, end : str, optional
        Both inclusive; a day or a month stands for all of it. UTC.
    month : str, optional
        ``YYYY-MM``, instead of start and end.
    platform : str, optional
        Exactly as in the data, e.g. ``Sentinel-2A``.
    max_cloud : float, optional
        Greatest cloud cover in percent.
    inconsistent_samples : bool
        Only products whose footprint holds a ground sample that disagrees with the map.
    limit, offset : int
        Page of the answer.
    """

    concept: str | None = None
    scheme: str | None = None
    min_share: float | None = None
    min_confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    place: str | None = None
    start: str | None = None
    end: str | None = None
    month: str | None = None
    platform: str | None = None
    max_cloud: float | None = None
    inconsistent_samples: bool = False
    limit: int = 20
    offset: int = 0

    def __post_init__(self) -> None:
        for name in ("concept", "place", "platform"):
            if "\x00" in (getattr(self, name) or ""):
                raise UsageError(f"{name} holds a NUL character")
        self._check_ranges()
        self._check_box()
        if self.concept is None and (
            self.min_share is not None or self.min_confidence is not None or self.scheme is not None
        ):
            raise UsageError(
                "A share, confidence or scheme needs a class to hold for",
                remedy="add concept, e.g. concept=cereals",
            )
        if self.month is not None and (self.start is not None or self.end is not None):
            raise UsageError("Give month, or start and end, not both")
        self.period()

    def _check_ranges(self) -> None:
        for name, low, high in (
            ("min_share", 0.0, 1.0),
            ("min_confidence", 0.0, 1.0),
            ("max_cloud", 0.0, 100.0),
            ("limit", 1, MAX_LIMIT),
            ("offset", 0, math.inf),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UsageError(f"{name} must lie between {low} and {high}", why=f"it is {value}")

    def _check_box(self) -> None:
        if self.box is None:
            return
        west, south, east, north = self.box
        if not (
            all(map(math.isfinite, self.box))
            and -180 <= west <= 180
            and -180 <= east <= 180
            and -90 <= south <= north <= 90
        ):
            raise UsageError(
                "The box is not one in longitude and latitude",
                where=",".join(map(str, self.box)),
                why="it must be west,south,east,north in degrees with south <= north",
                remedy="check the order of the four numbers",
            )

    def period(self) -> tuple[datetime | None, datetime | None]:
        """First instant, and the first instant after the end, in UTC; None is open."""
        if self.month is not None:
            return _span(self.month, "month", months_only=True)
        first = None if self.start is None else _span(self.start, "start")[0]
        after = None if self.end is None else _span(self.end, "end")[1]
        if first is not None and after is not None and first >= after:
            raise UsageError("The period ends before it begins", where=f"{self.start}..{self.end}")
        return first, after

    @classmethod
    def from_parameters(cls, given: Mapping[str, Any]) -> Self:
        """Read the parameters of a URL, a form or a JSON object; empty texts count as absent.

        Raises
        ------
        UsageError
            For unknown names and values of the wrong kind.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name not in known:
                near = get_close_matches(name, known, n=1)
                remedy = f"did you mean {near[0]}?" if near else ", ".join(sorted(known))
                raise UsageError(f"Unknown search parameter {name!r}", remedy=remedy)
            if value is not None and value != "":
                values[name] = _READERS.get(name, _text)(name, value)
        return cls(**values)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a text", why=f"it is {value!r}")
    return value.strip()


def _number(name: str, value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be a number", why=f"it is {value!r}") from error


def _whole(name: str, value: Any) -> int:
    number = _number(name, value)
    if not number.is_integer():
        raise UsageError(f"{name} must be a whole number", why=f"it is {value!r}")
    return int(number)


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("1", "true", "yes", "on"):
        return True
    if str(value).lower() in ("0", "false", "no", "off"):
        return False
    raise UsageError(f"{name} must be true or false", why=f"it is {value!r}")


def _box(name: str, value: Any) -> tuple[float, float, float, float]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise UsageError("The box needs four numbers", why="west,south,east,north in degrees")
    west, south, east, north = (_number(name, part) for part in parts)
    return west, south, east, north


_READERS: Final = {
    "min_share": _number,
    "min_confidence": _number,
    "max_cloud": _number,
    "limit": _whole,
    "offset": _whole,
    "inconsistent_samples": _flag,
    "box": _box,
}


def _span(text: str, name: str, months_only: bool = False) -> tuple[datetime, datetime]:
    try:
        if len(text) == 7:
            first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
            return first, (first + timedelta(days=32)).replace(day=1)
        if months_only:
            raise ValueError("it must be YYYY-MM")
        if len(text) == 10:
            day = date.fromisoformat(text)
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return midnight, midnight + timedelta(days=1)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{name} is no date",
            where=repr(text[:40]),
            why=str(error),
            remedy="write 2018-06, 2018-06-01 or 2018-06-01T10:00:00Z",
        ) from error
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    instant = instant.astimezone(UTC)
    return instant, instant + timedelta(microseconds=1)
