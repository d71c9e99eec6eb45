"""Searches over seven products whose answers are worked out by hand."""

from __future__ import annotations

from typing import Any

import pystac
import pytest

from endpoint import SearchRequest, create_app, search
from ontology import UnknownCodeError, UsageError

HCAT = "https://w3id.org/geoloom/codes/hcat3/"
WINTER_WHEAT, BARLEY, MAIZE, GRASS = "3301010101", "3301010401", "3301010600", "3302000000"


def _square(west: float, south: float, size: float = 1.0) -> str:
    east, north = west + size, south + size
    return (
        f"POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, "
        f"{west} {south}))"
    )


def _product(
    name: str, day: str, wkt: str, shares: dict[str, float], cloud: float, platform: str = "S2A"
) -> str:
    covers = "".join(
        f" :{name} gl:hasCoverShare [ gl:ofClass <{HCAT}{code}> ; gl:share {share} ] ."
        for code, share in shares.items()
    )
    return f""":{name} a gl:Product ; gl:imageID "IMG-{name}" ; gl:platform "{platform}" ;
  gl:acquired "{day}T10:00:00Z"^^xsd:dateTime ; gl:cloudCover {cloud} ;
  geo:hasGeometry [ geo:asWKT "{wkt}"^^geo:wktLiteral ] .{covers}
"""


