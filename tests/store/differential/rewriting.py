"""Saying a query in other words: what the cures of known faults are made of.

They rely on how the generator writes: each path operand in brackets, no blanks in a path, and what
is asked for its truth between the two marks of :data:`TRUTH`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .terms import GRAPHS

TRUTH = ("\x01", "\x02")
_MARKED = re.compile("\x01([^\x01\x02]*)\x02")
_PATTERN = re.compile(r'("[^"]*"\S*|\S+) ([!^(]\S*\|\S*) ("[^"]*"\S*|\S+) \.')
_BOTH_WAYS = re.compile(r"!\((\^?)(:\w+)\|(\^?)(:\w+)\)")
_LONG = 300  # written three times over, at each depth
_NEGATED = re.compile(r'("[^"]*"\S*|\S+) (\^\(|)!(\^?)(:\w+)\)? ("[^"]*"\S*|\S+) \.')
_EXISTS = re.compile(r"\bEXISTS \{")
_MINUS = re.compile(r"\bMINUS \{")
_SHARED = "VALUES (?shared) { (1) }"
_GRAPH = re.compile(r"GRAPH (\?\w+) \{")
_TEMPLATE = re.compile(r"\b(?:INSERT|DELETE) \{")
_GREATEST = re.compile(r"\b(MAX)\(")
_REPLACE = re.compile(r"\b(REPLACE)\(")
_SUBSTR = re.compile(r"\b(SUBSTR)\(")
_COUNT = re.compile(r"\b(COUNT)\(")
_SIGNS = (" < ", " > ", " <= ", " >= ")
_TOKENS = re.compile(r'"[^"]*"| [<>]=? |[()]|[^"()<> ]+|.')


def plain(text: str) -> str:
    """The text without marks."""
    return text.replace(TRUTH[0], "").replace(TRUTH[1], "")


def with_unions(text: str) -> str:
    """A path with alternatives as a union of paths, as the standard defines it.

    Below ``*``, ``+`` and ``?`` alternatives stay, since those count each pair of ends once.
    """
    return _PATTERN.sub(_union, text)


def _union(found: re.Match[str]) -> str:
    subject, path, thing = found.groups()
    branches = (f"{{ {subject} {one} {thing} . }}" for one in branches_of(path))
    return f"{{ {' UNION '.join(branches)} }}"


def predicates_one_by_one(text: str) -> str:
    """A negated property set as a predicate of its own, which must not be one of the set."""
    return _NEGATED.sub(_predicate, text)


def _predicate(found: re.Match[str]) -> str:
    subject, back, backwards, one, thing = found.groups()
    ends = [end for end in dict.fromkeys((subject, thing)) if end[0] == "?"]
    if not ends or "_" in (subject[0], thing[0]):
        return found[0]
    if bool(back) is not bool(backwards):
        subject, thing = thing, subject
    inner = f"{subject} ?negated {thing} . FILTER(?negated != {one})"
    return f"{{ SELECT {' '.join(ends)} {{ {inner} }} }}"


def branches_of(path: str) -> list[str]:
    """The paths whose union a path is."""
    if path[0] == "^":
        return [f"^({one})" for one in branches_of(path[2:-1])]
    if (found := _BOTH_WAYS.fullmatch(path)) and found[1] != found[3]:
        return [f"!{found[1]}{found[2]}", f"!{found[3]}{found[4]}"]
    if path[0] != "(" or path[-1] != ")":
        return [path]
    end = _closing(path, 1)
    left, sign, right = path[2 : end - 1], path[end], path[end + 2 : -2]
    if sign == "|":
        return [*branches_of(left), *branches_of(right)]
    return [f"(({a})/({b}))" for a in branches_of(left) for b in branches_of(right)]


def _closing(text: str, start: int, brackets: str = "()") -> int:
    """Where the bracket at ``start`` is closed; brackets in strings do not count."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        quoted ^= text[at] == '"'
        if not quoted:
            depth += (text[at] == brackets[0]) - (text[at] == brackets[1])
        if not depth:
            return at + 1
    return len(text)


def truth_of_strings(text: str) -> str:
    """The truth of a string with a language tag asked by its length."""
    while (changed := _MARKED.sub(_asked, text)) != text:
        text = changed
    return text


def _asked(found: re.Match[str]) -> str:
    inner = found[1]
    if "{" in inner or len(inner) > _LONG:
        return inner
    return f'IF(LANG({inner}) != "", STRLEN({inner}) != 0, {inner})'


def counted_by_sums(text: str) -> str:
    """COUNT of an expression as a sum over the rows in which it is no error."""
    return _in_calls(text, _COUNT, _counted)


def greatest_of_all(text: str) -> str:
    """MAX with a new blank node, which is less than all but its like, for what is missing."""
    return _in_calls(text, _GREATEST, _without_gaps)


def _without_gaps(name: str, x: str) -> str:
    kept = "DISTINCT " if x.startswith("DISTINCT ") else ""
    x = x.removeprefix(kept)
    return f"IF({_present(x)} = 0, 1 / 0, {name}({kept}COALESCE({x}, BNODE())))"


def _present(x: str) -> str:
    """How many rows of a group have a value."""
    return f"SUM(COALESCE(IF(isIRI({x}), 1, 1), 0))"


def substring_of_whole_numbers(text: str) -> str:
    """SUBSTR with places rounded as fn:substring does."""
    return _in_calls(text, _SUBSTR, _at_whole_numbers)


