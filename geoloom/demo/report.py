"""The demo's HTML page: every figure beside the truth, and the validation report with its map."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment

from endpoint import ValidationReport

from .checks import Check


def write_report(directory: Path, report: ValidationReport, checks: tuple[Check, ...]) -> Path:
    """Write ``validation.html`` and ``report.html``; return the latter's path."""
    title = "Validation of a synthetic crop map"
    (directory / "validation.html").write_text(report.to_html(title), encoding="utf-8")
    source = (files("geoloom.demo") / "report.html.jinja").read_text(encoding="utf-8")
    template = Environment(autoescape=True).from_string(source)
    rows = [(*check.shown(), check.good) for check in checks]
    page = directory / "report.html"
    page.write_text(
        template.render(rows=rows, good=all(check.good for check in checks)), encoding="utf-8"
    )
    return page
