"""Synthetic scenarios that know their true answers, for the demo and the tests."""

from .generate import generate, read_scenario
from .truth import (
    Confusion,
    CoverSearch,
    DistrictSearch,
    IceSearch,
    InconsistentSearch,
    Scenario,
    Truth,
)

__all__ = [
    "Confusion",
    "CoverSearch",
    "DistrictSearch",
    "IceSearch",
    "InconsistentSearch",
    "Scenario",
    "Truth",
    "generate",
    "read_scenario",
]
