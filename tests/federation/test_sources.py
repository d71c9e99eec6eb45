from __future__ import annotations

import pytest

from federation.sources import Source, load_sources
from ontology import GeoloomError, InputError

GOOD = """
[[source]]
name = "fields"
store = "fields-store"

[[source]]
name = "lucas"
endpoint = "http://127.0.0.1:7878/query"
timeout = 5
row_cap = 10000
functions = ["http://www.opengis.net/def/function/geosparql/sfIntersects"]
box = [9, 46, 18, 49.5]

[service]
allow = ["https://query.example.org/sparql"]
"""


def test_a_good_file(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(GOOD)
    found = load_sources(path)
    fields, lucas = found.sources
    assert fields.store == tmp_path / "fields-store"
    assert (lucas.timeout, lucas.row_cap, lucas.box) == (5, 10000, (9, 46, 18, 49.5))
    assert lucas.functions == ("http://www.opengis.net/def/function/geosparql/sfIntersects",)
    assert found.service == ("https://query.example.org/sparql",)
    path.write_text(GOOD.split("[service]")[0] + '[service]\nallow = "public"\n')
    assert load_sources(path).service == "public"


ONE = '[[source]]\nname = "a"\nendpoint = "http://x.org/"\n'
BAD = {
    "not toml": ("[[source]\n", "not TOML.*line 1"),
    "empty": ("", "names no source"),
    "unknown top": ("[[sources]]\nname = 1\n", "Unknown key 'sources'.*did you mean 'source'"),
    "unknown key": (ONE + "time_out = 3\n", "Unknown key 'time_out'.*did you mean 'timeout'"),
    "no name": ('[[source]]\nendpoint = "http://x.org/"\n', "source 1.*add name"),
    "neither": ('[[source]]\nname = "a"\n', "either an endpoint or a store"),
    "both": (ONE + 'store = "s"\n', "either an endpoint or a store"),
    "type": (ONE + 'timeout = "5"\n', "timeout has the wrong type.*'5' is str"),
    "bool": (ONE + "row_cap = true\n", "row_cap has the wrong type"),
    "zero": (ONE + "timeout = 0\n", "over 0"),
    "list": (ONE + "functions = [1]\n", "list of IRIs"),
    "box": (ONE + "box = [1, 2]\n", "four numbers"),
    "box order": (ONE + "box = [18, 46, 9, 49]\n", "west, south, east, north"),
    "twice": (ONE + ONE, "same name.*a"),
    "scheme": ('[[source]]\nname = "a"\nendpoint = "file:///x"\n', "http"),
    "service": (ONE + "[service]\nallow = 3\n", "allow must be"),
    "service key": (ONE + "[service]\nalow = []\n", "did you mean 'allow'"),
    "service url": (ONE + '[service]\nallow = ["file:///x"]\n', "http"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_explained(tmp_path, name):
    text, said = BAD[name]
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(GeoloomError, match=f"(?s){said}"):
        load_sources(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"Cannot read.*No such file"):
        load_sources(tmp_path / "none.toml")


def test_python_sources_are_checked_too():
    with pytest.raises(InputError, match=r"either"):
        Source("x")
