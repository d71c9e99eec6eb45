"""String templates of RML (RML-Core, section "Template-valued term maps")."""

from __future__ import annotations

from ontology import MappingError

from .model import Reference, Template


def parse_template(text: str, where: str = "") -> Template:
    r"""Split a template into text and references; ``\{``, ``\}`` and ``\\`` are escapes.

    Raises
    ------
    MappingError
        For unbalanced braces, empty references and unknown escapes.

    Examples
    --------
    >>> parse_template("http://ex/{id}").parts
    ('http://ex/', Reference(name='id'))
    """
    parts: list[str | Reference] = []
    current: list[str] = []
    inside = False
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
            if position >= len(text) or text[position] not in "\\{}":
                raise _broken(text, where, "a backslash must stand before {, } or \\")
            current.append(text[position])
        elif char == "{":
            if inside:
                raise _broken(text, where, "a reference stands inside a reference")
            _close_text(parts, current)
            inside = True
        elif char == "}":
            if not inside or not current:
                raise _broken(text, where, "a } has no reference before it")
            parts.append(Reference("".join(current)))
            current.clear()
            inside = False
        else:
            current.append(char)
        position += 1
    if inside:
        raise _broken(text, where, "a { is never closed")
    _close_text(parts, current)
    return Template(tuple(parts))


def escape(text: str) -> str:
    """Text as it must stand in a template to mean itself."""
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")


def _close_text(parts: list[str | Reference], current: list[str]) -> None:
    if current:
        parts.append("".join(current))
        current.clear()


def _broken(text: str, where: str, why: str) -> MappingError:
    return MappingError(
        "A template is broken",
        where=f"{where}: {text!r}" if where else repr(text),
        why=why,
        remedy="write \\\\{ in Turtle for a brace that is meant as text",
    )