def _at_whole_numbers(name: str, inner: str) -> str:
    source, *places = _arguments(inner)
    rounded = (f"xsd:integer(FLOOR({place} + 0.5))" for place in places)
    return f"{name}({', '.join((source, *rounded))})"


def replacing_something(text: str) -> str:
    """REPLACE with a pattern that matches nothing as the error it is."""
    return _in_calls(text, _REPLACE, _replaced)


def _replaced(name: str, inner: str) -> str:
    pattern, *flags = _arguments(inner)[1::2]
    asked = ", ".join(['""', pattern, *flags])
    return f"IF(REGEX({asked}), 1 / 0, {name}({inner}))"


def _arguments(inner: str) -> list[str]:
    """What stands between the commas of a call."""
    parts, start, depth, quoted = [], 0, 0, False
    for at, char in enumerate(inner):
        quoted ^= char == '"'
        if not quoted:
            depth += (char == "(") - (char == ")")
            if char == "," and not depth:
                parts.append(inner[start:at].strip())
                start = at + 1
    return [*parts, inner[start:].strip()]


def _counted(name: str, x: str) -> str:
    if x == "*" or x.startswith(("?", "DISTINCT ?", "DISTINCT *")):
        return f"{name}({x})"
    if not x.startswith("DISTINCT "):
        return _present(x)
    x = x.removeprefix("DISTINCT ")
    missing = f"COALESCE(MAX(COALESCE(IF(isIRI({x}), 0, 0), 1)), 0)"
    return f"(COUNT(DISTINCT COALESCE({x}, :none)) - {missing})"


def _in_calls(text: str, called: re.Pattern[str], change: Callable[[str, str], str]) -> str:
    """Write each call of some functions anew, inner ones first."""
    done, rest = "", text
    while found := called.search(rest):
        end = _closing(rest, found.end() - 1)
        inner = _in_calls(rest[found.end() : end - 1], called, change)
        kept = "{" in inner
        call = f"{found[1]}({inner})" if kept else change(found[1], inner)
        done += rest[: found.start()] + call
        rest = rest[end:]
    return done + rest


def order_of_values(text: str) -> str:
    """``<`` and its like of two truth values by 0 and 1, of a term without order and itself not.

    Every other pair is left to the oracle.
    """
    frames: list[list[str]] = [[]]
    for token in _TOKENS.findall(text):
        if token == "(":
            frames.append([])
        elif token == ")" and len(frames) > 1:
            inner = frames.pop()
            frames[-1].append(f"({_ordered(inner)})")
        else:
            frames[-1].append(token)
    return "".join("(".join("".join(frame) for frame in frames))


def _ordered(tokens: list[str]) -> str:
    signs = [at for at, token in enumerate(tokens) if token in _SIGNS]
    whole = "".join(tokens)
    if len(signs) != 1 or "{" in whole or "COUNT" in whole or len(whole) > 2 * _LONG:
        return whole
    x, sign, y = "".join(tokens[: signs[0]]), tokens[signs[0]], "".join(tokens[signs[0] + 1 :])
    truths = f"{_truth_value(x)} && {_truth_value(y)}"
    whole = f"IF({truths}, xsd:integer({x}){sign}xsd:integer({y}), {whole})"
    unordered = f"sameTerm({x}, {y}) && ! COALESCE({_has_order(x)}, false)"
    return f"IF({unordered}, 1 / 0, {whole})"


def _truth_value(x: str) -> str:
    return f"COALESCE(DATATYPE({x}) = xsd:boolean, false)"


def _has_order(x: str) -> str:
    texts = f"DATATYPE({x}) = xsd:string || DATATYPE({x}) = xsd:boolean"
    return f"(isNumeric({x}) || {texts} || xsd:dateTime({x}) = {x} || xsd:date({x}) = {x})"


def minus_of_something_shared(text: str) -> str:
    """In EXISTS, both sides of MINUS with a variable of one value that they share."""
    found = _EXISTS.search(text)
    if found is None:
        return text
    end = _closing(text, found.end() - 1, "{}")
    inner = _MINUS.sub(rf"{_SHARED} MINUS {{ {_SHARED} ", text[found.end() : end])
    return text[: found.end()] + inner + minus_of_something_shared(text[end:])


def graphs_one_by_one(text: str) -> str:
    """``GRAPH ?g { }`` as the union over the graphs there are, but for templates of updates."""
    found = _GRAPH.search(text)
    if found is None:
        return text
    template = _TEMPLATE.search(text, 0, found.start())
    if template is not None:
        end = _closing(text, template.end() - 1, "{}")
        return text[:end] + graphs_one_by_one(text[end:])
    end = _closing(text, found.end() - 1, "{}")
    inner = graphs_one_by_one(text[found.end() : end - 1])
    branches = (
        f"{{ GRAPH {graph} {{ }} GRAPH {graph} {{ {_relabelled(inner, graph)} }} "
        f"VALUES ({found[1]}) {{ ({graph}) }} }}"
        for graph in GRAPHS
    )
    return f"{text[: found.start()]}{{ {' UNION '.join(branches)} }}{graphs_one_by_one(text[end:])}"


def _relabelled(text: str, graph: str) -> str:
    """A label of a blank node stands in one group only."""
    return re.sub(r"_:v(\d+)", rf"_:v\1{graph[1:]}", text)
