"""The one error root of geoloom.

Every error says *what* happened, *where*, *why*, and what to *try*, so that the
command line, HTTP and Python can show one clear paragraph instead of a traceback.
"""

from __future__ import annotations


class GeoloomError(Exception):
    """Root of every error geoloom raises on purpose.

    Parameters
    ----------
    what : str
        What went wrong, in one sentence without a full stop.
    where : str, optional
        File, line and column, row, band, term or option it happened at.
    why : str, optional
        The cause: what was found and what was expected.
    remedy : str, optional
        What the user can do about it (shown as "Try: ...").

    Examples
    --------
    >>> print(GeoloomError("Cannot read the map", where="a.tif", remedy="check the path"))
    Cannot read the map. Where: a.tif. Try: check the path.
    """

    exit_code = 1
    name = "error"

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        labelled = (("Where", self.where), ("Why", self.why), ("Try", self.remedy))
        parts = [self.what, *(f"{label}: {text}" for label, text in labelled if text)]
        return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts)

    def in_short(self) -> str:
        """Return what and why in one sentence without a full stop, for lists of findings."""
        return f"{self.what}: {self.why}" if self.why else self.what

    def as_dict(self) -> dict[str, str | None]:
        """Return the fields for ``--json`` output and ``problem+json`` answers."""
        return {
            "error": self.name,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "try": self.remedy,
        }


class UsageError(GeoloomError):
    """The command, option or argument is wrong (exit code 2)."""

    exit_code = 2
    name = "wrong-usage"


class IncompleteError(GeoloomError):
    """An answer is incomplete and the caller asked for complete ones (exit code 3)."""

    exit_code = 3
    name = "incomplete"


class InputError(GeoloomError):
    """A file or source is missing, unreadable or not of the kind it claims to be."""

    name = "bad-input"


class CRSError(GeoloomError):
    """A coordinate reference system is missing, unknown or does not fit."""

    name = "bad-crs"


class GeometryError(GeoloomError):
    """A geometry literal cannot be read, or is refused because of its size or depth."""

    name = "bad-geometry"


class UnknownCodeError(GeoloomError):
    """A class code is not in the code list it should come from."""

    name = "unknown-code"


class MappingError(GeoloomError):
    """An RML mapping is broken or asks for something the source does not have."""

    name = "bad-mapping"


class QuerySyntaxError(GeoloomError):
    """A SPARQL text does not parse."""

    name = "query-syntax"


class UnsupportedError(GeoloomError):
    """Something legal that this version does not do; never answered wrongly instead."""

    name = "unsupported"


class DeadlineError(GeoloomError):
    """A query or remote call did not end before its deadline."""

    name = "deadline"


class MemoryLimitError(GeoloomError):
    """A query needs more memory than it may have."""

    name = "memory-limit"


class BusyError(GeoloomError):
    """Too much is asked at once; asking again later will do."""

    name = "busy"


class CrashError(GeoloomError):
    """The process that ran a query died; others were not touched."""

    name = "crashed"


class StoreError(GeoloomError):
    """A store folder is missing, damaged, locked or of an unknown format."""

    name = "bad-store"


class RemoteError(GeoloomError):
    """A remote endpoint failed, lied about its format or stopped halfway."""

    name = "remote"
