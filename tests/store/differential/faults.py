"""Known faults of pyoxigraph 0.5: the construct, the standard's section, and a cure for each.

Two are no faults but choices that the standard leaves to an engine; they say so.

A cure writes a case anew so that the fault cannot show; most ask the oracle alone, in words that
mean the same. A difference is excused only if both engines agree about the cured case.
``test_faults.py`` holds each to it: uncured the sample still differs, and cured it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .data import Data
from .queries import Query
from .rewriting import (
    counted_by_sums,
    graphs_one_by_one,
    greatest_of_all,
    minus_of_something_shared,
    order_of_values,
    predicates_one_by_one,
    replacing_something,
    substring_of_whole_numbers,
    truth_of_strings,
    with_unions,
)
from .terms import full, twin

Case = tuple[Query, Data]


@dataclass(frozen=True, slots=True)
class Fault:
    """What pyoxigraph does, what is right (``section`` of SPARQL 1.1 Query), and a small sample.

    ``rows`` is how many rows are right.
    """

    name: str
    section: str
    does: str
    cure: Callable[[Query, Data], Case]
    sample: str
    data: tuple[tuple[str, str, str, str], ...] = ()
    rows: int = 1


def _for_oracle(change: Callable[[str], str]) -> Callable[[Query, Data], Case]:
    """A cure that asks the oracle the same in other words; ours is asked as before."""

    def cure(query: Query, data: Data) -> Case:
        asked = query.defined or query.marked
        changed = change(asked)
        return (query if changed == asked else replace(query, defined=changed)), data

    return cure


_ASKS_FOR_FORM = re.compile(r"\b(STR|LANG|DATATYPE|STRDT|sameTerm)\(")
_LITERAL = re.compile(r'"[^"]*"\^\^[\w:]+|\b(?:true|false)\b|(?<![\w:"?.])-?\d[\d.]*')
_NO_VALUE = ('"300"^^xsd:byte', '"-1"^^xsd:nonNegativeInteger')


def _canonical(query: Query, data: Data) -> Case:
    """Canonical literals in what both are asked and hold, if the query asks for their form."""
    return _rewritten(query, data, twin) if _ASKS_FOR_FORM.search(query.text) else (query, data)


def _one_of_each_value(query: Query, data: Data) -> Case:
    """Canonical those typed literals that mean the same as another one of the case; no others."""
    terms = [o for _, _, o, _ in data.quads if o[0] not in ":_"] + _LITERAL.findall(query.text)
    forms: dict[str, set[str]] = {}
    for term in terms:
        forms.setdefault(full(twin(term)), set()).add(full(term))
    alike = {term for found in forms.values() if len(found) > 1 for term in found}
    return _rewritten(query, data, lambda text: twin(text, lambda term: full(term) in alike))


def _in_range(query: Query, data: Data) -> Case:
    """Plain integers for those that their datatype does not hold."""
    return _rewritten(query, data, lambda text: twin(text, _NO_VALUE.__contains__))


def _rewritten(query: Query, data: Data, change: Callable[[str], str]) -> Case:
    defined = None if query.defined is None else change(query.defined)
    return replace(query, marked=change(query.marked), defined=defined), data.rewritten(change)


_TERM = re.compile(r'"[^"]*"(?:\^\^[\w:]+|@[\w-]+)?|(?<![\w:]):\w+|(?<![\w"?.])-?\d[\d.]*')


def _nodes_added(query: Query, data: Data) -> Case:
    """Make every constant at an end of a path with ``?`` or ``*`` a node of every graph."""
    if not re.search(r"\)[*?]", query.text):
        return query, data
    terms = dict.fromkeys(term for term in _TERM.findall(query.text))
    quads = tuple(
        (":absent", ":absent", term, graph) for term in terms for graph in ("", ":g", ":h")
    )
    return query, replace(data, quads=tuple(dict.fromkeys((*data.quads, *quads))))


_COPIED = re.compile(r"\b(?:COPY|MOVE) SILENT (:\w+) TO")


def _graphs_there(query: Query, data: Data) -> Case:
    """Something in every graph that is copied or moved."""
    graphs = dict.fromkeys(_COPIED.findall(query.text))
    quads = ((":absent", ":absent", ":absent", graph) for graph in graphs)
    return query, replace(data, quads=tuple(dict.fromkeys((*data.quads, *quads))))


def _minus_shares(query: Query, data: Data) -> Case:
    """The same of both where it does not matter which variables the sides of MINUS share."""
    return _rewritten(query, data, minus_of_something_shared)


def _graphs_merged(query: Query, data: Data) -> Case:
    """A default graph of several graphs as one graph that holds the triples of all."""
    names = re.findall(r" FROM (:\w+)", query.text)
    if len(names) < 2:
        return query, data
    merged = tuple((s, p, o, ":merged") for s, p, o, g in data.quads if g in names)
    marked = re.sub(r"( FROM :\w+)+", " FROM :merged", query.marked, count=1)
    quads = tuple(dict.fromkeys((*data.quads, *merged)))
    defined = query.defined and re.sub(r"( FROM :\w+)+", " FROM :merged", query.defined, count=1)
    return replace(query, marked=marked, defined=defined), replace(data, quads=quads)


FAULTS = (
    Fault(
        "forms and datatypes",
        "RDF 1.1 Concepts section 3.3, literal term equality",
        "stores values, not terms: writes +1 as 1, 1.0 as 1, xsd:byte as xsd:integer, 24:00:00 as "
        "the next day, language tags in lower case",
        _canonical,
        'SELECT * { VALUES (?a) { ("01"^^xsd:integer) } FILTER(STR(?a) = "01") }',
    ),
    Fault(
        "terms of one value",
        "RDF 1.1 Concepts section 3.3, literal term equality",
        "takes them for one term, where solutions are joined, counted and told apart",
        _one_of_each_value,
        'SELECT DISTINCT ?a { VALUES (?a) { ("01"^^xsd:integer) (1) } }',
        rows=2,
    ),
    Fault(
        "integers out of range",
        "17.1 Operand Data Types: numeric is what XML Schema gives a value",
        "takes -1 as xsd:nonNegativeInteger for a number",
        _in_range,
        'SELECT * { VALUES (?a) { ("300"^^xsd:byte) } FILTER(! isNumeric(?a)) }',
    ),
    Fault(
        "zero-length path from a term that is no node of the graph",
        "18.4, evaluation of ZeroLengthPath",
        "gives no solution; it is one, whether or not the term is in the graph",
        _nodes_added,
        "SELECT * { :zz (:p)? ?a }",
    ),
    Fault(
        "path with an alternative",
        "18.4, evaluation of Alternative: a union, which keeps duplicates",
        "gives each pair of ends once",
        _for_oracle(with_unions),
        "SELECT ?b { ?b ((:p)|(:q)) ?d . }",
        ((":a", ":p", ":b", ""), (":a", ":q", ":b", "")),
        rows=2,
    ),
    Fault(
        "negated property set between known ends",
        "18.4, evaluation of NegatedPropertySet: one solution for each predicate",
        "gives one solution where both ends are known, by the query or by what it joined before",
        _for_oracle(predicates_one_by_one),
        "SELECT ?a { :a :p ?a . :a !:r ?a . }",
        ((":a", ":p", ":b", ""), (":a", ":q", ":b", "")),
        rows=2,
    ),
    Fault(
        "GROUP BY (?x AS ?y)",
        "19.8 rule 20 GroupCondition",
        "refuses a variable under a new name: it is selected but unbound, it says",
        _for_oracle(
            lambda text: re.sub(r"GROUP BY \((\?\w+) AS", r"GROUP BY (COALESCE(\1) AS", text)
        ),
        "SELECT ?v1 { VALUES (?a) { (1) } } GROUP BY (?a AS ?v1)",
    ),
    Fault(
        "IN ()",
        "17.4.1.9 IN: an empty list holds nothing",
        "takes the effective boolean value of the left side, an error where it has none",
        _for_oracle(lambda text: text.replace(" IN ())", " IN (:none, :none))")),
        'SELECT (("a"@en IN ()) AS ?v1) {}',
    ),
    Fault(
        "truth of strings with a language tag",
        "17.2.2 Effective Boolean Value: a plain literal is true unless it is empty",
        "makes it an error",
        _for_oracle(truth_of_strings),
        'SELECT ((! \x01"a"@en\x02) AS ?v1) {}',
    ),
    Fault(
        "COUNT of errors",
        "18.5.1.2 Count: error elements are removed",
        "makes the count an error",
        _for_oracle(counted_by_sums),
        "SELECT (COUNT(1 / 0) AS ?v1) {}",
    ),
    Fault(
        "order of truth values, and of a term and itself",
        "17.3 Operator Mapping, A < B of xsd:boolean; for a pair of unordered terms a type error",
        "makes it an error; says that a term is <= itself where its kind has no order",
        _for_oracle(order_of_values),
        "SELECT ((false < true) AS ?v1) ((:a <= :a) AS ?v2) {}",
    ),
    Fault(
        "GRAPH ?g around MINUS or VALUES",
        "18.6, evaluation of Graph: the variable is joined after the pattern is evaluated",
        "shares ?g with both sides of MINUS; does not bind it over VALUES alone",
        _for_oracle(graphs_one_by_one),
        "SELECT * { GRAPH ?a { VALUES (?b) { (1) } } }",
        ((":a", ":p", ":b", ":g"),),
    ),
    Fault(
        "MINUS inside EXISTS",
        "18.6, substitute: values take the places of variables, which MINUS then cannot share",
        "lets both sides of MINUS have the variables of the solution around EXISTS",
        _minus_shares,
        "SELECT * { VALUES (?a) { (1) } FILTER EXISTS { MINUS { BIND(?a AS ?b) } } }",
    ),
    Fault(
        "FROM of several graphs",
        "13.2 Specifying RDF Datasets: the default graph is their merge, which is a set",
        "gives a triple once for each graph that holds it",
        _graphs_merged,
        "SELECT * FROM :g FROM :h { :a :p ?b . }",
        ((":a", ":p", ":b", ":g"), (":a", ":p", ":b", ":h")),
    ),
    Fault(
        "MAX over a missing value",
        "18.5.1.6 Max: the first as by ORDER BY DESC, which has errors and what is unbound last",
        "makes the whole an error",
        _for_oracle(greatest_of_all),
        "SELECT (MAX(?a) AS ?v1) { VALUES (?a) { (1) (UNDEF) } }",
    ),
    Fault(
        "COPY and MOVE of a graph that is not there",
        "Update 3.2.3, 3.2.4: may fail; with SILENT a success, but not said what of the target",
        "empties the target, where we leave it as a failed operation does: no fault of either",
        _graphs_there,
        "COPY SILENT :h TO :g",
        ((":a", ":p", ":b", ":g"),),
        rows=1,
    ),
    Fault(
        "SUBSTR with decimals",
        "17.4.3.3 SUBSTR takes integers; 17.3.1 lets an engine give more than a type error",
        "makes it an error, where we round as fn:substring does: no fault of either",
        _for_oracle(substring_of_whole_numbers),
        'SELECT (SUBSTR("abc", 1.5) AS ?v1) {}',
    ),
    Fault(
        "REPLACE of nothing",
        "17.4.3.15 REPLACE: fn:replace, an error where the pattern matches a zero-length string",
        "gives a result",
        _for_oracle(replacing_something),
        'SELECT (REPLACE("a", "", "b") AS ?v1) {}',
    ),
)


def cured(query: Query, data: Data) -> tuple[Query, Data, tuple[str, ...]]:
    """The case with every cure that changes it, and the names of those faults."""
    names = []
    for fault in FAULTS:
        changed = fault.cure(query, data)
        if changed != (query, data):
            query, data = changed
            names.append(fault.name)
    return query, data, tuple(names)
