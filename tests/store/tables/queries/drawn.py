"""Random entities with everything that tables must cope with, and random queries over them."""

from __future__ import annotations

from random import Random

EX = "http://ex/"
XSD = "http://www.w3.org/2001/XMLSchema#"
GEO = "http://www.opengis.net/ont/geosparql#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PREFIXES = f"PREFIX : <{EX}>\nPREFIX geo: <{GEO}>\n"
GRAPHS = ("", "<http://ex/g1>", "<http://ex/g2>")
STAR = (
    *(":kind", ":kind", ":size", ":size", "a", "a", ":name"),
    *(":next", ":when", ":rare", "geo:hasGeometry"),
)
FILTERS = (
    "?n > 4",
    "?n < 6 || ?k = :k1",
    "BOUND(?n)",
    "STR(?s) < 'http://ex/s5'",
    "isBlank(?s)",
    "LANG(?l) = 'en'",
    "?t != ?s",
    "geof:sfIntersects(?w, 'POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))'^^geo:wktLiteral)",
)


def entities(random: Random, count: int, *, odd: bool) -> str:
    """N-Quads of some entities, some of them in several graphs, some without some predicates.

    With ``odd`` some have values of other kinds, several values, or the same geometry node, which
    then is no view of their table.
    """
    lines: list[str] = []
    for k in range(count):
        subject = f"_:b{k}" if random.random() < 0.08 else f"<{EX}s{k}>"
        for graph in random.sample(GRAPHS, random.choice((1, 1, 1, 2))):
            lines += (f"{subject} {rest} {graph} ." for rest in _about(random, k, count, odd=odd))
            if random.random() < 0.8:
                node = f"<{EX}g0>" if odd and random.random() < 0.1 else f"<{EX}g{k}>"
                point = f'"POINT({k % 13} {k % 7})"^^<{GEO}wktLiteral>'
                lines.append(f"{subject} <{GEO}hasGeometry> {node} {graph} .")
                lines.append(f"{node} <{GEO}asWKT> {point} {graph} .")
                if random.random() < 0.4:
                    lines.append(f"{node} <{TYPE}> <{GEO}Geometry> {graph} .")
    return "\n".join(dict.fromkeys(lines))


def _about(random: Random, k: int, count: int, *, odd: bool) -> list[str]:
    chance = random.random
    found = [f"<{TYPE}> <{EX}{random.choice('CCCD')}>", f"<{EX}kind> <{EX}k{k % 3}>"]
    if chance() < 0.9:
        kind = (
            random.choice(("double", "decimal", "string")) if odd and chance() < 0.15 else "integer"
        )
        found.append(f'<{EX}size> "{k % 10}"^^<{XSD}{kind}>')
    if chance() < 0.8:
        found.append(f'<{EX}name> "n{k % 5}"@{"de" if odd and chance() < 0.3 else "en"}')
    if chance() < 0.7:
        found.append(f"<{EX}next> <{EX}s{random.randrange(count)}>")
    if chance() < 0.6:
        zone = random.choice(("", "Z", "+02:00"))
        found.append(f'<{EX}when> "2020-01-{1 + k % 28:02d}T00:00:00{zone}"^^<{XSD}dateTime>')
    if chance() < 0.15:
        found.append(f'<{EX}rare> "{k}"')
    if odd and chance() < 0.3:
        found.append(f'<{EX}name> "other{k % 5}"@de')
        found.append(f"<{EX}next> <{EX}s{random.randrange(count)}>")
        found.append(f"<{TYPE}> <{EX}E>")
    return found


def changes(random: Random, count: int) -> str:
    """An update that gives some entities second values and takes single values from others."""
    some = random.sample(range(count), 4)
    return PREFIXES + (
        f"INSERT DATA {{ :s{some[0]} :size 77 . :s{some[1]} :kind :k9 ; :new 'x' . }} ;\n"
        f"DELETE WHERE {{ :s{some[2]} :kind ?k }} ;\n"
        f"DELETE {{ GRAPH :g1 {{ :s{some[3]} :name ?l }} }} "
        f"WHERE {{ GRAPH :g1 {{ :s{some[3]} :name ?l }} }}"
    )


