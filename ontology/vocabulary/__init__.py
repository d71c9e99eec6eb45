"""The geoloom vocabulary, its SHACL shapes and the ExtremeEarth profile, as Turtle files."""

from .profile import extremeearth_profile
from .read import VOCABULARIES, vocabulary_graph, vocabulary_text

__all__ = ["VOCABULARIES", "extremeearth_profile", "vocabulary_graph", "vocabulary_text"]
