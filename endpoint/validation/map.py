"""The report's map: samples by outcome over a graticule, as inline SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from markupsafe import Markup, escape

from .outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .report import ValidationReport

_WIDTH: Final = 960.0
_HEIGHT: Final = 560.0
_MARGIN: Final = 34.0
_STEPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30)
_TITLED: Final = 5000
_SLENDEREST: Final = 2.5  # greatest ratio of the sides
_TICK_PIXELS: Final = 70
_ORDER: Final = (Outcome.NO_CROSSWALK, Outcome.NO_FEATURE, Outcome.AGREES, Outcome.DISAGREES)


@dataclass(frozen=True, slots=True)
class _Frame:
    """An equirectangular window whose scale is true at the middle latitude."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    width: float
    height: float

    @classmethod
    def around(cls, positions: Any) -> _Frame:
        west, south = positions.min(axis=0)
        east, north = positions.max(axis=0)
        pad = max(0.001, 0.03 * max(east - west, north - south))
        narrow = max(0.05, math.cos(math.radians((south + north) / 2)))
        wide, high = (east - west) * narrow + 2 * pad, north - south + 2 * pad
        pad_x = pad + max(0.0, high / _SLENDEREST - wide) / (2 * narrow)
        pad_y = pad + max(0.0, wide / _SLENDEREST - high) / 2
        west, south, east, north = west - pad_x, south - pad_y, east + pad_x, north + pad_y
        scale = min(
            (_WIDTH - 2 * _MARGIN) / ((east - west) * narrow),
            (_HEIGHT - 2 * _MARGIN) / (north - south),
        )
        width, height = (east - west) * narrow * scale, (north - south) * scale
        return cls(west, north, narrow * scale, scale, width, height)

    def place(self, positions: Any) -> Any:
        x = _MARGIN + (positions[:, 0] - self.west) * self.scale_x
        y = _MARGIN + (self.north - positions[:, 1]) * self.scale_y
        return np.round(np.column_stack([x, y]), 1)


def map_svg(report: ValidationReport) -> Markup:
    """Draw the samples; the disagreeing ones on top, each with a title."""
    if not report.positions:
        return Markup("")
    positions = np.array(report.positions, np.float64)
    frame = _Frame.around(positions)
    width, height = frame.width + 2 * _MARGIN, frame.height + 2 * _MARGIN
    parts = [
        Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="Map of the samples">').format(
            round(width), round(height)
        ),
        *_graticule(frame),
        *_dots(report, frame.place(positions)),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _dots(report: ValidationReport, places: Any) -> Iterator[Markup]:
    outcomes = np.array([entry.outcome.value for entry in report.assessments])
    for outcome in _ORDER:
        rows = np.flatnonzero(outcomes == outcome.value)
        if outcome is Outcome.DISAGREES and len(rows) <= _TITLED:
            continue
        if len(rows):
            path = "".join(f"M{x:g} {y:g}h0" for x, y in places[rows].tolist())
            yield Markup('<path class="dots {}" d="{}"/>').format(outcome.value, path)
    rows = np.flatnonzero(outcomes == Outcome.DISAGREES.value)
    if len(rows) <= _TITLED:
        for row in rows.tolist():
            x, y = places[row].tolist()
            yield Markup(
                '<circle class="{}" cx="{:g}" cy="{:g}" r="3.5"><title>{}</title></circle>'
            ).format(Outcome.DISAGREES.value, x, y, escape(_title(report, row)))


def _title(report: ValidationReport, row: int) -> str:
    entry = report.assessments[row]
    longitude, latitude = report.positions[row]
    found = f", map says {entry.matched.kind}" if entry.matched else ""
    return f"{entry.sample.iri}: {entry.sample.kind}{found} ({longitude:.5f}, {latitude:.5f})"


def _graticule(frame: _Frame) -> Iterator[Markup]:
    yield Markup('<rect class="frame" x="{}" y="{}" width="{:.1f}" height="{:.1f}"/>').format(
        _MARGIN, _MARGIN, frame.width, frame.height
    )
    right, bottom = _MARGIN + frame.width, _MARGIN + frame.height
    for degree, x in _ticks(frame.west, frame.width / frame.scale_x, frame.width):
        at = _MARGIN + x * frame.scale_x
        yield Markup('<path class="grid" d="M{:.1f} {}V{:.1f}"/>').format(at, _MARGIN, bottom)
        yield Markup(
            '<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
        ).format(at, bottom + 16, _degrees(degree, "E", "W"))
    south = frame.north - frame.height / frame.scale_y
    for degree, y in _ticks(south, frame.height / frame.scale_y, frame.height):
        at = bottom - y * frame.scale_y
        yield Markup('<path class="grid" d="M{} {:.1f}H{:.1f}"/>').format(_MARGIN, at, right)
        yield Markup('<text class="tick" x="{}" y="{:.1f}">{}</text>').format(
            _MARGIN + 4, at - 4, _degrees(degree, "N", "S")
        )


def _ticks(start: float, span: float, pixels: float) -> Iterator[tuple[float, float]]:
    most = max(2.0, pixels / _TICK_PIXELS)
    step = next((step for step in _STEPS if span / step <= most), _STEPS[-1])
    for number in range(math.ceil(start / step), math.floor((start + span) / step) + 1):
        yield round(number * step, 6), number * step - start


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):g}° {positive if value >= 0 else negative}"
