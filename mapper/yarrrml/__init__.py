"""YARRRML: RML mappings written in YAML."""

from .translate import translate

__all__ = ["translate"]
