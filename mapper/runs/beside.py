"""What a run writes beside its triples: bad rows, and a record of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ontology import Sink

from ..language.model import Mapping
from ..sinks import TextSink, open_sink
from .provenance import RunRecord
from .quarantine import Quarantine
from .reports import SourceReport
from .row_prints import RememberingSink


@dataclass(frozen=True, slots=True)
class Beside:
    """Files beside the sink, that become visible after it.

    Attributes
    ----------
    quarantine : Quarantine
    record : RunRecord, optional
    story : TextSink, optional
        The file that gets the record.
    graph : str, optional
        IRI of the named graph of the sink that gets it.
    """

    quarantine: Quarantine
    record: RunRecord | None
    story: TextSink | None
    graph: str | None

    @classmethod
    def opened(
        cls,
        stack: ExitStack,
        mapping: Mapping,
        quarantine_to: str | Path | None,
        story_to: str | Path | None,
        graph: str | None,
    ) -> Self:
        """Open the files; ``stack`` forgets them on errors."""
        quarantine = stack.enter_context(Quarantine(quarantine_to))
        record = RunRecord(mapping) if story_to or graph else None
        story = None if story_to is None else stack.enter_context(open_sink(story_to))
        return cls(quarantine, record, story, graph)

    def reads(self, files: Iterable[Path]) -> None:
        """Take note of what the run reads."""
        if self.record is not None:
            self.record.reads(files)

    def write_record(self, sink: Sink, sources: Sequence[SourceReport]) -> None:
        """Put the record into its graph of the sink."""
        if self.record is None or self.graph is None:
            return
        if isinstance(sink, RememberingSink):
            sink.about(np.empty((0, 2), np.uint64))
        for batch in self.record.batches(sources, self.graph):
            sink.write(batch)

    def finish(self, sources: Sequence[SourceReport]) -> None:
        """Do everything that may fail; what remains are the files' names."""
        self.quarantine.finish()
        if self.record is not None and self.story is not None:
            for batch in self.record.batches(sources):
                self.story.write(batch)
            self.story.prepare()

    def publish(self) -> None:
        """Give the finished files their names."""
        self.quarantine.publish()
        if self.story is not None:
            self.story.publish()
