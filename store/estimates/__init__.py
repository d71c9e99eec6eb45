"""How many solutions the parts of a plan have, told from the statistics of a snapshot."""

from .constants import object_key
from .estimate import Estimate, joined
from .estimator import Estimator

__all__ = ["Estimate", "Estimator", "joined", "object_key"]
