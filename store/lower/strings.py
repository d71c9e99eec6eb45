"""String functions: SPARQL 1.1 section 17.4.3.

A string literal is an xsd:string or a language-tagged string; anything else is an error.
Regular expressions run in DuckDB's RE2: see :mod:`store.lower.regex`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ontology import Lane

from ..values import Value
from . import numbers, regex, sql
from .shapes import TEXT_LANES, integer, of_lane, of_lanes, single, text, truth
from .sql import Sql


def string_text(value: Value) -> Sql:
    """Text of a string literal, else NULL."""
    found = of_lanes(value, TEXT_LANES, "text")
    return sql.null("VARCHAR") if isinstance(found, exp.Null) else found


def simple_text(value: Value) -> Sql:
    """Text of an xsd:string, else NULL."""
    found = of_lane(value, Lane.STRING)
    return sql.null("VARCHAR") if isinstance(found, exp.Null) else found


def like(model: Value, made: Sql) -> Value:
    """A string literal of the kind (and language) of the model."""
    if Lane.LANG not in model.lanes:
        return text(made)
    lang = model.get("lang")
    if model.only_lane is Lane.LANG:
        return single(Lane.LANG, made, lang=lang)
    lanes = model.lanes & TEXT_LANES
    tag = sql.when(sql.not_null(made), model.get("tag"))
    return Value(lanes, {"tag": tag, "text": made, "lang": lang})


def _fit(first: Value, second: Value) -> Sql | None:
    """Argument compatibility (17.4.3.1.2) beyond both being string literals; None = given."""
    if Lane.LANG not in second.lanes:
        return None
    plain = sql.is_null(second.get("lang"))
    same = sql.binary(
        "=", sql.func("lower", first.get("lang")), sql.func("lower", second.get("lang"))
    )
    return sql.any_of([plain, same])


def _pair(name: str, first: Value, second: Value) -> Sql:
    made = sql.func(name, string_text(first), string_text(second))
    fit = _fit(first, second)
    return made if fit is None else sql.when(fit, made)


def contains(first: Value, second: Value) -> Value:
    """``CONTAINS``."""
    return truth(_pair("contains", first, second))


def starts(first: Value, second: Value) -> Value:
    """``STRSTARTS``."""
    return truth(_pair("starts_with", first, second))


def ends(first: Value, second: Value) -> Value:
    """``STRENDS``."""
    return truth(_pair("ends_with", first, second))


def length(value: Value) -> Value:
    """``STRLEN``, in code points."""
    return integer(sql.func("length", string_text(value)))


def upper(value: Value) -> Value:
    """``UCASE`` by full case mapping, so ß becomes SS."""
    return like(value, _cased("upper", string_text(value)))


def lower(value: Value) -> Value:
    """``LCASE`` by full case mapping."""
    return like(value, _cased("lower", string_text(value)))


def _cased(name: str, node: Sql) -> Sql:
    """DuckDB maps character by character, which is enough for ASCII."""
    ascii_only = sql.binary("=", sql.func("strlen", node), sql.func("length", node))
    return sql.case([(ascii_only, sql.func(name, node))], sql.func(f"gl_{name}", node))


def substring(value: Value, start: Value, size: Value | None = None) -> Value:
    """``SUBSTR`` with 1-based positions, rounded as XPath's fn:substring does."""
    begin = _whole(start)
    one = sql.number(1)
    first = sql.func("greatest", begin, one)
    source = string_text(value)
    if size is None:
        cut = sql.func("substring", source, first)
        return like(value, sql.when(sql.not_null(begin), cut))
    end = sql.binary("+", begin, _whole(size))
    count = sql.func("greatest", sql.binary("-", end, first), sql.number(0))
    return like(value, sql.when(sql.not_null(end), sql.func("substring", source, first, count)))


def _whole(value: Value) -> Sql:
    found = [
        node if kind == "integer" else sql.try_cast(sql.func("floor", _plus_half(node)), "BIGINT")
        for kind, node in numbers.parts(value).items()
    ]
    return sql.first_of(found) if found else sql.null("BIGINT")


def _plus_half(node: Sql) -> Sql:
    return sql.binary("+", node, sql.number("0.5"))


def before(first: Value, second: Value) -> Value:
    """``STRBEFORE``: the empty plain string if not found."""
    size = sql.binary("-", _position(first, second), sql.number(1))
    return _part(first, second, sql.func("left", string_text(first), size))


