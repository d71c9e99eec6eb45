"""The report of a validation and its forms: figures, JSON, CSV, HTML, triples."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import shapely

from ..geojson import crs84_geometries
from .classes import Compatible, class_label
from .html import report_html
from .metrics import Figures, figures
from .outcomes import Assessment, Outcome, Rule
from .triples import assessment_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ontology import EntityBatch

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What the map says about every sample, and the figures.

    Attributes
    ----------
    rule : {"nearest", "any"}
        The rule of ``assessments`` and ``figures``.
    distance : float
        Metres.
    schemes : tuple of str
        Code lists of the samples and of the map.
    assessments : tuple of Assessment
        By sample IRI.
    positions : tuple of (float, float)
        Longitude and latitude (CRS84) of each assessed sample: a point on it.
    by_rule : dict of Rule to Figures
        The figures of both rules.
    completeness : dict, optional
        Completeness of the federated answer the report rests on, None for a local one.
    """

    rule: Rule
    distance: float
    schemes: tuple[str, str]
    assessments: tuple[Assessment, ...]
    positions: tuple[Position, ...]
    by_rule: dict[Rule, Figures]
    completeness: dict[str, Any] | None = None

    @classmethod
    def of(
        cls,
        both: Mapping[Rule, tuple[Assessment, ...]],
        *,
        rule: Rule,
        distance: float,
        schemes: tuple[str, str],
        compatible: Compatible,
        completeness: dict[str, Any] | None = None,
    ) -> Self:
        """Put a report together from the assessments by both rules."""
        return cls(
            rule=rule,
            distance=distance,
            schemes=schemes,
            assessments=both[rule],
            positions=_positions(both[rule]),
            by_rule={name: figures(assessed, compatible) for name, assessed in both.items()},
            completeness=completeness,
        )

    @property
    def figures(self) -> Figures:
        """Figures of the chosen rule."""
        return self.by_rule[self.rule]

    @property
    def complete(self) -> bool:
        """False when a source failed or was cut off, so the figures rest on part of the data."""
        return self.completeness is None or bool(self.completeness.get("complete"))

    def summary(self) -> str:
        """Return the outcome in one line."""
        found = self.figures
        counts = ", ".join(f"{number:,} {o.words}" for o, number in found.counts.items())
        line = f"{len(self.assessments):,} samples: {counts}"
        if found.accuracy is not None and found.interval is not None:
            low, high = (100 * bound for bound in found.interval)
            line += f"; accuracy {100 * found.accuracy:.1f} % (95 %: {low:.1f} to {high:.1f} %)"
        return line if self.complete else line + "; INCOMPLETE"

    def inconsistent(self) -> tuple[Assessment, ...]:
        """Return the samples that disagree with the map."""
        return tuple(a for a in self.assessments if a.outcome is Outcome.DISAGREES)

    def table(self) -> Iterator[dict[str, Any]]:
        """Yield one row a sample, as in :meth:`to_csv`."""
        for entry, (longitude, latitude) in zip(self.assessments, self.positions, strict=True):
            matched = entry.matched
            yield {
                "sample": entry.sample.iri,
                "class": entry.sample.kind,
                "outcome": entry.outcome.words,
                "feature": matched.feature if matched else None,
                "map_class": matched.kind if matched else None,
                "metres": matched.metres if matched else None,
                "longitude": longitude,
                "latitude": latitude,
            }

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: figures of both rules, classes, inconsistent samples."""
        return {
            "distance": self.distance,
            "rule": self.rule,
            "sample_scheme": self.schemes[0],
            "map_scheme": self.schemes[1],
            "samples": len(self.assessments),
            "complete": self.complete,
            "completeness": self.completeness,
            "rules": {name: _figures_dict(found) for name, found in self.by_rule.items()},
            "inconsistent": [row for row in self.table() if row["outcome"] == "disagrees"],
        }

    def to_json(self) -> str:
        """Write the figures and the inconsistent samples as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1)

    def to_csv(self) -> str:
        """Write one line a sample (RFC 4180); texts a spreadsheet would run are quoted by ``'``."""
        buffer = io.StringIO()
        names = ["sample", "class", "outcome", "feature", "map_class", "metres"]
        writer = csv.DictWriter(buffer, [*names, "longitude", "latitude"])
        writer.writeheader()
        writer.writerows({k: _harmless(v) for k, v in row.items()} for row in self.table())
        return buffer.getvalue()

    def to_html(self, title: str = "Validation report") -> str:
        """Write one self-contained page with figures, map and confusion matrix."""
        return report_html(self, title)

    def to_batches(self, run: str | None = None) -> tuple[EntityBatch, ...]:
        """Return the assessments as triples to write to a store.

        Parameters
        ----------
        run : str, optional
            IRI of the validation run; by default made from the parameters and the outcomes, so
            writing the same report twice changes nothing.
        """
        return assessment_batches(self, run)


def _positions(assessments: Sequence[Assessment]) -> tuple[Position, ...]:
    shapes = crs84_geometries([entry.sample.wkt for entry in assessments])
    points = shapely.point_on_surface(shapes)
    return tuple(zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True))


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def _figures_dict(found: Figures) -> dict[str, Any]:
    return {
        "counts": {outcome.words: number for outcome, number in found.counts.items()},
        "accuracy": found.accuracy,
        "interval": found.interval,
        "median_f1": found.median_f1,
        "classes": [
            {
                "class": entry.kind,
                "label": class_label(entry.kind),
                "samples": entry.samples,
                "agrees": entry.agrees,
                "disagrees": entry.disagrees,
                "no_feature": entry.no_feature,
                "no_crosswalk": entry.no_crosswalk,
                "precision": entry.precision,
                "recall": entry.recall,
                "f1": entry.f1,
            }
            for entry in found.classes
        ],
        "confusion": [
            {"sample_class": kind, "map_class": mapped, "samples": number}
            for (kind, mapped), number in found.confusion.items()
        ],
    }
