"""Batches of text columns to lines of N-Triples or N-Quads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import Sink

from ..language.model import TriplesMap
from ..runs.opened import Workplace
from ..sinks import NTriplesSink
from ..terms.cells import Batch
from .kernel import SLACK, put_rows
from .program import Builder, Longer, Program

_ROOM: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """What the short way did with a batch.

    Attributes
    ----------
    odd : ndarray of bool, shape (n,)
        Rows left to the general way.
    triples : int
    invalid : int
        Invalid geometries among those written.
    """

    odd: npt.NDArray[np.bool_]
    triples: int
    invalid: int


class LineWriter:
    """Writes batches by a program.

    Parameters
    ----------
    program : Program
    sink : NTriplesSink
    """

    def __init__(self, program: Program, sink: NTriplesSink) -> None:
        self._program = program
        self._sink = sink
        self._constants = np.frombuffer(program.constants, np.uint8)
        self._out = np.empty(_ROOM, np.uint8)

    def write(self, batch: Batch) -> Written:
        """Write the rows that are sure to mean what the general way makes of them."""
        columns = [batch.columns[name] for name in self._program.columns]
        odd = np.zeros(len(batch), np.bool_)
        plain = (one.rows is None and one.kinds is None for one in columns)
        if not all(plain) or not all(pa.types.is_string(one.values.type) for one in columns):
            odd[:] = True
            return Written(odd, 0, 0)
        data, starts, ends = _spans([one.values for one in columns], len(batch))
        unsure = np.zeros((len(self._program.geometries), len(batch)), np.bool_)
        triples = self._put(data, starts, ends, unsure, odd)
        return Written(odd, triples, self._invalid(batch, unsure & ~odd))

    def _put(
        self,
        data: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        unsure: npt.NDArray[np.bool_],
        odd: npt.NDArray[np.bool_],
    ) -> int:
        program, triples, row = self._program, 0, 0
        lengths = ends - np.maximum(starts, 0)
        longest = int((program.weights @ lengths).max(initial=0)) + program.fixed
        if 2 * longest > len(self._out):
            self._out = np.empty(2 * longest, np.uint8)
        while row < len(odd):
            row, size, lines = put_rows(
                row,
                program.steps,
                self._constants.ctypes.data,
                data.ctypes.data,
                starts,
                ends,
                program.weights,
                program.fixed,
                self._out.ctypes.data,
                len(self._out),
                unsure,
                odd,
            )
            self._sink.write_lines(self._out[:size].data, lines)
            triples += lines
        return triples

    def _invalid(self, batch: Batch, unsure: npt.NDArray[np.bool_]) -> int:
        """How many of the geometries that the kernel was not sure of are invalid."""
        invalid = 0
        for place, column in enumerate(self._program.geometries):
            rows = np.flatnonzero(unsure[place])
            if len(rows):
                texts = batch.columns[self._program.columns[column]].values.take(pa.array(rows))
                geometries = shapely.from_wkt(texts.to_numpy(zero_copy_only=False))
                invalid += int((~shapely.is_valid(geometries)).sum())
        return invalid


def line_writer(
    place: Workplace, triples_maps: tuple[TriplesMap, ...], sink: Sink
) -> LineWriter | None:
    """Writer of the triples maps of a source; None where the general way is needed."""
    try:
        return _line_writer(place, triples_maps, sink)
    except Longer:
        return None


def why_general(place: Workplace, triples_maps: tuple[TriplesMap, ...], sink: Sink) -> str:
    """Why triples maps go the general way; empty if their sound rows go the short one.

    Columns that are not of text go the general way whatever this says.
    """
    try:
        _line_writer(place, triples_maps, sink)
    except Longer as reason:
        return str(reason)
    return ""


def _line_writer(place: Workplace, triples_maps: tuple[TriplesMap, ...], sink: Sink) -> LineWriter:
    if not isinstance(sink, NTriplesSink):
        raise Longer("only N-Triples and N-Quads have a short way")
    builder = Builder(sink.holds_graphs)
    for rule in triples_maps:
        try:
            builder.add(rule, place.settings(rule))
        except Longer as reason:
            raise Longer(f"{rule.name}: {reason}") from reason
    return LineWriter(builder.program(), sink)


def _spans(
    columns: list[pa.Array], count: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Bytes of all columns, one after the other, and where each value begins and ends."""
    starts = np.empty((len(columns), count), np.int64)
    ends = np.empty_like(starts)
    found: list[npt.NDArray[np.uint8]] = []
    base = 0
    for number, column in enumerate(columns):
        _, offset_buffer, buffer = column.buffers()
        offsets = np.frombuffer(offset_buffer, np.int32)[column.offset : column.offset + count + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        found.append(np.frombuffer(buffer or b"", np.uint8)[first:last])
        np.add(offsets[:-1], base - first, out=starts[number])
        np.add(offsets[1:], base - first, out=ends[number])
        if column.null_count:
            missing = np.asarray(column.is_null())
            starts[number, missing], ends[number, missing] = -1, 0
        base += last - first
    found.append(np.zeros(SLACK, np.uint8))
    return np.concatenate(found), starts, ends
