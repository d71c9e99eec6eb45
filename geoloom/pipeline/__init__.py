"""The whole way on the user's own data, described by one small TOML file."""

from .run import PipelineReport, StepReport, run_pipeline
from .spec import Pipeline, load_pipeline

__all__ = ["Pipeline", "PipelineReport", "StepReport", "load_pipeline", "run_pipeline"]
