"""One deadline for everything that is done under it, and databases that share nothing on disk."""

from __future__ import annotations

import threading
import time

import pytest

from ontology import DeadlineError
from store import limited, run_query
from store.engine.connection import connect
from store.engine.limits import check_limit, current_limit

CROSSED = "SELECT (COUNT(*) AS ?n) { " + " ".join(
    f"VALUES ?{v} {{ {' '.join(map(str, range(900)))} }}" for v in "abcd"
) + " }"  # fmt: skip


def test_the_earlier_end_counts() -> None:
    with limited(60) as outer:
        with limited(120) as inner:
            assert inner.end == outer.end
            assert inner.seconds == 60
        with limited(1) as inner:
            assert inner.left is not None
            assert inner.left <= 1
        assert current_limit() == outer
    assert current_limit().end is None
    check_limit()


def test_no_time_at_all() -> None:
    with limited(0), pytest.raises(DeadlineError, match="longer than 0 s"):
        run_query(None, "ASK {}")


def test_the_limit_of_a_block_holds_for_its_queries() -> None:
    start = time.monotonic()
    with limited(0.3), pytest.raises(DeadlineError, match=r"longer than 0\.3 s"):
        run_query(None, CROSSED, timeout=50)
    assert time.monotonic() - start < 5


def test_a_client_that_has_gone_stops_its_query() -> None:
    gone = threading.Event()
    threading.Timer(0.2, gone.set).start()
    with limited(gone=gone.is_set), pytest.raises(DeadlineError, match="cancelled"):
        run_query(None, CROSSED, timeout=50)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { VALUES ?x { " + " ".join(map(str, range(100_000))) + " } }",
        "SELECT * { " + " ".join(f"?s{k} ?p{k} ?s{k + 1} ." for k in range(900)) + " }",
        "SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 400 + " }",
    ],
    ids=["values", "triples", "optionals"],
)
def test_reading_and_planning_stop_too(text: str) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlineError):
        run_query(None, text, timeout=0.001)
    assert time.monotonic() - start < 1


def test_databases_do_not_share_a_spill_folder() -> None:
    asked = "SELECT current_setting('temp_directory')"
    found = {connect().execute(asked).fetchone() for _ in range(2)}
    assert len(found) == 2


def test_a_watch_ends_with_what_it_watches() -> None:
    """An interrupt that came later would stop the next query, or find a closed connection."""
    for _ in range(20):
        with pytest.raises(DeadlineError):
            run_query(None, CROSSED, timeout=0.02)
        assert not [one.name for one in threading.enumerate() if "_watch" in one.name]
