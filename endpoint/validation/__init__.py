"""Validation of a class map by ground samples."""

from .layers import Layer
from .metrics import ClassFigures, Figures, wilson_interval
from .outcomes import Assessment, Outcome
from .report import ValidationReport
from .routes import validation_routes
from .triples import sample_batches
from .validate import validate

__all__ = [
    "Assessment",
    "ClassFigures",
    "Figures",
    "Layer",
    "Outcome",
    "ValidationReport",
    "sample_batches",
    "validate",
    "validation_routes",
    "wilson_interval",
]
