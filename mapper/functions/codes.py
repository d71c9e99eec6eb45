"""Built-in functions on codes of code lists, in the ``gl:`` namespace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import CodeList, MappingError, UnknownCodeError, code_list

from ..language.vocabulary import GL, did_you_mean
from ..terms.cells import Cells
from ..terms.faults import positions
from .arguments import single
from .registry import Call, register

_UNKNOWN = ("bad", "none")


def _concept(
    call: Call,
    scheme: Cells,
    code: Cells,
    notation: Cells | None = None,
    unknown: Cells | None = None,
) -> pa.Array:
    """Concept IRI of a class code.

    An unknown code marks its row as bad; with ``unknown`` "none" it gives no value and a remark.
    """
    known = code_list(single(scheme, "scheme", call))
    kind = "code" if notation is None else single(notation, "notation", call)
    codes = _codes(code.values)
    found = known.lookup(codes, kind)
    if found.unknown:
        lenient = unknown is not None and _choice(unknown, call) == "none"
        _report(call, known, kind, codes, lenient)
    return found.iris


def _label(call: Call, scheme: Cells, code: Cells, notation: Cells | None = None) -> pa.Array:
    """English label of a class code; no value for an unknown one."""
    known = code_list(single(scheme, "scheme", call))
    kind = "code" if notation is None else single(notation, "notation", call)
    iris = known.lookup(_codes(code.values), kind).iris.dictionary_encode()
    labels = pa.array([known.label(iri) for iri in iris.dictionary.to_pylist()], pa.string())
    return labels.take(iris.indices)


def _lookup(call: Call, value: Cells, table: Cells, unknown: Cells | None = None) -> pa.Array:
    """What a table ``code=text|code=text`` says; an unknown code as in ``concept``."""
    pairs = [pair.split("=", 1) for pair in single(table, "table", call).split("|")]
    if any(len(pair) != 2 for pair in pairs):
        raise MappingError("A table of gl:lookup is written code=text|code=text", where=call.where)
    codes = pc.utf8_trim_whitespace(pc.cast(_codes(value.values), pa.string()))
    at = pc.index_in(codes, value_set=pa.array([code for code, _ in pairs], pa.string()))
    if unknown is None or _choice(unknown, call) == "bad":
        bad = positions(pc.and_(pc.is_valid(codes), pc.is_null(at)))
        call.fault(
            bad,
            lambda k: f"{call.where}: code {codes[int(bad[k])].as_py()!r} is not in the table",
            UnknownCodeError,
        )
    return pa.array([text for _, text in pairs], pa.string()).take(at)


def _codes(values: pa.Array) -> pa.Array:
    """Codes as texts or whole numbers: doubles that are whole are written as such."""
    if not pa.types.is_floating(values.type):
        return values if not pa.types.is_boolean(values.type) else pc.cast(values, pa.int8())
    rounded = pc.round(values)
    whole = pc.and_(pc.equal(values, rounded), pc.less(pc.abs(values), 2.0**53))
    integers = pc.cast(pc.if_else(whole, rounded, 0.0), pa.int64())
    return pc.if_else(whole, pc.cast(integers, pa.string()), pc.cast(values, pa.string()))


def _choice(unknown: Cells, call: Call) -> str:
    value = single(unknown, "unknown", call)
    if value not in _UNKNOWN:
        raise MappingError(
            f"The parameter unknown is bad or none, not {value!r}",
            where=call.where,
            remedy=did_you_mean(value, _UNKNOWN),
        )
    return value


def _report(call: Call, known: CodeList, kind: str, codes: Any, lenient: bool) -> None:
    coded = codes.dictionary_encode()
    strange = np.array(
        [
            bool(known.lookup(coded.dictionary.slice(k, 1), kind).unknown)
            for k in range(len(coded.dictionary))
        ]
    )
    index = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)
    present = codes.is_valid().to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(strange[index] & present)
    name = known.name if kind == "code" else f"{known.name} ({kind})"
    if lenient:
        counts = np.bincount(index[bad], minlength=len(strange))
        for k in np.flatnonzero(counts).tolist():
            text = coded.dictionary[k].as_py()
            call.faults.remark(f"{call.where}: code {text!r} is not in {name}", int(counts[k]))
        return
    call.fault(
        bad,
        lambda k: f"{call.where}: code {codes[int(bad[k])].as_py()!r} is not in {name}",
        UnknownCodeError,
    )


register(GL + "concept", _concept, native=True)
register(GL + "conceptLabel", _label, native=True)
register(GL + "lookup", _lookup, native=True)
