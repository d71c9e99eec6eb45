"""The HTML report: one page, no scripts, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from .classes import class_label
from .map import map_svg
from .matrix import confusion_rows

if TYPE_CHECKING:
    from .report import ValidationReport

_LISTED: Final = 500


def _environment() -> Environment:
    return Environment(loader=PackageLoader("endpoint"), autoescape=True, undefined=StrictUndefined)


def report_style() -> str:
    """Style sheet of the report, as it stands in its only style element."""
    source = _environment().loader
    assert source is not None
    return source.get_source(_environment(), "report.css")[0]


def report_policy() -> str:
    """Content-Security-Policy for serving a report: nothing but its own style sheet."""
    digest = base64.b64encode(hashlib.sha256(report_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def report_html(report: ValidationReport, title: str) -> str:
    """Write a report as HTML; everything that comes from data is escaped by the template."""
    environment = _environment()
    environment.filters["percent"] = _percent
    environment.filters["label"] = class_label
    inconsistent = [row for row in report.table() if row["outcome"] == "disagrees"]
    return environment.get_template("report.html").render(
        title=title,
        report=report,
        style=report_style(),
        policy=report_policy(),
        rules=[(name, report.by_rule[name]) for name in sorted(report.by_rule, reverse=True)],
        confusion=confusion_rows(report.figures),
        map=map_svg(report),
        inconsistent=inconsistent[:_LISTED],
        unlisted=max(0, len(inconsistent) - _LISTED),
    )


def _percent(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.1f} %"
