"""Sources of a federation: a TOML file, or objects made in Python."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

from ontology import InputError

from .addresses import check_url

Box = tuple[float, float, float, float]
PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True)
class Source:
    """One member of a federation: a SPARQL endpoint or a local store.

    Attributes
    ----------
    name : str
        How reports and errors call it.
    endpoint : str, optional
        URL of a SPARQL 1.1 endpoint. Listing it here is what allows a private address.
    store : Path, optional
        Folder of a geoloom store; exactly one of ``endpoint`` and ``store`` is given.
    timeout : float
        Seconds one request may take in all.
    row_cap : int, optional
        Number of rows the source cuts an answer to, if known; detected otherwise.
    functions : tuple of str, optional
        IRIs of extension functions that filters sent to the source may use. Each is tried
        with a known answer before use. None means any that passes, empty means none.
    predicates, classes : tuple of str, optional
        All predicates (classes) the source has. Given, they are believed, not harvested.
    box : tuple of float, optional
        (west, south, east, north) in degrees, WGS84: no geometry lies outside.
    max_bytes : int
        Longest answer accepted, decompressed.
    """

    name: str
    endpoint: str | None = None
    store: Path | None = None
    timeout: float = 30.0
    row_cap: int | None = None
    functions: tuple[str, ...] | None = None
    predicates: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    box: Box | None = None
    max_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        where = f"source {self.name!r}"
        if (self.endpoint is None) == (self.store is None):
            raise InputError(
                "A source needs either an endpoint or a store",
                where=where,
                remedy='write endpoint = "https://…/sparql" or store = "folder"',
            )
        if self.endpoint is not None:
            check_url(self.endpoint)
        if self.timeout <= 0 or self.max_bytes <= 0 or (self.row_cap or 1) <= 0:
            raise InputError("timeout, row_cap and max_bytes must be over 0", where=where)

    @property
    def address(self) -> str:
        """Endpoint URL or store folder."""
        return self.endpoint or str(self.store)


@dataclass(frozen=True, slots=True)
class SourcesFile:
    """What a sources file says.

    ``service`` are the endpoints a query's own SERVICE clauses may name beside the sources:
    a tuple of URLs, or ``"public"`` for every public address.
    """

    sources: tuple[Source, ...]
    service: tuple[str, ...] | Literal["public"] = ()
    path: Path | None = field(default=None, compare=False)


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "name": (str,),
    "endpoint": (str,),
    "store": (str,),
    "timeout": (int, float),
    "row_cap": (int,),
    "functions": (list,),
    "predicates": (list,),
    "classes": (list,),
    "box": (list,),
    "max_bytes": (int,),
}


def load_sources(path: str | Path) -> SourcesFile:
    """Read a sources file.

    Parameters
    ----------
    path : str or Path
        TOML with one ``[[source]]`` a source (keys: the fields of :class:`Source`) and,
        optionally, ``[service] allow = [URL, …]`` or ``allow = "public"``. A relative
        ``store`` is relative to the file.

    Raises
    ------
    InputError
        Naming the file, the place and the remedy.
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "Cannot read the sources file",
            where=str(path),
            why=error.strerror,
            remedy="check the path; docs/federation.md shows an example",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("The sources file is not TOML", where=str(path), why=str(error)) from error
    _known_keys(document, ("source", "service"), str(path))
    tables = document.get("source", [])
    if not isinstance(tables, list) or not tables:
        raise InputError(
            "The sources file names no source",
            where=str(path),
            remedy='add [[source]] with name = "…" and endpoint = "…" or store = "…"',
        )
    sources = tuple(_source(table, i, path) for i, table in enumerate(tables, 1))
    unique_names(sources)
    return SourcesFile(sources, _service(document.get("service", {}), path), path)


def unique_names(sources: Iterable[Source]) -> None:
    """Refuse two sources of one name."""
    seen: set[str] = set()
    for source in sources:
        if source.name in seen:
            raise InputError(
                "Two sources have the same name", where=source.name, remedy="rename one of them"
            )
        seen.add(source.name)


def _known_keys(table: Mapping[str, object], known: Iterable[str], where: str) -> None:
    known = tuple(known)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise InputError(
                f"Unknown key {key!r}",
                where=where,
                why=f"known keys are {', '.join(known)}",
                remedy=f"did you mean {near[0]!r}?" if near else "remove it",
            )


def _source(table: object, number: int, path: Path) -> Source:
    where = f"{path}, source {number}"
    if not isinstance(table, dict):
        raise InputError("source must be a table", where=where, remedy="write [[source]]")
    _known_keys(table, (f.name for f in fields(Source)), where)
    if "name" not in table:
        raise InputError("A source has no name", where=where, remedy='add name = "…"')
    for key, value in table.items():
        if not isinstance(value, _TYPES[key]) or isinstance(value, bool):
            expected = " or ".join(t.__name__ for t in _TYPES[key])
            raise InputError(
                f"{key} has the wrong type",
                where=where,
                why=f"{value!r} is {type(value).__name__}, expected {expected}",
            )
    return Source(**_converted(table, where, path))


def _converted(table: Mapping[str, Any], where: str, path: Path) -> dict[str, Any]:
    options = dict(table)
    if "store" in options:
        options["store"] = path.parent / options["store"]
    for key in ("functions", "predicates", "classes"):
        if key in options:
            if not all(isinstance(item, str) for item in options[key]):
                raise InputError(f"{key} must be a list of IRIs", where=where)
            options[key] = tuple(options[key])
    if "box" in options:
        options["box"] = _box(options["box"], where)
    return options


def _box(numbers: list[object], where: str) -> Box:
    if len(numbers) != 4 or not all(isinstance(n, int | float) for n in numbers):
        raise InputError(
            "box must be four numbers", where=where, remedy="write [west, south, east, north]"
        )
    west, south, east, north = (float(n) for n in numbers)  # type: ignore[arg-type]
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError(
            "box is not a box in degrees",
            where=where,
            why=f"found {numbers}",
            remedy="write [west, south, east, north], -180 to 180 and -90 to 90",
        )
    return (west, south, east, north)


def _service(table: object, path: Path) -> tuple[str, ...] | Literal["public"]:
    where = f"{path}, [service]"
    if not isinstance(table, dict):
        raise InputError("service must be a table", where=where)
    _known_keys(table, ("allow",), where)
    allow = table.get("allow", [])
    if allow == PUBLIC:
        return "public"
    if not isinstance(allow, list) or not all(isinstance(url, str) for url in allow):
        raise InputError(
            "allow must be a list of endpoint URLs", where=where, remedy='or allow = "public"'
        )
    for url in allow:
        check_url(url)
    return tuple(allow)
