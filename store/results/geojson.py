"""SELECT answers as GeoJSON (RFC 7946): WGS 84, longitude first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import CRS84, LANE_DATATYPES, Lane

from .native import geometry_variable, shapes_in, text_column
from .solutions import batches
from .terms import escaped, field, joined, plain_terms

_NUMBERS: Final = [
    LANE_DATATYPES[lane] for lane in (Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT)
]
_JSON_NUMBER: Final = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def feature_collection(variables: Sequence[str], table: pa.Table) -> Iterator[bytes]:
    """A FeatureCollection: the first geometry variable is the geometry, the rest properties.

    Raises
    ------
    UsageError
        No variable holds geometries.
    """
    if table.num_rows == 0:
        yield b'{"type":"FeatureCollection","features":[]}\n'
        return
    name = geometry_variable(variables, table, None)
    rest = [variable for variable in variables if variable != name]
    yield b'{"type":"FeatureCollection","features":['
    separator = ""
    for batch in batches(table):
        shapes = pa.array(shapely.to_geojson(shapes_in(batch.column(name), CRS84)), pa.string())
        parts = [_property(variable, batch.column(variable)) for variable in rest]
        properties = (
            pc.binary_join_element_wise(*parts, ",")
            if parts
            else pa.array([""] * batch.num_rows, pa.string())
        )
        features = joined(
            '{"type":"Feature","geometry":',
            pc.fill_null(shapes, "null"),
            ',"properties":{',
            properties,
            "}}",
        )
        yield (separator + ",\n".join(features.to_pylist())).encode()
        separator = ",\n"
    yield b"]}\n"


def _property(name: str, column: pa.StructArray) -> pa.Array:
    terms = plain_terms(column)
    text, datatype = text_column(terms), field(terms, "datatype")
    number = pc.and_(
        pc.is_in(datatype, pa.array(_NUMBERS)), pc.match_substring_regex(text, _JSON_NUMBER)
    )
    truth = pc.and_(
        pc.equal(datatype, LANE_DATATYPES[Lane.BOOLEAN]),
        pc.is_in(text, pa.array(["true", "false"])),
    )
    raw = pc.fill_null(pc.or_(number, pc.fill_null(truth, False)), False)
    written = pc.if_else(raw, text, joined('"', escaped(text), '"'))
    return joined(json.dumps(name, ensure_ascii=False) + ":", pc.fill_null(written, "null"))
