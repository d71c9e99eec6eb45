"""Guesses of columns that hold codes of a code list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import CODE_LISTS, code_list

from ..describe import Column

_HINTS: Final = {
    "usda-cdl": r"cdl",
    "lucas2018-lc1": r"lc1|lucas",
    "hcat3": r"hcat",
    "worldcover": r"worldcover|(^|_)wc(_|$)",
    "corine": r"corine|clc|code_?(18|12|06|00)",
    "sigrid3-stage": r"sigrid|(^|_)(sod|stage|sa|sb|sc)(_|$)",
}
_NATIONAL: Final = {
    "at": r"^snar_code$",
    "be-vlg": r"^gwscod(_[vhn]2?)?$",
    "be-wal": r"^cult_(cod|nom)$",
    "de-bb": r"^(code|k_art)$",
    "de-ls": r"^ku?ltur_?code$",
    "dk": r"^afgkode$",
    "ee": r"^taotletud_(kultuur|maakasutus)$",
    "es": r"^parc_producto$|^producto$",
    "fi": r"^kasvikoodi$",
    "fr": r"^code_cultu$",
    "hr": r"^land_use_id$",
    "ie": r"^(crop|crop_name|name)$",
    "lt": r"^(grupe|kodas)$",
    "lv": r"^product_code$",
    "nl": r"^gewascode$|^gws_gewasc$",
    "pt": r"^cul_codigo$",
    "se": r"^grdkod_mar$",
    "si": r"^sifra_kmrs$",
    "sk": r"^plodina$",
}
"""Names of the columns national publications of parcels have for the crop (facts)."""

_VALUE: Final = frozenset({"value", "code", "class", "dn", "gridcode"})
_BESIDE: Final = {"de-bb": "code_bez"}
"""Columns that stand beside a code whose own name says too little."""
_CLASSES: Final = re.compile(r"class|klass|code|cover|land|crop|lc|typ", re.IGNORECASE)
_MOST: Final = 2_000
_FEWEST: Final = 3
"""So many codes of more than one sign must fit a list no name points to."""
_ENOUGH: Final = 0.6
"""Of the codes of a column that is named like a national one, so many must be known."""


@dataclass(frozen=True, slots=True)
class CodeGuess:
    """A column's codes are those of a list, in a notation; ``unknown`` are not in it."""

    scheme: str
    notation: str = "code"
    unknown: tuple[str, ...] = ()


def code_guess(column: Column, path: str, beside: frozenset[str]) -> CodeGuess | None:
    """Code list the values of a column are in, if its name or their form point to one.

    ``path`` is that of the file, ``beside`` the names of all columns, in lower case.
    """
    texts = _texts(column)
    if texts is None:
        return None
    value = column.name.lower() in _VALUE
    named = f"{column.name} {path if value else ''}".lower()
    numbers = pc.all(pc.match_substring_regex(texts, r"^\d+$")).as_py()
    for scheme in CODE_LISTS:
        hinted = re.search(_HINTS.get(scheme, "^$"), named)
        if not hinted and (numbers or _plain(texts) or not _CLASSES.search(column.name)):
            continue
        known = code_list(scheme)
        if not known.lookup(texts).unknown:
            return CodeGuess(scheme)
        if hinted and _grid(scheme, texts):
            return CodeGuess(scheme, "grid")
    return _national(column.name, texts, beside)


def _plain(texts: pa.Array) -> bool:
    """Whether the values are too few or too short to tell a list by them."""
    return len(texts) < _FEWEST or pc.min(pc.utf8_length(texts)).as_py() < 2


def best_of(names: list[str]) -> str:
    """Of several columns with codes, the one that says what is there now.

    The main crop before those sown earlier and later; the last of numbered columns.

    Examples
    --------
    >>> best_of(["CDL2017", "CDL2018"]), best_of(["GWSCOD_V", "GWSCOD_H", "GWSCOD_N"])
    ('CDL2018', 'GWSCOD_H')
    """
    main = [name for name in names if re.search(r"_(h|haupt|main)$", name.lower())]
    numbered = [name for name in names if re.search(r"(19|20)\d\d$", name)]
    return main[0] if main else max(numbered) if len(numbered) > 1 else names[0]


def _grid(scheme: str, texts: pa.Array) -> bool:
    known = code_list(scheme)
    return (
        any(c.grid is not None for c in known.concepts) and not known.lookup(texts, "grid").unknown
    )


def _national(name: str, texts: pa.Array, beside: frozenset[str]) -> CodeGuess | None:
    hcat = code_list("hcat3")
    best: CodeGuess | None = None
    for notation, pattern in _NATIONAL.items():
        if not re.search(pattern, name.lower()) or not {_BESIDE.get(notation, name)} <= (
            beside | {name}
        ):
            continue
        unknown = hcat.lookup(texts, notation).unknown
        if len(unknown) > (1 - _ENOUGH) * len(texts):
            continue
        if best is None or len(unknown) < len(best.unknown):
            best = CodeGuess("hcat3", notation, unknown)
    return best


def _texts(column: Column) -> pa.Array | None:
    if not 0 < len(column.values) < _MOST or column.several:
        return None
    values = column.values
    if column.kind in ("double", "float"):
        if not pc.all(pc.equal(values, pc.round(values))).as_py():
            return None
        values = pc.cast(pc.cast(values, pa.int64(), safe=False), pa.string())
    if column.kind.startswith(("int", "uint", "string", "double", "float")):
        return pc.cast(values, pa.string())
    return None
