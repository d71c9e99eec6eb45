"""Guesses as RML, written to be read and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ontology import crs_from

from ..language.template import escape
from ..language.vocabulary import (
    CSV,
    DATABASES,
    GEO_PARQUET,
    JSON_PATH,
    RASTER_ZONES,
    STAC,
    VECTOR,
    XPATH,
)
from .layers import LayerGuess, PropertyGuess
from .names import one_line, quoted

_FORMULATIONS: Final = {
    CSV: "rml:CSV",
    JSON_PATH: "rml:JSONPath",
    VECTOR: "gl:Vector",
    GEO_PARQUET: "gl:GeoParquet",
    RASTER_ZONES: "gl:RasterZones",
    STAC: "gl:STAC",
    **{iri: f"<{iri}>" for iri in DATABASES},
}
_SHOWN: Final = 5


class LayerWriter:
    """Writes the triples maps of one layer."""

    def __init__(self, layer: LayerGuess, layers: tuple[LayerGuess, ...], base: str, path: str):
        self._layer = layer
        self._layers = layers
        self._base = base
        self._path = path

    def lines(self) -> Iterator[str]:
        """Source, features and, if there are, their geometries."""
        layer = self._layer
        yield f"# {self._summary()}"
        yield from self._source()
        yield ""
        yield f"<#{layer.name}> a rml:TriplesMap ;"
        yield f"  rml:logicalSource <#{layer.name}_source> ;"
        yield f"  # {layer.key.why}"
        yield f"  rml:subjectMap [ {self._subject()} ; rml:class {self._classes()} ]"
        for one in layer.properties:
            yield from self._property(one)
        for name in layer.left_out:
            yield f"  # {one_line(name)} is left out: it holds no value, or bytes or structures"
        yield from self._links()
        if layer.place is None:
            yield "."
        elif not layer.key.columns:
            yield "  # without a key the geometry has no name either: it stands on the row itself"
            yield "  ; rml:predicateObjectMap [ rml:predicate geo:asWKT ;"
            yield f"      rml:objectMap [ {self._wkt()} ; rml:datatype geo:wktLiteral ] ] ."
        else:
            yield from self._geometry()

    def _geometry(self) -> Iterator[str]:
        layer = self._layer
        node = f"rml:template {quoted(self._template(layer, '/geometry'))}"
        yield "  ; rml:predicateObjectMap [ rml:predicate geo:hasGeometry ;"
        yield f"      rml:objectMap [ {node} ] ] ."
        yield ""
        yield f"<#{layer.name}_geometry> a rml:TriplesMap ;"
        yield f"  rml:logicalSource <#{layer.name}_source> ;"
        yield f"  rml:subjectMap [ {node} ; rml:class geo:Geometry ] ;"
        yield "  rml:predicateObjectMap [ rml:predicate geo:asWKT ;"
        yield f"    rml:objectMap [ {self._wkt()} ; rml:datatype geo:wktLiteral ] ] ."

    def _summary(self) -> str:
        found = self._layer.description
        rows = "an unknown number of rows" if found.rows is None else f"{found.rows:,} rows"
        types = " and ".join(found.geometry_types)
        return ", ".join(filter(None, (one_line(self._layer.name), rows, types)))

    def _source(self) -> Iterator[str]:
        found = self._layer.description
        source = found.source
        yield f"<#{self._layer.name}_source>"
        if source.database is not None:
            from ..sources.database import public_url  # slow to import

            url = quoted(public_url(source.database.url or ""))
            yield "  # a password is not kept here: PGPASSWORD or --database gives it"
            yield f"  rml:source [ a d2rq:Database ; d2rq:jdbcDSN {url} ] ;"
        else:
            nulls = (*source.nulls, *self._layer.nulls)
            null = f" ; rml:null {', '.join(map(quoted, nulls))}" if nulls else ""
            path = quoted(self._path)
            yield f"  rml:source [ a rml:FilePath ; rml:path {path}{null} ] ;"
        if source.iterator is not None:
            yield f"  rml:iterator {quoted(source.iterator)} ;"
        for name, value in source.options:
            yield f"  gl:{name} {quoted(value)} ;"
        if found.has_geometry and found.crs is None:
            yield '  # the file does not say its CRS; add: gl:crs "EPSG:..." ;'
        elif found.crs is not None:
            yield f"  # CRS of the file: {found.crs} ({one_line(crs_from(found.crs).name)})"
        yield f"  rml:referenceFormulation {self._formulation()} ."

    def _formulation(self) -> str:
        source = self._layer.description.source
        if source.formulation != XPATH:
            return _FORMULATIONS[source.formulation]
        spaces = "".join(
            f" ;\n    rml:namespace [ rml:namespacePrefix {quoted(prefix)} ;"
            f" rml:namespaceURL {quoted(url)} ]"
            for prefix, url in source.namespaces
        )
        return f"[ a rml:XPathReferenceFormulation{spaces} ]" if spaces else "rml:XPath"

    def _subject(self) -> str:
        if not self._layer.key.columns:
            return "rml:termType rml:BlankNode"
        return f"rml:template {quoted(self._template(self._layer))}"

    def _template(self, layer: LayerGuess, end: str = "", columns: tuple[str, ...] = ()) -> str:
        names = columns or layer.key.columns
        key = "/".join(f"{{{escape(name)}}}" for name in names)
        return f"{escape(f'{self._base}{layer.name}/')}{key}{end}"

    def _classes(self) -> str:
        if self._layer.description.source.formulation == RASTER_ZONES:
            return "gl:Zone"
        found = [f"ns:{self._layer.class_name}"]
        if self._layer.place is not None or self._layer.description.has_geometry:
            found.append("geo:Feature")
        if self._layer.observed:
            found.append("gl:Observation")
        return ", ".join(found)

    def _property(self, one: PropertyGuess) -> Iterator[str]:
        column, form = one.column, one.form
        if form.note is not None:
            yield f"  # guess: {one_line(column.name)}: {one_line(form.note)}"
        elif not len(column.values) and column.rows and column.nulls == column.rows:
            yield f"  # {one_line(column.name)} is empty in all rows that were looked at"
        value = f"rml:reference {quoted(column.name)}"
        if form.function is not None:
            value = _call(form.function, (("value", value),), form.arguments)
        typed = f" ; rml:datatype {form.datatype}" if form.datatype else ""
        yield f"  ; rml:predicateObjectMap [ rml:predicate {one.predicate} ;"
        yield f"      rml:objectMap [ {value}{typed} ] ]"
        yield from self._codes(one)

    def _codes(self, one: PropertyGuess) -> Iterator[str]:
        guess = one.codes
        if guess is None:
            return
        constants = [("scheme", guess.scheme)]
        name = guess.scheme
        if guess.notation != "code":
            constants.append(("notation", guess.notation))
            name = f"{guess.scheme}, notation {guess.notation}"
        yield f"  # guess: {one_line(one.column.name)} holds codes of {name}"
        if guess.unknown:
            shown = ", ".join(guess.unknown[:_SHOWN])
            more = ", …" if len(guess.unknown) > _SHOWN else ""
            yield f"  # it does not have {one_line(shown)}{more}: rows with these get no class"
            constants.append(("unknown", "none"))
        value = (("code", f"rml:reference {quoted(one.column.name)}"),)
        yield f"  ; rml:predicateObjectMap [ rml:predicate {one.class_predicate} ;"
        yield f"      rml:objectMap [ {_call('concept', value, tuple(constants))} ;"
        yield "        rml:termType rml:IRI ] ]"

    def _links(self) -> Iterator[str]:
        predicates: set[str] = set()
        for link in self._layer.links:
            target = self._layers[link.layer]
            predicate = f"ns:{target.name}"
            while predicate in predicates:
                predicate += "_"
            predicates.add(predicate)
            names = ", ".join(link.columns)
            mark = "" if link.why.startswith("a foreign key") else "guess: "
            yield f"  # {mark}{one_line(names)} leads to {target.name}: {one_line(link.why)}"
            template = quoted(self._template(target, columns=link.columns))
            yield f"  ; rml:predicateObjectMap [ rml:predicate {predicate} ;"
            yield f"      rml:objectMap [ rml:template {template} ] ]"

    def _wkt(self) -> str:
        place = self._layer.place
        assert place is not None
        if place.kind == "own":
            return 'rml:reference "geometry"'
        if place.kind == "wkt":
            return f"rml:reference {quoted(place.columns[0])}"
        pairs = zip("xy", place.columns, strict=True)
        inputs = tuple((axis, f"rml:reference {quoted(name)}") for axis, name in pairs)
        return _call("point", inputs)


def _call(
    function: str,
    maps: tuple[tuple[str, str], ...],
    constants: tuple[tuple[str, str], ...] = (),
) -> str:
    inputs = [f"[ rml:parameter gl:{n} ; rml:inputValueMap [ {text} ] ]" for n, text in maps]
    inputs += [f"[ rml:parameter gl:{n} ; rml:inputValue {quoted(v)} ]" for n, v in constants]
    given = " ,\n          ".join(inputs)
    return f"rml:functionExecution [ rml:function gl:{function} ;\n        rml:input {given} ]"
