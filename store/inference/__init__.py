"""Answering from more than the asserted triples: the query is rewritten before the passes."""

from .infer import ASSERTED, infer

__all__ = ["ASSERTED", "infer"]
