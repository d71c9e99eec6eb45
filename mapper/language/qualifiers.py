"""Whether the datatype and language of a term map can be."""

from __future__ import annotations

from typing import Final

from ontology import IRI, XSD_STRING, MappingError

from .model import Constant, TermMap, TermType
from .vocabulary import did_you_mean

_XSD: Final = XSD_STRING.removesuffix("string")
_XSD_TYPES: Final = frozenset(
    {
        "ENTITIES",
        "ENTITY",
        "ID",
        "IDREF",
        "IDREFS",
        "NCName",
        "NMTOKEN",
        "NMTOKENS",
        "NOTATION",
        "Name",
        "QName",
        "anyAtomicType",
        "anySimpleType",
        "anyType",
        "anyURI",
        "base64Binary",
        "boolean",
        "byte",
        "date",
        "dateTime",
        "dateTimeStamp",
        "dayTimeDuration",
        "decimal",
        "double",
        "duration",
        "float",
        "gDay",
        "gMonth",
        "gMonthDay",
        "gYear",
        "gYearMonth",
        "hexBinary",
        "int",
        "integer",
        "language",
        "long",
        "negativeInteger",
        "nonNegativeInteger",
        "nonPositiveInteger",
        "normalizedString",
        "positiveInteger",
        "short",
        "string",
        "time",
        "token",
        "unsignedByte",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "yearMonthDuration",
    }
)


def check_qualifiers(
    datatype: TermMap | None, language: TermMap | None, kind: TermType, where: str
) -> None:
    """Check datatype and language of a term map against its type and each other.

    Raises
    ------
    MappingError
        There are both, the term is no literal, or XML Schema has no such datatype.
    """
    if datatype is not None and language is not None:
        raise MappingError(
            "A term map has a datatype and a language",
            where=where,
            remedy="keep one of them: texts with a language are rdf:langString",
        )
    if (datatype or language) is not None and kind is not TermType.LITERAL:
        raise MappingError(
            "Only a literal has a datatype or language",
            where=where,
            why=f"the term type is {kind}",
            remedy="leave out rml:termType, or the datatype and the language",
        )
    if datatype is not None and isinstance(datatype.expression, Constant):
        _check_name(datatype.expression, where)


def _check_name(datatype: Constant, where: str) -> None:
    if not isinstance(datatype.term, IRI) or not datatype.term.value.startswith(_XSD):
        return
    name = datatype.term.value.removeprefix(_XSD)
    if name not in _XSD_TYPES:
        raise MappingError(
            f"XML Schema has no datatype {name!r}",
            where=where,
            remedy=did_you_mean(name, _XSD_TYPES),
        )
