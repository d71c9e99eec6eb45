from __future__ import annotations

from pathlib import Path

from store.lower.listing import function_listing

PAGE = Path(__file__).parents[3] / "docs" / "functions.md"


def test_the_page_of_functions_is_the_registry() -> None:
    if not PAGE.exists():  # the wheel is tested without docs
        return
    assert PAGE.read_text(encoding="utf-8") == function_listing(), (
        "write it anew: python -c 'from store.lower.listing import function_listing as f; "
        'print(f(), end="")\' > docs/functions.md'
    )