CATALOGUE = (
    """@prefix : <http://example.org/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
    + _product("a", "2018-06-05", _square(14, 48), {WINTER_WHEAT: 0.25, BARLEY: 0.1}, 5)
    + _product("b", "2018-06-20", _square(14.5, 48), {WINTER_WHEAT: 0.2, GRASS: 0.6}, 40)
    + _product("c", "2018-07-01", _square(14, 48), {BARLEY: 0.5}, 0, "S2B")
    + _product("d", "2018-06-30", _square(20, 50), {MAIZE: 0.9}, 12.5)
    + _product("e", "2018-06-10", _square(179, -10), {GRASS: 0.3}, 1)
    + _product("f", "2018-05-31", _square(-180, -10, 0.5), {}, 1)
    + _product(
        "g",
        "2019-06-10",
        "<http://www.opengis.net/def/crs/EPSG/0/4326> "
        "POLYGON ((48 14, 48 15, 49 15, 49 14, 48 14))",
        {WINTER_WHEAT: 0.8},
        1,
    )
    + f"""
:linz a gl:AdministrativeUnit ; rdfs:label "Linz" ; gl:unitCode "401" ; gl:unitLevel "district" ;
  geo:hasGeometry [ geo:asWKT "{_square(14.1, 48.1, 0.1)}"^^geo:wktLiteral ] .
:enns a gl:AdministrativeUnit ; rdfs:label "Ennstal" ; gl:unitCode "402" ;
  geo:hasGeometry [ geo:asWKT "{_square(15.2, 48.1, 0.1)}"^^geo:wktLiteral ] .
:ub1 a gl:AdministrativeUnit ; rdfs:label "Überall" ; gl:unitCode "1" ;
  geo:hasGeometry [ geo:asWKT "{_square(0, 0)}"^^geo:wktLiteral ] .
:ub2 a gl:AdministrativeUnit ; rdfs:label "Überall" ; gl:unitCode "2" ;
  geo:hasGeometry [ geo:asWKT "{_square(5, 5)}"^^geo:wktLiteral ] .
:field1 a gl:Observation ; gl:seenIn :f ; gl:observedClass <{HCAT}{MAIZE}> ; gl:confidence 0.95 .
:field2 a gl:Observation ; gl:seenIn :d ; gl:observedClass <{HCAT}{MAIZE}> ; gl:confidence 0.6 .
:s1 a gl:Sample ; geo:hasGeometry [ geo:asWKT "POINT (20.5 50.5)"^^geo:wktLiteral ] .
:s2 a gl:Sample ; geo:hasGeometry [ geo:asWKT "POINT (14.2 48.2)"^^geo:wktLiteral ] .
:t1 a gl:SampleAssessment ; gl:assessedSample :s1 ; gl:outcome gl:Disagrees .
:t2 a gl:SampleAssessment ; gl:assessedSample :s2 ; gl:outcome gl:Agrees .
"""
)


@pytest.fixture(scope="module")
def products(make_store: Any) -> Any:
    return make_store(CATALOGUE)


def _names(found: Any) -> list[str]:
    return [item.id.rsplit("/", 1)[1] for item in found.items]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["g", "c", "d", "b", "e", "a", "f"]),
        ({"concept": "cereals"}, ["g", "c", "d", "b", "a", "f"]),
        ({"concept": "cereals", "min_share": 0.3}, ["g", "c", "d", "a"]),
        ({"concept": "cereals", "min_share": 0.35}, ["g", "c", "d", "a"]),
        ({"concept": "cereals", "min_share": 0.3, "month": "2018-06"}, ["d", "a"]),
        ({"concept": HCAT + BARLEY}, ["c", "a"]),
        ({"concept": BARLEY, "scheme": "hcat3"}, ["c", "a"]),
        ({"concept": "maize", "min_confidence": 0.9}, ["f"]),
        ({"concept": "maize", "min_confidence": 0.5, "min_share": 0.5}, ["d"]),
        ({"box": (14.1, 48.1, 14.2, 48.2)}, ["g", "c", "a"]),
        ({"box": (178.0, -20.0, -179.8, 0.0)}, ["e", "f"]),
        ({"place": "linz"}, ["g", "c", "a"]),
        ({"place": "402", "month": "2018-06"}, ["b"]),
        ({"start": "2018-06-30", "end": "2018-07"}, ["c", "d"]),
        ({"end": "2018-06-05"}, ["a", "f"]),
        ({"start": "2018-06-05T10:00:00Z", "end": "2018-06-05T10:00:00Z"}, ["a"]),
        ({"platform": "S2B"}, ["c"]),
        ({"max_cloud": 1}, ["g", "c", "e", "f"]),
        ({"inconsistent_samples": True}, ["d"]),
        ({"platform": "S2C"}, []),
        ({"limit": 2, "offset": 1}, ["c", "d"]),
        ({"limit": 5, "offset": 100}, []),
        (
            {"concept": "cereals", "min_share": 0.3, "place": "Linz", "month": "2018-06"},
            ["a"],
        ),
    ],
)
def test_hand_computed_searches(
    products: Any, conditions: dict[str, Any], expected: list[str]
) -> None:
    found = search(products, **conditions)
    assert _names(found) == expected
    if "limit" not in conditions:
        assert found.total == len(expected)


def test_total_counts_all_pages(products: Any) -> None:
    assert search(products, limit=2).total == 7


def test_reasons_say_why(products: Any) -> None:
    (item,) = search(
        products,
        concept="cereals",
        min_share=0.3,
        place="Linz",
        month="2018-06",
        max_cloud=10,
        box=(14.0, 48.0, 14.1, 48.1),
        platform="S2A",
    ).items
    assert item.reasons == (
        "35.0 % of it is cereals: winter common soft wheat 25.0 %, winter barley 10.0 %.",
        "Its footprint touches Linz.",
        "Its footprint touches the box.",
        "It was acquired on 2018-06-05.",
        "Its platform is S2A.",
        "Clouds cover 5 % of it, at most 10 % were wanted.",
    )
    assert [match.share for match in item.classes] == [0.25, 0.1]


def test_reasons_for_observations_and_samples(products: Any) -> None:
    (seen,) = search(products, concept="maize", min_confidence=0.9).items
    assert seen.reasons == (
        "1 observation was made of maize in it; the greatest confidence is 0.95.",
    )
    (checked,) = search(products, inconsistent_samples=True).items
    assert checked.reasons == ("1 ground sample disagrees with the map inside it.",)


def test_geometry_is_crs84_whatever_the_literal_says(products: Any) -> None:
    item = search(products, start="2019-01").items[0]
    assert item.box == (14.0, 48.0, 15.0, 49.0)
    assert item.geometry["coordinates"][0][0] == [14, 48]


def test_understood_names_the_classes_and_the_place(products: Any) -> None:
    understood = search(products, concept="cereals", scheme="hcat3", place="401").understood
    assert understood[0].startswith("cereals: cereal (hcat3 3301010000);")
    assert understood[1] == "place: Linz <http://example.org/linz>"


@pytest.mark.parametrize("root", ["", "http://127.0.0.1:7878"])
def test_stac_items_are_valid_shapes(products: Any, root: str) -> None:
    found = search(products, concept="cereals", min_share=0.3).as_stac(root)
    assert found["numberMatched"] == 4
    items = pystac.ItemCollection.from_dict(found)
    assert [item.id for item in items] == ["IMG-g", "IMG-c", "IMG-d", "IMG-a"]
    assert items[3].bbox == [14, 48, 15, 49]
    assert items[3].datetime is not None
    assert items[3].properties["eo:cloud_cover"] == 5


@pytest.mark.parametrize(
    "evil",
    [
        '" . } #',
        "x> ?y } ; DROP",
        "line\nbreak",
        "\r",
        "} UNION { ?product ?p ?o",
        "\\",
        "\\u0022 } #",
        '"""',
        "'",
        "<script>alert(1)</script>",
        "\u202eabc",
        "%' OR 1=1 --",
    ],
)
def test_user_text_never_becomes_syntax(products: Any, evil: str) -> None:
    assert search(products, platform=evil).total == 0
    with pytest.raises(UsageError, match="No place is called"):
        search(products, place=evil)
    with pytest.raises(UnknownCodeError):
        search(products, concept=evil)
    with pytest.raises(UsageError):
        search(products, start=evil)


