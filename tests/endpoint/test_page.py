from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import endpoint

STATIC = Path(endpoint.__file__).parent / "static"
VENDOR = STATIC / "vendor"


def test_the_page_loads_only_from_here(client: Any) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(addresses) > 6
    for address in addresses:
        assert address == "./" or address.startswith("/static/"), address
        if address != "./":
            with client.get(address) as answer:
                assert answer.status_code == 200, address
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r'\son\w+="', page)
    assert ' style="' not in page


def test_own_scripts_name_no_other_server() -> None:
    for script in STATIC.glob("*.js"):
        for url in re.findall(r"https?://([\w.-]+)", script.read_text()):
            assert url in {
                "w3id.org",
                "www.opengis.net",
                "www.w3.org",
            }, f"{script.name}: {url}"
        assert "innerHTML" not in script.read_text()


def test_vendored_files_are_those_of_the_registry() -> None:
    listed = tomllib.loads((VENDOR / "VENDOR.toml").read_text())
    named = set()
    for folder, entry in listed.items():
        assert entry["licence"] in {"MIT", "ISC", "BSD-2-Clause"}
        assert any(name.startswith("LICENSE") for name in entry["sha256"])
        for name, digest in entry["sha256"].items():
            path = VENDOR / folder / name
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path
            assert path.stat().st_size < 1_000_000
            named.add(path)
    there = {path for path in VENDOR.rglob("*") if path.is_file()}
    assert there - named == {VENDOR / "VENDOR.toml"}


def test_a_title_from_the_settings_is_escaped(oxigraph: Any) -> None:
    settings = endpoint.Settings(title="<b>mine</b>")
    page = endpoint.create_app(oxigraph, settings=settings).test_client().get("/").text
    assert "<b>mine" not in page


@pytest.mark.parametrize(
    "options",
    [{"update_token": "short"}, {"query_timeout": 0}, {"parallel": -1}],
)
def test_settings_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(endpoint.settings.UsageError):
        endpoint.Settings(**options)