def after(first: Value, second: Value) -> Value:
    """``STRAFTER``: the empty plain string if not found."""
    start = sql.binary("+", _position(first, second), sql.func("length", string_text(second)))
    return _part(first, second, sql.func("substring", string_text(first), start))


def _position(first: Value, second: Value) -> Sql:
    where = sql.func("strpos", string_text(first), string_text(second))
    empty = sql.binary("=", string_text(second), sql.string(""))
    return sql.case([(empty, sql.number(1))], where)


def _part(first: Value, second: Value, cut: Sql) -> Value:
    where = _position(first, second)
    found = sql.binary(">", where, sql.number(0))
    made = sql.case([(found, cut), (sql.negate(found), sql.string(""))])
    fit = _fit(first, second)
    made = made if fit is None else sql.when(fit, made)
    if Lane.LANG not in first.lanes:
        return text(made)
    lang = sql.when(found, first.get("lang"))
    whole = sql.case(
        [(sql.is_null(made), sql.null("UTINYINT")), (found, first.get("tag"))],
        text(sql.string("")).get("tag"),
    )
    return Value(frozenset(TEXT_LANES), {"tag": whole, "text": made, "lang": lang})


def concat(*values: Value) -> Value:
    """``CONCAT``: keeps the language if all arguments have the same."""
    if not values:
        return text(sql.string(""))
    made = string_text(values[0])
    for value in values[1:]:
        made = sql.binary("||", made, string_text(value))
    if any(Lane.LANG not in value.lanes for value in values):
        return text(made)
    lang = values[0].get("lang")
    same = [
        sql.binary("=", sql.func("lower", v.get("lang")), sql.func("lower", lang)) for v in values
    ]
    kept = sql.when(sql.every(same), lang)
    lane = sql.case(
        [(sql.not_null(kept), single(Lane.LANG, made).get("tag"))], text(made).get("tag")
    )
    return Value(frozenset(TEXT_LANES), {"tag": lane, "text": made, "lang": kept})


def encode_for_uri(value: Value) -> Value:
    """``ENCODE_FOR_URI``."""
    return text(sql.func("url_encode", string_text(value)))


def lang_matches(tag: Value, wanted: Value) -> Value:
    """``LANGMATCHES``: basic filtering of RFC 4647."""
    have, want = (sql.func("lower", simple_text(v)) for v in (tag, wanted))
    prefix = sql.func("starts_with", have, sql.binary("||", want, sql.string("-")))
    some = sql.binary("!=", have, sql.string(""))
    star = sql.binary("=", want, sql.string("*"))
    return truth(sql.case([(star, some)], sql.any_of([sql.binary("=", have, want), prefix])))


def matches(value: Value, pattern: Value, flags: Value | None = None) -> Value:
    """``REGEX``; a pattern or flag that is not valid is an error."""
    source, wanted = string_text(value), _pattern(pattern, flags)
    return truth(sql.guarded(sql.func("regexp_matches", source, wanted)))


def replace(value: Value, pattern: Value, made: Value, flags: Value | None = None) -> Value:
    """``REPLACE``; a pattern that matches the empty string is an error (XPath err:FORX0003)."""
    source, wanted = string_text(value), _pattern(pattern, flags)
    groups = _replacement(wanted, made, flags)
    replaced = sql.func("regexp_replace", source, wanted, groups, sql.string("g"))
    empty = sql.func("regexp_matches", sql.string(""), wanted)
    return like(value, sql.guarded(sql.when(sql.negate(empty), replaced)))


def _pattern(pattern: Value, flags: Value | None) -> Sql:
    """The pattern with its flags inline, or NULL: DuckDB refuses a bad constant while binding."""
    given = [simple_text(pattern), simple_text(flags) if flags is not None else sql.string("")]
    written = _constants(given)
    if written is None:
        return sql.func("gl_regex", *given)
    return _text_or_null(regex.checked(*written))


def _replacement(wanted: Sql, made: Value, flags: Value | None) -> Sql:
    given = [wanted, simple_text(made), simple_text(flags) if flags else sql.string("")]
    written = _constants(given)
    if written is None:
        return sql.func("gl_replacement", *given)
    return _text_or_null(regex.replacement(*written))


def _constants(nodes: Sequence[Sql]) -> list[str] | None:
    if all(isinstance(node, exp.Literal) and node.is_string for node in nodes):
        return [str(node.this) for node in nodes]
    return None


def _text_or_null(text: str | None) -> Sql:
    return sql.null("VARCHAR") if text is None else sql.string(text)