def test_unknown_and_ambiguous_places(products: Any) -> None:
    with pytest.raises(UsageError) as wrong:
        search(products, place="Lintz")
    assert wrong.value.remedy == "did you mean Linz?"
    with pytest.raises(UsageError, match="Several places") as several:
        search(products, place="uberall")
    assert several.value.why == "Überall (code 1); Überall (code 2)"
    assert search(products, place="2").total == 0


def test_unknown_and_ambiguous_classes(products: Any) -> None:
    with pytest.raises(UnknownCodeError, match="No class is called 'unobtainium'"):
        search(products, concept="unobtainium")
    with pytest.raises(UsageError, match="several code lists"):
        search(products, concept="111")
    with pytest.raises(UsageError, match="There is no code list"):
        search(products, concept="maize", scheme="hcat")


@pytest.mark.parametrize(
    "given",
    [
        {"min_share": "0.3"},
        {"concept": "maize", "min_share": "1.5"},
        {"concept": "maize", "min_share": "nan"},
        {"concept": "maize", "min_share": True},
        {"box": "1,2,3"},
        {"box": "48,14,49,-100"},
        {"box": "0,0,inf,1"},
        {"box": "a,b,c,d"},
        {"month": "2018-13"},
        {"month": "2018"},
        {"month": "2018-06-01"},
        {"month": "2018-06", "start": "2018"},
        {"start": "2018-07", "end": "2018-06"},
        {"end": "9999-12"},
        {"limit": "0"},
        {"limit": "2.5"},
        {"limit": "100000"},
        {"offset": "-1"},
        {"max_cloud": "101"},
        {"inconsistent_samples": "maybe"},
        {"place": 5},
        {"place": "Linz\x00"},
        {"platform": "\x00"},
        {"bbox": "1,2,3,4"},
    ],
)
def test_bad_requests_are_named(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        SearchRequest.from_parameters(given)


def test_search_over_http(products: Any) -> None:
    client = create_app(products).test_client()
    asked = {"concept": "cereals", "min_share": "0.3", "month": "2018-06", "place": ""}
    got = client.get("/catalogue/search", query_string=asked)
    assert got.status_code == 200
    assert got.content_type == "application/geo+json"
    assert [item["id"] for item in got.json["features"]] == ["IMG-d", "IMG-a"]
    assert got.json["features"][1]["properties"]["geoloom:reasons"][1] == (
        "It was acquired on 2018-06-05."
    )
    posted = client.post("/catalogue/search", json={"box": [178, -20, -179.8, 0], "limit": 1})
    assert posted.json["numberMatched"] == 2
    assert posted.json["numberReturned"] == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"query_string": {"concept": "nothing of the kind"}}, 400),
        ({"query_string": {"colour": "red"}}, 400),
        ({"query_string": [("place", "a"), ("place", "b")]}, 400),
        ({"method": "POST", "json": [1]}, 400),
        ({"method": "POST", "data": "{", "content_type": "application/json"}, 400),
        ({"method": "POST", "data": "x", "content_type": "text/plain"}, 415),
        ({"method": "DELETE"}, 405),
    ],
)
def test_bad_searches_over_http(products: Any, arguments: dict[str, Any], status: int) -> None:
    answer = create_app(products).test_client().open("/catalogue/search", **arguments)
    assert answer.status_code == status
    assert answer.json["status"] == status
