"""A map of five fields and seven samples whose figures are worked out by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from endpoint import Layer, Outcome, create_app, validate
from endpoint.validation import wilson_interval
from endpoint.validation.metrics import figures
from endpoint.validation.outcomes import Assessment, Candidate, Sample, assess
from ontology import InputError, UsageError, crosswalk

LUCAS = "https://w3id.org/geoloom/codes/lucas2018-lc1/"
HCAT = "https://w3id.org/geoloom/codes/hcat3/"
WHEAT, BARLEY, MAIZE = "3301010101", "3301010401", "3301010600"
EX = "http://example.org/"


def _field(name: str, code: str, west: float) -> str:
    east = west + 0.001
    ring = f"{west} 48, {east} 48, {east} 48.001, {west} 48.001, {west} 48"
    return (
        f":{name} a gl:Observation ; gl:observedClass <{HCAT}{code}> ; "
        f'geo:hasGeometry [ geo:asWKT "POLYGON (({ring}))"^^geo:wktLiteral ] .\n'
    )


def _sample(name: str, code: str, longitude: float, latitude: float = 48.0005) -> str:
    return (
        f":{name} a gl:Sample ; gl:observedClass <{LUCAS}{code}> ; geo:hasGeometry "
        f'[ geo:asWKT "POINT ({longitude} {latitude})"^^geo:wktLiteral ] .\n'
    )


MAP = (
    f"""@prefix : <{EX}> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
"""
    + _field("w1", WHEAT, 14.000)
    + _field("b1", BARLEY, 14.001)  # shares its western border with w1
    + _field("m1", MAIZE, 14.010)
    + _field("m2", MAIZE, 14.020)
    + _sample("s1", "B11", 14.0005)  # common wheat on wheat
    + _sample("s2", "B13", 14.001)  # barley on the border of b1 and w1: b1 has the lesser IRI
    + _sample("s3", "B11", 14.00105)  # wheat 3.7 m inside barley: nearest says no, any yes
    + _sample("s4", "B16", 14.0105)  # maize on maize
    + _sample("s5", "B11", 14.0205)  # wheat on maize
    + _sample("s6", "B16", 14.5)  # nothing near
    + _sample("s7", "A11", 14.0005)  # buildings: no crosswalk to crops
)


@pytest.fixture(scope="module")
def fields(make_store: Any) -> Any:
    return make_store(MAP)


def _outcomes(report: Any) -> dict[str, str]:
    return {a.sample.iri.removeprefix(EX): a.outcome.words for a in report.assessments}


def test_nearest_rule(fields: Any) -> None:
    report = validate(fields, distance=10)
    assert _outcomes(report) == {
        "s1": "agrees",
        "s2": "agrees",
        "s3": "disagrees",
        "s4": "agrees",
        "s5": "disagrees",
        "s6": "no feature",
        "s7": "no crosswalk",
    }
    found = report.figures
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.interval == pytest.approx((0.230724, 0.882379), abs=1e-6)
    by_class = {entry.kind.removeprefix(LUCAS): entry for entry in found.classes}
    assert [by_class["B11"].precision, by_class["B11"].recall] == [1.0, pytest.approx(1 / 3)]
    assert by_class["B11"].f1 == pytest.approx(0.5)
    assert [by_class["B13"].precision, by_class["B13"].recall] == [0.5, 1.0]
    assert by_class["B13"].f1 == pytest.approx(2 / 3)
    assert [by_class["B16"].precision, by_class["B16"].recall] == [0.5, 1.0]
    assert by_class["A11"].f1 is None
    assert found.median_f1 == pytest.approx(2 / 3)
    assert found.confusion == {
        (LUCAS + "B11", HCAT + WHEAT): 1,
        (LUCAS + "B11", HCAT + BARLEY): 1,
        (LUCAS + "B11", HCAT + MAIZE): 1,
        (LUCAS + "B13", HCAT + BARLEY): 1,
        (LUCAS + "B16", HCAT + MAIZE): 1,
    }


def test_any_rule_and_both_side_by_side(fields: Any) -> None:
    report = validate(fields, distance=10, rule="any")
    assert _outcomes(report)["s3"] == "agrees"
    assert report.figures.accuracy == pytest.approx(4 / 5)
    assert report.by_rule["nearest"].accuracy == pytest.approx(3 / 5)
    matched = {a.sample.iri: a.matched for a in report.assessments}[EX + "s3"]
    assert matched is not None
    assert matched.feature == EX + "w1"
    assert matched.metres == pytest.approx(3.73, abs=0.01)


def test_distance_matters_in_metres(fields: Any) -> None:
    assert _outcomes(validate(fields, distance=3.7, rule="any"))["s3"] == "disagrees"
    assert _outcomes(validate(fields, distance=3.75, rule="any"))["s3"] == "agrees"
    assert _outcomes(validate(fields, distance=0))["s1"] == "agrees"


class Counting:
    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.asked: list[str] = []

    def query(self, text: str, **options: Any) -> Any:
        self.asked.append(text)
        return self.inner.query(text, **options)


def test_two_queries_do_it(fields: Any) -> None:
    counting = Counting(fields)
    validate(counting)
    assert len(counting.asked) == 2


def test_own_crosswalk_and_same_scheme(fields: Any) -> None:
    own = {LUCAS + "B11": frozenset({HCAT + MAIZE}), LUCAS + "A11": frozenset({HCAT + WHEAT})}
    outcomes = _outcomes(validate(fields, crosswalk=own))
    assert outcomes["s5"] == "agrees"
    assert outcomes["s7"] == "agrees"
    assert outcomes["s4"] == "no crosswalk"
    walk = crosswalk("lucas2018-lc1", "hcat3")
    assert _outcomes(validate(fields, crosswalk=walk)) == _outcomes(validate(fields))
    with pytest.raises(UsageError, match="does not lead"):
        validate(fields, crosswalk=walk.reversed())


def _candidates(*entries: tuple[str, str, float]) -> list[Candidate]:
    return [Candidate(*entry) for entry in entries]


def test_ties_are_broken_by_iri_never_by_agreement() -> None:
    sample = Sample("s", "x", "POINT (0 0)")
    near = {"s": _candidates(("f2", "X", 0.0), ("f1", "Y", 0.0), ("f0", "X", 0.1))}
    for order in (near["s"], near["s"][::-1]):
        (found,) = assess([sample], {"s": order}, lambda kind: frozenset({"X"}), "nearest")
        assert found.outcome is Outcome.DISAGREES
        assert found.matched == Candidate("f1", "Y", 0.0)
        (found,) = assess([sample], {"s": order}, lambda kind: frozenset({"X"}), "any")
        assert found.matched == Candidate("f2", "X", 0.0)


def test_n_to_m_crosswalk_makes_no_false_positive_of_an_agreeing_sample() -> None:
    """Two sample classes share the map class W: neither is the other's error."""
    walk = {"soft": frozenset({"W"}), "hard": frozenset({"W", "D"}), "rye": frozenset({"R"})}
    pairs = [("soft", "W"), ("hard", "W"), ("hard", "D"), ("rye", "W"), ("soft", "R")]
    assessments = [
        Assessment(
            Sample(str(n), kind, ""),
            Outcome.AGREES if mapped in walk[kind] else Outcome.DISAGREES,
            Candidate("f", mapped, 0.0),
        )
        for n, (kind, mapped) in enumerate(pairs)
    ]
    found = {c.kind: c for c in figures(assessments, walk.__getitem__).classes}
    assert [(found[k].agrees, found[k].false_positives) for k in ("soft", "hard", "rye")] == [
        (1, 1),
        (2, 1),
        (0, 1),
    ]
    assert found["hard"].precision == pytest.approx(2 / 3)
    assert found["rye"].f1 == 0.0


