"""Functions of GREL and IDLab that mappings in the wild (and the RML-FNML cases) call."""

from __future__ import annotations

import html
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import UnsupportedError

from ..terms.cells import Cells
from ..terms.encode import forbidden_in_iri, iri_safe
from ..terms.literals import text_of
from .arguments import single
from .registry import Call, register

_GREL: Final = "http://users.ugent.be/~bjdmeest/function/grel.ttl#"
_IDLAB: Final = "https://w3id.org/imec/idlab/function#"
_OLD_IDLAB: Final = "http://example.com/idlab/function/"
_NO_TEXT: Final = pa.scalar(None, pa.string())


def _upper(valueParam: pa.Array) -> pa.Array:
    return pc.utf8_upper(text_of(valueParam))


def _lower(valueParam: pa.Array) -> pa.Array:
    return pc.utf8_lower(text_of(valueParam))


def _length(valueParam: pa.Array) -> pa.Array:
    return pc.utf8_length(text_of(valueParam))


def _substring(
    call: Call, valueParam: Cells, p_int_i_from: Cells, p_int_i_opt_to: Cells | None = None
) -> pa.Array:
    start = int(single(p_int_i_from, "p_int_i_from", call))
    stop = None if p_int_i_opt_to is None else int(single(p_int_i_opt_to, "p_int_i_opt_to", call))
    texts = text_of(valueParam.values)
    inside = pc.greater_equal(pc.utf8_length(texts), start)
    return pc.if_else(inside, pc.utf8_slice_codeunits(texts, start, stop), _NO_TEXT)


def _replace(call: Call, valueParam: Cells, param_find: Cells, param_replace: Cells) -> pa.Array:
    new = single(param_replace, "param_replace", call)
    old = single(param_find, "param_find", call)
    return pc.replace_substring(text_of(valueParam.values), old, new)


def _escape(call: Call, valueParam: Cells, modeParam: Cells) -> pa.Array:
    mode = single(modeParam, "modeParam", call)
    texts = text_of(valueParam.values)
    if mode == "url":
        return iri_safe(texts)
    if mode != "html":
        raise UnsupportedError(
            f"grel:escape has no mode {mode}", where=call.where, remedy="use html or url"
        )
    for char in "&<>\"'":
        texts = pc.replace_substring(texts, char, html.escape(char))
    return texts


def _upper_url(str: pa.Array) -> pa.Array:
    texts = text_of(str)
    bad = pa.array(forbidden_in_iri(texts))
    upper = pc.utf8_upper(pc.if_else(bad, iri_safe(texts), texts))
    whole = pc.match_substring_regex(texts, r"^[A-Za-z][A-Za-z0-9+.-]*:")
    return pc.if_else(whole, upper, pc.binary_join_element_wise("http://", upper, ""))


def _abc(call: Call) -> pa.Array:
    return pa.repeat("ABC", len(call.rows))


def _equal(valueParam: pa.Array, valueParam2: pa.Array) -> pa.Array:
    return pc.equal(text_of(valueParam), text_of(valueParam2))


def _not_equal(valueParam: pa.Array, valueParam2: pa.Array) -> pa.Array:
    return pc.not_equal(text_of(valueParam), text_of(valueParam2))


def _true_condition(strBoolean: pa.Array, str: pa.Array) -> pa.Array:
    holds = pc.equal(text_of(strBoolean), "true")
    return pc.if_else(holds, text_of(str), _NO_TEXT)


_ALIASES: Final = {"valueParameter": "valueParam", "valueParameter2": "valueParam2"}

for _name, _function, _outputs, _native in (
    ("toUpperCase", _upper, ("stringOut",), False),
    ("toLowerCase", _lower, ("stringOut",), False),
    ("string_length", _length, ("output_number", "stringOut"), False),
    ("string_substring", _substring, ("stringOut",), True),
    ("string_replace", _replace, ("stringOut",), True),
    ("escape", _escape, ("stringOut",), True),
):
    register(_GREL + _name, _function, outputs=_outputs, native=_native, aliases=_ALIASES)
register(_IDLAB + "toUpperCaseURL", _upper_url, outputs=("_stringOut",))
register(_IDLAB + "alwaysReturnsABC", _abc, outputs=("_stringOut",), native=True)
for _base in (_IDLAB, _OLD_IDLAB):
    register(_base + "equal", _equal, outputs=("_boolOut",), aliases=_ALIASES)
    register(_base + "notEqual", _not_equal, outputs=("_boolOut",), aliases=_ALIASES)
    register(_base + "trueCondition", _true_condition, outputs=("_stringOut",))
