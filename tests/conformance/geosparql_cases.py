"""The cases of the GeoSPARQL compliance benchmark, and when an answer counts as its own.

The suite is GPL-2.0: it is read from where ``GEOLOOM_SUITES`` says, nothing of it is kept here.

An answer must have the variables of the reference answer, or of one of its alternatives, and the
same rows in the same order. As the benchmark's own evaluator does, WKT is compared as text without
white space and in lower case, GML as canonical XML, and every other term as it is; so where a ring
starts and how it winds counts, and how many digits a number has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from store.algebra import Inference

GEO: Final = "http://www.opengis.net/ont/geosparql#"
RESOURCES: Final = Path("src/main/resources")

CLASSES: Final[dict[str, tuple[range, Inference]]] = {
    "core": (range(1, 4), Inference("asserted", "asserted")),
    "topology vocabulary": (range(4, 7), Inference("asserted", "asserted")),
    "geometry": (range(7, 21), Inference("asserted", "asserted")),
    "geometry topology": (range(21, 25), Inference("asserted", "asserted")),
    "RDFS entailment": (range(25, 28), Inference("asserted", "asserted", classes=True)),
    "query rewrite": (range(28, 31), Inference("both", "asserted")),
}
"""By conformance class its requirements, and what its queries are answered from."""


@dataclass(frozen=True, slots=True)
class Case:
    """A query such as ``r19-4-2``, and the files of the answers it may have."""

    name: str
    text: str
    answers: tuple[Path, ...]

    @property
    def requirement(self) -> int:
        """Number of the requirement, 1 to 30."""
        return int(self.name[1:3])

    @property
    def inference(self) -> Inference:
        """What the case's conformance class is answered from."""
        found = [how for numbers, how in CLASSES.values() if self.requirement in numbers]
        return found[0]


def cases(suite: Path) -> Iterator[Case]:
    """Yield the 206 queries of the requirements; demonstrations (``query01``) are none."""
    answers = suite / RESOURCES / "gsb_answers"
    for file in sorted((suite / RESOURCES / "gsb_queries").glob("query-r*.rq")):
        accepted = [answers / f"{file.stem}.srx", *answers.glob(f"{file.stem}-alternative-*.srx")]
        text = file.read_text(encoding="utf-8")
        yield Case(file.stem.removeprefix("query-"), text, tuple(accepted))


Answer = tuple[tuple[str, ...], tuple[dict[str, str], ...]]
"""Variables in order, and rows as comparable texts by variable."""


def comparable(text: bytes) -> Answer:
    """Read SPARQL results in XML, so that equal answers are equal."""
    root = ElementTree.fromstring(text)
    variables = tuple(found.attrib["name"] for found in root.iterfind(".//{*}variable"))
    rows = (
        {found.attrib["name"]: _text(found[0]) for found in row.iterfind("{*}binding")}
        for row in root.iterfind(".//{*}result")
    )
    return variables, tuple(rows)


def _text(term: ElementTree.Element) -> str:
    text = term.text or ""
    datatype = term.attrib.get("datatype", "").removeprefix(GEO)
    match datatype:
        case "wktLiteral":
            return "WKT " + re.sub(r"\s", "", text).lower()
        case "gmlLiteral":
            return "GML " + _canonical(text)
        case _:
            language = term.attrib.get("{http://www.w3.org/XML/1998/namespace}lang", "")
            return f"{term.tag.rpartition('}')[2]} {text} {datatype}{language}"


def _canonical(gml: str) -> str:
    """Canonical XML; what is none (so are some of the reference answers) stays as it is."""
    try:
        return ElementTree.canonicalize(gml.strip())
    except ElementTree.ParseError:
        return gml


def percentage(outcomes: dict[str, str | None]) -> float:
    """The benchmark's figure: the mean over the requirements that have queries, and R17.

    Queries of one kind over pairs of serialisations share a weight: the first two count 1/3
    each, the mixed ones 1/6 each.
    """
    kinds: dict[int, dict[str, list[bool]]] = {}
    for name, wrong in sorted(outcomes.items()):
        requirement, _, rest = name.partition("-")
        kind = rest.partition("-")[0]
        kind = kind if requirement in ("r19", "r22", "r23", "r24") else rest
        kind = "" if requirement in ("r20", "r21") else kind
        kinds.setdefault(int(requirement[1:]), {}).setdefault(kind, []).append(wrong is None)
    parts = {number: _mean([_share(k) for k in found.values()]) for number, found in kinds.items()}
    score = sum(parts.values())
    return 100 * (score + (score > 0)) / 30


def _share(passed: list[bool]) -> float:
    weights = (1 / 3, 1 / 3, 1 / 6, 1 / 6) if len(passed) == 4 else (1 / len(passed),) * len(passed)
    return sum(weight for weight, ok in zip(weights, passed, strict=True) if ok)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
