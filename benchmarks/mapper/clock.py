"""CPU and wall time of the rest of a process. Used by the peers' processes too: stdlib only."""

from __future__ import annotations

import json
import os
import time


class Clock:
    """Runs from when it is made; :meth:`tell` prints what :func:`systems.run_ours` reads."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu()

    def tell(self) -> None:
        """Print CPU seconds (children included) and wall seconds since then."""
        print(json.dumps({"cpu_s": _cpu() - self._cpu, "wall_s": time.perf_counter() - self._wall}))


def _cpu() -> float:
    return sum(os.times()[:4])
