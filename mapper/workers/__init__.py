"""Several processes for one source: each maps whole rows, the output is that of one process."""

from .team import Team, useful_workers, why_alone

__all__ = ["Team", "useful_workers", "why_alone"]
