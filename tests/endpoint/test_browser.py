"""The page in a real browser, headless, without any network beyond this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from endpoint import running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip(
        "no browser: install Debian's chromium (apt-get install chromium) to run these",
        allow_module_level=True,
    )

QUERY = "SELECT ?name WHERE { ?s <http://example.org/name> ?name } ORDER BY ?name"


@pytest.fixture
def url(oxigraph: Any) -> Iterator[str]:
    with running(oxigraph) as address:
        yield address


def _dom(address: str, profile: Path) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=6000",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []
    return done.stdout


def test_a_query_runs_and_its_rows_are_text(url: str, tmp_path: Path) -> None:
    dom = _dom(f"{url}/#query?query={quote(QUERY)}", tmp_path)
    assert "<td>Wien</td>" in dom
    assert "<td>a &lt;b&gt;," in dom
    assert re.search(r"2 rows in \d", dom)
    assert 'class="health ok"' in dom


def test_a_catalogue_search_without_products(url: str, tmp_path: Path) -> None:
    dom = _dom(f"{url}/#catalogue?platform=S2A&month=2018-02", tmp_path)
    assert "0 products" in dom
    assert "leaflet-zoom" in dom
