"""The table of recipes of the documentation, from what they say of themselves.

``python tests/mapper/recipe_table.py`` prints it; ``test_documentation.py`` holds the page to it.
"""

from __future__ import annotations

from mapper import recipes


def recipe_table() -> str:
    """Return the table of docs/mapping-recipes.md."""
    lines = ["| recipe | data | files | licence |", "|---|---|---|---|"]
    for one in recipes():
        licence = f"[terms]({one.licence})" if "://" in one.licence else one.licence
        lines.append(
            f"| `{one.name}` | [{one.title}]({one.source_url}) | {one.files} | {licence} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(recipe_table(), end="")
