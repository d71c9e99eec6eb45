"""Row caps: sources that cut answers off without saying so."""

from __future__ import annotations

from typing import Final

_SMALL: Final = frozenset({100, 200, 250, 500})


def suspicious(rows: int, cap: int | None) -> bool:
    """Return whether a number of rows looks like a limit rather than an answer.

    Round numbers, powers of two, or a cap that is known. It only decides whether to count.

    >>> suspicious(1000, None), suspicious(1048576, None), suspicious(1234, None)
    (True, True, False)
    """
    if rows == 0:
        return False
    if cap is not None and rows >= cap:
        return True
    return rows in _SMALL or rows % 1000 == 0 or (rows >= 256 and rows & (rows - 1) == 0)
