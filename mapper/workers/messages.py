"""What the processes of a run say to each other."""

from __future__ import annotations

from dataclasses import dataclass

from ontology import GeoloomError

from ..language.model import LogicalSource, Mapping
from ..runs.tally import Tally
from ..sources import Surroundings
from ..terms.faults import Quarantined


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is for; the first it is told.

    Attributes
    ----------
    mapping : Mapping
    around : Surroundings
    source : LogicalSource
        Whose triples maps it runs.
    fail : bool
        The first bad row is an error.
    graphs : bool
        Whether the lines hold named graphs.
    slots, size : int
        Shared buffers of the worker, and bytes of each.
    """

    mapping: Mapping
    around: Surroundings
    source: LogicalSource
    fail: bool
    graphs: bool
    slots: int
    size: int


@dataclass(frozen=True, slots=True)
class Task:
    """A block of the file; see :class:`Block`."""

    place: int
    size: int
    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class Free:
    """A slot was written out."""

    slot: int


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of the oldest task not done, in a slot."""

    slot: int
    size: int


@dataclass(frozen=True, slots=True)
class Done:
    """The oldest task is done: its counts and bad rows, or what ends the run."""

    tally: Tally
    bad: tuple[Quarantined, ...]
    error: GeoloomError | None = None
