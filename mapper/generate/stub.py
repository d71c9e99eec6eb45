"""The vocabulary a generated mapping uses, as OWL to be corrected."""

from __future__ import annotations

from collections.abc import Iterator

from .layers import LayerGuess, PropertyGuess
from .names import one_line, quoted

_SHOWN = 3
_LONGEST = 40


def stub_lines(layers: tuple[LayerGuess, ...]) -> Iterator[str]:
    """Classes of the layers, properties of their columns; a property of several layers once."""
    for layer in layers:
        comment = f"Guessed: a row of {layer.name}."
        yield ""
        yield f"ns:{layer.class_name} a owl:Class ;"
        if layer.description.has_geometry or layer.place is not None:
            yield "  rdfs:subClassOf geo:Feature ;"
        yield f"  rdfs:label {quoted(layer.name)} ;"
        yield f"  rdfs:comment {quoted(comment)}@en ."
    uses: dict[str, list[tuple[LayerGuess, PropertyGuess]]] = {}
    for layer in layers:
        for one in layer.properties:
            if one.own:
                uses.setdefault(one.predicate, []).append((layer, one))
    for predicate, found in uses.items():
        yield from _property(predicate, found)
        yield from _class_property(found)
    yield from _links(layers)


def _property(predicate: str, uses: list[tuple[LayerGuess, PropertyGuess]]) -> Iterator[str]:
    ranges = sorted({one.form.range for _, one in uses})
    _, first = uses[0]
    yield ""
    yield f"{predicate} a owl:DatatypeProperty ;"
    yield f"  rdfs:label {quoted(first.column.name)} ;"
    if len(uses) == 1:
        yield f"  rdfs:domain ns:{uses[0][0].class_name} ;"
    if len(ranges) == 1:
        yield f"  rdfs:range {ranges[0]} ;"
    yield f"  rdfs:comment {quoted(_comment(first))}@en ."


def _class_property(uses: list[tuple[LayerGuess, PropertyGuess]]) -> Iterator[str]:
    _, first = uses[0]
    if first.class_predicate.startswith("ns:"):
        yield ""
        yield f"{first.class_predicate} a owl:ObjectProperty ;"
        yield f"  rdfs:label {quoted(first.column.name + ', class')} ;"
        yield f'  rdfs:comment "Guessed: the class that {first.predicate} is the code of."@en .'


def _comment(one: PropertyGuess) -> str:
    values = [one_line(str(value))[:_LONGEST] for value in one.column.values[:_SHOWN].to_pylist()]
    seen = f"Values such as {', '.join(values)}." if values else "Without values so far."
    note = f" {one.form.note[0].upper()}{one.form.note[1:]}." if one.form.note else ""
    codes = f" Codes of {one.codes.scheme}." if one.codes else ""
    if one.column.kind.startswith("double") and one.form.function == "integer":
        values = [value.removesuffix(".0") for value in values]
        seen = f"Values such as {', '.join(values)}."
    return f"Guessed. {seen}{note}{codes}"


def _links(layers: tuple[LayerGuess, ...]) -> Iterator[str]:
    for layer in layers:
        for target in dict.fromkeys(link.layer for link in layer.links):
            yield ""
            yield f"ns:{layers[target].name} a owl:ObjectProperty ;"
            yield f"  rdfs:label {quoted(layers[target].name)} ;"
            yield f"  rdfs:domain ns:{layer.class_name} ;"
            yield f"  rdfs:range ns:{layers[target].class_name} ;"
            yield f'  rdfs:comment "Guessed: leads to the row of {layers[target].name}."@en .'