def test_figures_equal_the_textbook_for_a_1_to_1_crosswalk() -> None:
    truth = list("aaaaabbbbc")
    mapped = list("aaabbbbbac")
    walk = {kind: frozenset({kind}) for kind in "abc"}
    assessments = [
        Assessment(
            Sample(str(n), t, ""),
            Outcome.AGREES if t == m else Outcome.DISAGREES,
            Candidate("f", m, 0.0),
        )
        for n, (t, m) in enumerate(zip(truth, mapped, strict=True))
    ]
    found = figures(assessments, walk.__getitem__)
    assert found.accuracy == 0.7
    table = {c.kind: (c.precision, c.recall) for c in found.classes}
    assert table == {"a": (0.75, 0.6), "b": (0.6, 0.75), "c": (1.0, 1.0)}
    assert found.median_f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_against_published_values(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_json_and_csv(fields: Any) -> None:
    report = validate(fields)
    document = json.loads(report.to_json())
    assert document["rules"]["nearest"]["counts"]["agrees"] == 3
    assert [row["sample"] for row in document["inconsistent"]] == [EX + "s3", EX + "s5"]
    assert document["inconsistent"][0]["longitude"] == pytest.approx(14.00105)
    lines = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert len(lines) == 7
    assert lines[5]["outcome"] == "no feature"
    assert lines[5]["feature"] == ""


def test_csv_runs_nothing_in_a_spreadsheet(make_store: Any) -> None:
    turtle = MAP.replace(f"<{LUCAS}A11>", '"=cmd|calc"')
    lines = list(csv.DictReader(io.StringIO(validate(make_store(turtle)).to_csv())))
    assert lines[6]["class"] == "'=cmd|calc"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {k}" for k, _ in attrs if k in ("src", "href", "style")]
        self.found += [f"{tag} {k}" for k, _ in attrs if k.startswith("on")]
        if tag == "script":
            self.found.append(tag)


def test_html_is_self_contained(fields: Any) -> None:
    page = validate(fields).to_html()
    parser = _Links()
    parser.feed(page)
    assert parser.found == []
    assert "60.0 %" in page
    assert "B11 Common wheat" in page
    assert page.count("<circle") == 2
    assert "url(" not in page


def test_html_escapes_what_the_data_say(make_store: Any) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    turtle = MAP.replace(f"<{HCAT}{MAIZE}>", f'"{evil}"')
    page = validate(make_store(turtle)).to_html(title=evil)
    parser = _Links()
    parser.feed(page)
    assert parser.found == []
    assert "&lt;script&gt;alert(1)" in page


def test_batches_are_the_assessments(fields: Any) -> None:
    report = validate(fields)
    run, assessments = report.to_batches()
    assert len(run.subjects) == 1
    columns = {prop.predicate.rsplit("#", 1)[1]: prop.objects for prop in assessments.properties}
    assert columns["assessedSample"].values.to_pylist() == [EX + f"s{n}" for n in range(1, 8)]
    gl = "https://w3id.org/geoloom/ns#"
    assert columns["outcome"].values.to_pylist()[2] == gl + "Disagrees"
    assert columns["matchedFeature"].values.to_pylist()[2] == EX + "b1"
    assert columns["matchedFeature"].values.to_pylist()[5] is None
    assert len(set(assessments.subjects.to_pylist())) == 7
    assert report.to_batches()[1].subjects == assessments.subjects
    assert report.to_batches(EX + "run")[0].subjects.to_pylist() == [EX + "run"]


def test_the_layers_can_be_other_than_ours(make_store: Any) -> None:
    turtle = MAP.replace("a gl:Observation ; gl:observedClass", "a :Parcel ; :crop")
    parcels = Layer(EX + "Parcel", EX + "crop")
    found = validate(make_store(turtle), features=parcels)
    assert found.figures.accuracy == pytest.approx(3 / 5)
    anything = Layer(None, EX + "crop")
    assert validate(make_store(turtle), features=anything).figures == found.figures


@pytest.mark.parametrize(
    "options",
    [
        {"distance": -1},
        {"distance": float("nan")},
        {"rule": "closest"},
        {"sample_scheme": "lucas"},
        {"map_scheme": "hcat9"},
    ],
)
def test_bad_options(fields: Any, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        validate(fields, **options)


def test_no_samples_and_double_samples(make_store: Any) -> None:
    with pytest.raises(InputError, match="no samples"):
        validate(make_store(""))
    twice = MAP + f":s1 <https://w3id.org/geoloom/ns#observedClass> <{LUCAS}B16> .\n"
    with pytest.raises(InputError, match="more than one class"):
        validate(make_store(twice))


def test_a_map_without_a_feature_near_is_not_an_error(make_store: Any) -> None:
    only_samples = re.sub(r"(?m)^:[wbm]\d a gl:Observation.*\n", "", MAP)
    found = validate(make_store(only_samples))
    assert found.figures.accuracy is None
    assert found.figures.counts[Outcome.NO_FEATURE] == 6
    assert "n/a" in found.to_html()


class Incomplete:
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def query(self, text: str, **options: Any) -> Any:
        answer = self.inner.query(text, **options)
        answer.info = {"completeness": {"complete": False}}
        return answer


def test_incomplete_answers_are_said_in_every_form(fields: Any) -> None:
    report = validate(Incomplete(fields))
    assert not report.complete
    assert json.loads(report.to_json())["complete"] is False
    assert "Incomplete." in report.to_html()


def test_validation_over_http(fields: Any) -> None:
    client = create_app(fields).test_client()
    assert client.get("/validation").status_code == 404
    got = client.post("/validation", json={"distance": 10, "rule": "any"})
    assert got.json["rules"]["any"]["accuracy"] == pytest.approx(0.8)
    page = client.get("/validation", headers={"Accept": "text/html"})
    assert page.content_type.startswith("text/html")
    assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert "'self'" not in page.headers["Content-Security-Policy"]
    table = client.get("/validation", headers={"Accept": "text/csv"})
    assert table.text.startswith("sample,class,outcome")
    form = client.post("/validation", data={"distance": "10", "rule": ""})
    assert form.json["rule"] == "nearest"


@pytest.mark.parametrize(
    "options", [{"distance": "far"}, {"distance": -1}, {"colour": 1}, [1], {"rule": "best"}]
)
def test_bad_validations_over_http(fields: Any, options: Any) -> None:
    answer = create_app(fields).test_client().post("/validation", json=options)
    assert answer.status_code == 400
    assert answer.json["title"]
