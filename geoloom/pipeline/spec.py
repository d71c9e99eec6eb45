"""The pipeline file: typed, checked, paths resolved against the file's own folder."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ontology import InputError, UsageError


@dataclass(frozen=True, slots=True)
class MapStep:
    """``[[map]]``: run an RML mapping, or a recipe over a file, as ``geoloom map`` does."""

    mapping: Path | None = None
    recipe: str | None = None
    file: Path | None = None
    base: Path | None = None
    database: str | None = None
    functions: tuple[Path, ...] = ()
    on_bad: Literal["fail", "quarantine"] = "fail"
    quarantine: Path | None = None
    shapes: Path | None = None
    update: bool = False

    def __post_init__(self) -> None:
        if (self.mapping is None) == (self.recipe is None) or (self.recipe is None) != (
            self.file is None
        ):
            raise UsageError(
                "A step says which mapping it runs, or which recipe over which file",
                where="[[map]]",
                remedy="give mapping, or recipe and file",
            )
        if self.quarantine is not None and self.on_bad == "fail":
            raise UsageError(
                "A quarantine file without on_bad = 'quarantine' would stay empty",
                where="[[map]]",
                remedy="add on_bad = 'quarantine'",
            )

    @property
    def path(self) -> Path:
        """The mapping's file, or the recipe's data."""
        path = self.mapping or self.file
        assert path is not None
        return path


@dataclass(frozen=True, slots=True)
class LoadStep:
    """``[[load]]``: RDF files into the store."""

    files: tuple[Path, ...]
    graph: str | None = None


@dataclass(frozen=True, slots=True)
class InterlinkStep:
    """``[[interlink]]``: links between the features of two classes."""

    source: str
    target: str
    relations: tuple[str, ...] = ("sfIntersects",)


@dataclass(frozen=True, slots=True)
class ValidateStep:
    """``[validate]``: the map in the store against its samples, or those of ``sources``."""

    distance: float = 10.0
    rule: Literal["nearest", "any"] = "nearest"
    sample_scheme: str = "lucas2018-lc1"
    map_scheme: str = "hcat3"
    sources: Path | None = None
    report: Path | None = None


@dataclass(frozen=True, slots=True)
class QueryStep:
    """``[[query]]``: a query whose answer goes to a file; without one it is only counted."""

    name: str
    text: str | None = None
    file: Path | None = None
    output: Path | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.file is None):
            raise UsageError(
                "A query is given either as text or as a file", where=f"[[query]] {self.name}"
            )

    def sparql(self) -> str:
        """Return the query's text.

        Raises
        ------
        InputError
            If its file cannot be read.
        """
        if self.file is None:
            return self.text or ""
        try:
            return self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                "Cannot read the query", where=str(self.file), why=str(error)
            ) from error


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A whole pipeline; steps run in this order."""

    store: Path
    codelists: tuple[str, ...] = ()
    map: tuple[MapStep, ...] = ()
    load: tuple[LoadStep, ...] = ()
    interlink: tuple[InterlinkStep, ...] = ()
    validate: ValidateStep | None = None
    query: tuple[QueryStep, ...] = ()


STEPS = {
    "map": MapStep,
    "load": LoadStep,
    "interlink": InterlinkStep,
    "query": QueryStep,
    "validate": ValidateStep,
}


def load_pipeline(path: Path) -> Pipeline:
    """Read a pipeline file.

    Raises
    ------
    InputError
        If the file, or one that it reads, is missing, or it is not TOML.
    UsageError
        If a key is unknown, missing or of the wrong type; the message names table and key.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "Cannot read the pipeline",
            where=str(path),
            why=str(error),
            remedy="check the path and that the file is UTF-8",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            "The pipeline is not valid TOML", where=str(path), why=str(error)
        ) from error
    pipeline = _pipeline(data, path)
    for place, key in _inputs(pipeline):
        if not place.exists():
            raise InputError(
                "A file of the pipeline is missing",
                where=f"{key} of {path}",
                why=f"there is no {place}",
                remedy="check the path; it is relative to the pipeline file",
            )
    return pipeline


def _inputs(pipeline: Pipeline) -> Iterator[tuple[Path, str]]:
    for item in pipeline.map:
        yield item.path, "mapping" if item.mapping else "file"
        for key in ("base", "shapes"):
            place = getattr(item, key)
            if place is not None:
                yield place, key
        yield from ((file, "functions") for file in item.functions)
    yield from ((file, "files") for load in pipeline.load for file in load.files)
    if pipeline.validate and pipeline.validate.sources:
        yield pipeline.validate.sources, "sources"
    yield from ((query.file, "file") for query in pipeline.query if query.file is not None)


def _pipeline(data: dict[str, Any], path: Path) -> Pipeline:
    found: dict[str, Any] = dict(data)
    for name, kind in STEPS.items():
        if name not in data:
            continue
        once = kind is ValidateStep
        title = f"[{name}]" if once else f"[[{name}]]"
        tables = data[name] if isinstance(data[name], list) else [data[name]]
        good = all(isinstance(table, dict) for table in tables) and (len(tables) == 1 or not once)
        _expect(good, "one table" if once else "tables", data[name], f"{title} of {path}")
        steps = tuple(_build(kind, table, f"{title} of {path}", path.parent) for table in tables)
        found[name] = steps[0] if once else steps
    pipeline: Pipeline = _build(Pipeline, found, str(path), path.parent)
    return pipeline


def _build(kind: type[Any], table: Mapping[str, Any], where: str, folder: Path) -> Any:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in table:
        if key not in fields:
            near = get_close_matches(key, fields, n=1)
            raise UsageError(
                f"Unknown key '{key}'",
                where=where,
                why=f"known keys are {', '.join(fields)}",
                remedy=f"did you mean '{near[0]}'?" if near else None,
            )
    for field in fields.values():
        required = field.default is dataclasses.MISSING
        if required and field.name not in table:
            raise UsageError(f"The key '{field.name}' is missing", where=where)
    hints = get_type_hints(kind)
    values = {
        key: _value(value, hints[key], f"{key} of {where}", folder) for key, value in table.items()
    }
    try:
        return kind(**values)
    except UsageError as error:
        error.where = f"{error.where} of {where.rpartition(' of ')[2]}"
        raise


def _value(value: Any, hint: Any, where: str, folder: Path) -> Any:
    text = str(hint)
    if "Step" in text:
        return value
    if text.startswith("tuple"):
        items = value if isinstance(value, list) else [value]
        _expect(all(isinstance(item, str) for item in items), "a list of strings", value, where)
        return tuple(folder / item if "Path" in text else item for item in items)
    if hint is float:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        _expect(good, "a number", value, where)
        return float(value)
    if hint is bool:
        _expect(isinstance(value, bool), "true or false", value, where)
        return value
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        _expect(value in choices, " or ".join(f"'{choice}'" for choice in choices), value, where)
        return value
    _expect(isinstance(value, str), "a string", value, where)
    return folder / value if "Path" in text else value


def _expect(good: bool, expected: str, value: Any, where: str) -> None:
    if not good:
        raise UsageError(f"Expected {expected}", where=where, why=f"found {value!r}")
