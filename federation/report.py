"""What happened with each source: the completeness report that goes with every answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["used", "pruned", "failed", "capped", "not needed"]


@dataclass(slots=True)
class Usage:
    """Counters and findings of one source while a query runs.

    ``rows`` and ``bytes`` are what the source sent; ``requests`` counts every HTTP request,
    retries and probes included.
    """

    name: str
    address: str
    requests: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    used: bool = False
    pruned: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    capped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, kind: Literal["pruned", "failures", "capped", "notes"], text: str) -> None:
        """Add a finding once."""
        found: list[str] = getattr(self, kind)
        if text not in found:
            found.append(text)

    @property
    def status(self) -> Status:
        """The worst that is true of the source."""
        if self.failures:
            return "failed"
        if self.capped:
            return "capped"
        if self.used:
            return "used"
        return "pruned" if self.pruned else "not needed"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source's part in an answer.

    ``reasons`` say what failed, was cut off or is worth knowing; ``left_out`` says for which
    patterns the source was not asked, and why.
    """

    name: str
    address: str
    status: Status
    reasons: tuple[str, ...]
    left_out: tuple[str, ...]
    requests: int
    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CompletenessReport:
    """Whether an answer is complete, and what each source had to do with it.

    Attributes
    ----------
    complete : bool
        False when a source failed, was cut off by a row cap, or sent what cannot be joined.
    sources : tuple of SourceReport
    wrong_rows_possible : bool
        The answer is incomplete and the query negates, groups or slices, so rows shown may be
        wrong, not only missing.
    """

    complete: bool
    sources: tuple[SourceReport, ...]
    wrong_rows_possible: bool = False

    @property
    def requests(self) -> int:
        """Requests sent in all."""
        return sum(source.requests for source in self.sources)

    @property
    def bytes(self) -> int:
        """Bytes received in all."""
        return sum(source.bytes for source in self.sources)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"requests": self.requests, "bytes": self.bytes}

    def sentence(self) -> str:
        """Return in one line which sources are missing, and why."""
        parts = [
            f"{s.name}: {reason}"
            for s in self.sources
            if s.status in ("failed", "capped")
            for reason in s.reasons[:1]
        ]
        if self.wrong_rows_possible:
            parts.append("the query negates, groups or slices, so rows may be wrong")
        return "; ".join(parts) if parts else "all sources answered"

    def __str__(self) -> str:
        lines = ["complete" if self.complete else "INCOMPLETE"]
        if self.wrong_rows_possible:
            lines[0] += " (the query negates, groups or slices: rows may be wrong)"
        for s in self.sources:
            lines.append(
                f"  {s.name}: {s.status}, {s.requests} requests, {s.rows} rows, {s.bytes} bytes"
            )
            shown = (*s.reasons, *s.left_out) if s.status == "pruned" else s.reasons
            lines += [f"    {reason}" for reason in shown]
        return "\n".join(lines)


def finish_report(usages: list[Usage], *, monotonic: bool) -> CompletenessReport:
    """Freeze the counters into a report."""
    complete = not any(usage.failures or usage.capped for usage in usages)
    sources = tuple(
        SourceReport(
            name=usage.name,
            address=usage.address,
            status=usage.status,
            reasons=(*usage.failures, *usage.capped, *usage.notes),
            left_out=tuple(usage.pruned),
            requests=usage.requests,
            rows=usage.rows,
            bytes=usage.bytes,
            seconds=round(usage.seconds, 6),
        )
        for usage in usages
    )
    return CompletenessReport(complete, sources, not complete and not monotonic)
