"""``geoloom demo``: the whole way on a synthetic scenario whose true answers are known."""

from .checks import Check
from .run import DemoReport, run_demo

__all__ = ["Check", "DemoReport", "run_demo"]