def query(random: Random, count: int) -> str:
    """A SELECT over a star or two, with what may stand around them."""
    body = _group(random, count, 2)
    if random.random() < 0.25:
        body = f"GRAPH {random.choice(('?g', '<http://ex/g1>'))} {{ {body} }}"
    dataset = ""
    if random.random() < 0.15:
        dataset = "FROM <http://ex/g1> FROM <http://ex/g2> FROM NAMED <http://ex/g2>"
    head, tail = "*", ""
    if random.random() < 0.2:
        head, tail = "?k (COUNT(*) AS ?c) (SUM(?n) AS ?sum)", "GROUP BY ?k"
    elif random.random() < 0.15:
        head = "DISTINCT ?s ?k"
    prefixes = PREFIXES + "PREFIX geof: <http://www.opengis.net/def/function/geosparql/>\n"
    return f"{prefixes}SELECT {head} {dataset} {{ {body} }} {tail}"


def _group(random: Random, count: int, depth: int) -> str:
    parts = [_star(random, count, "?s", random.randint(1, 4))]
    if random.random() < 0.3:
        parts.append(_star(random, count, "?t", random.randint(1, 2)))
    if random.random() < 0.35:
        parts.append(
            f"?s geo:hasGeometry{random.choice(('/geo:asWKT ?w', ' ?g1 . ?g1 geo:asWKT ?w'))} ."
        )
    optionals = range(random.choice((0, 0, 1, 2)))
    parts += [f"OPTIONAL {{ {_optional(random, count)} }}" for _ in optionals]
    if depth and random.random() < 0.2:
        inner = _group(random, count, depth - 1)
        parts.append(random.choice((f"{{ {inner} }}", f"MINUS {{ {inner} }}")))
    if depth and random.random() < 0.1:
        parts.append(f"{{ {_group(random, count, 0)} }} UNION {{ {_group(random, count, 0)} }}")
    if random.random() < 0.15:
        parts.append(
            f"FILTER {random.choice(('', 'NOT '))}EXISTS {{ ?s {_pattern(random, count)} }}"
        )
    for _ in range(random.choice((0, 0, 1, 2))):
        parts.insert(random.randint(1, len(parts)), f"FILTER({random.choice(FILTERS)})")
    return " ".join(parts)


def _star(random: Random, count: int, subject: str, size: int) -> str:
    if random.random() < 0.05:
        subject = f":s{random.randrange(count)}"
    patterns = [f"{subject} {_pattern(random, count)} ." for _ in range(size)]
    if random.random() < 0.06:
        patterns.append(f"{subject} ?p ?o .")
    return " ".join(patterns)


def _optional(random: Random, count: int) -> str:
    patterns = [f"?s {_pattern(random, count)} ." for _ in range(random.choice((1, 1, 1, 2)))]
    if random.random() < 0.2:
        patterns.append("?s geo:hasGeometry ?g2 . ?g2 geo:asWKT ?w2 .")
    if random.random() < 0.15:
        patterns.append(f"FILTER({random.choice(FILTERS)})")
    return " ".join(patterns)


def _pattern(random: Random, count: int) -> str:
    predicate = random.choice(STAR)
    names = ("", "", "", "", "2")
    variable = {
        ":kind": "?k", ":size": "?n", ":name": "?l", ":next": "?t", "a": "?c", ":when": "?d",
        ":rare": "?r", "geo:hasGeometry": "?g1",
    }[predicate]  # fmt: skip
    constant = {
        ":kind": ":k1", ":size": "3", ":name": "'n1'@en", "a": ":C", ":next": ":s1",
        ":when": f"'2020-01-02T00:00:00Z'^^<{XSD}dateTime>", ":rare": "'7'",
        "geo:hasGeometry": ":g2",
    }[predicate]  # fmt: skip
    chance = random.random()
    if predicate == "a":
        return f"a {variable if chance < 0.4 else constant}"
    if chance < 0.08:
        return f"{predicate} {constant}"
    return f"{predicate} {variable + random.choice(names)}"
