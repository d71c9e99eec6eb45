from __future__ import annotations

from types import TracebackType
from typing import Self

import pyarrow as pa
import pytest

from ontology import (
    ARROW_TYPES,
    CRS84,
    LANE_CODES,
    LANE_DATATYPES,
    EntityBatch,
    GeoloomError,
    Lane,
    Property,
    Sink,
    SinkReport,
    TermColumn,
)

NODES = pa.array(["http://a", "_:b", None])


def test_every_lane_has_a_type_a_code_and_a_datatype() -> None:
    assert set(ARROW_TYPES) == set(Lane)
    assert set(LANE_CODES) == set(Lane)
    assert len(set(LANE_CODES.values())) == len(Lane)
    assert set(LANE_DATATYPES) == set(Lane) - {Lane.NODE, Lane.OTHER}


@pytest.mark.parametrize("lane", Lane)
def test_a_column_holds_its_lane_type_only(lane: Lane) -> None:
    needed = {
        Lane.LANG: {"lang": "en"},
        Lane.OTHER: {"datatype": "http://d"},
        Lane.GEOMETRY: {"crs": CRS84},
    }.get(lane, {})
    column = TermColumn(lane, pa.nulls(2, ARROW_TYPES[lane]), **needed)
    assert len(column) == 2
    with pytest.raises(GeoloomError, match="Arrow type"):
        TermColumn(lane, pa.nulls(2, pa.int8()), **needed)
    if needed:
        with pytest.raises(GeoloomError, match=next(iter(needed))):
            TermColumn(lane, pa.nulls(2, ARROW_TYPES[lane]))


def test_lexical_forms_go_with_their_values() -> None:
    values = pa.array([1, 2], pa.int64())
    assert TermColumn(Lane.INTEGER, values, lexical=pa.array(["01", None])).lexical is not None
    with pytest.raises(GeoloomError, match="same length"):
        TermColumn(Lane.INTEGER, values, lexical=pa.array(["01"]))


def test_a_batch_has_one_object_a_row() -> None:
    prop = Property("http://p", TermColumn(Lane.NODE, NODES))
    batch = EntityBatch(NODES, (prop,))
    assert (batch.graph, batch.theme) == (None, "rdf")
    with pytest.raises(GeoloomError, match="one object a row") as caught:
        EntityBatch(NODES.slice(1), (prop,))
    assert caught.value.where == "http://p"


class Forgetful:
    """The least a sink can be."""

    def write(self, batch: EntityBatch) -> None:
        del batch

    def commit(self) -> SinkReport:
        return SinkReport(offered=0, written=0)

    def abort(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()


def test_the_protocol_of_sinks() -> None:
    with Forgetful() as sink:
        assert isinstance(sink, Sink)
        assert sink.commit().remarks == ()
    assert not isinstance(object(), Sink)
