"""Terms as N-Triples text, written from columns without a Python string a term."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import LANE_DATATYPES, Lane, TermColumn, lexical_forms, node_texts

_ESCAPES: Final = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))


def term_texts(column: TermColumn, iri: Callable[[str], str] = "<{}>".format) -> pa.Array:
    r"""N-Triples texts of a column of terms; null stays null.

    ``iri`` writes the IRI of the datatype, for formats that have prefixes.

    Examples
    --------
    >>> term_texts(TermColumn(Lane.STRING, pa.array(['a "b"']))).to_pylist()
    ['"a \\"b\\""']
    """
    before, texts, behind = term_parts(column, iri)
    return pc.binary_join_element_wise(before, texts, behind, "") if behind else texts


def term_parts(
    column: TermColumn, iri: Callable[[str], str] = "<{}>".format
) -> tuple[str, pa.Array, str]:
    """What :func:`term_texts` puts together: what all terms begin with, texts, what they end with.

    Long texts need not be copied to be put in a line.
    """
    if column.lane is Lane.NODE:
        return "", node_texts(column.values), ""
    texts = lexical_forms(column)
    if column.lane in (Lane.STRING, Lane.LANG, Lane.OTHER) or column.datatype is not None:
        texts = _escaped(texts)
    end = '"'
    if column.lane is Lane.LANG:
        end = f'"@{column.lang}'
    elif column.lane is not Lane.STRING:
        end = f'"^^{iri(column.datatype or LANE_DATATYPES[column.lane])}'
    return '"', texts, end


def _escaped(texts: pa.Array) -> pa.Array:
    for plain, escaped in _ESCAPES:
        if pc.any(pc.match_substring(texts, plain)).as_py():
            texts = pc.replace_substring(texts, plain, escaped)
    return texts
