"""Where a database is: URLs and JDBC names, with and without their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from ontology import InputError, MappingError, UnsupportedError

from ...language.model import Database

SQLITE: Final = "sqlite"
DUCKDB: Final = "duckdb"
POSTGRESQL: Final = "postgresql"
MYSQL: Final = "mysql"

_SCHEMES: Final = {
    "sqlite": SQLITE,
    "duckdb": DUCKDB,
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
}
_FILES: Final = (SQLITE, DUCKDB)
_MAGIC: Final = ((0, b"SQLite format 3\0", SQLITE), (8, b"DUCK", DUCKDB))
_SECRET: Final = ("password", "sslpassword", "passfile", "sslkey")
_FORMS: Final = (
    "sqlite:///FILE, duckdb:///FILE, postgresql://USER@HOST/NAME, mysql://USER@HOST/NAME, "
    "or the path of an SQLite or DuckDB file"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A database.

    Attributes
    ----------
    system : str
        "sqlite", "duckdb", "postgresql" or "mysql".
    target : str
        Path of the file, or the URL with user and password.
    shown : str
        The same without secrets, for people.
    secrets : tuple of str
        Texts that no message may hold.
    """

    system: str
    target: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def scrub(self, text: object) -> str:
        """Text of a driver's message without secrets, in one line."""
        plain = " ".join(str(text).split())
        for secret in self.secrets:
            for form in (secret, quote(secret, safe="")):
                plain = plain.replace(form, "***")
        return plain

    def failed(self, what: str, error: object, remedy: str) -> InputError:
        """The error for a database that cannot be reached or read."""
        return InputError(what, where=self.shown, why=self.scrub(error), remedy=remedy)


def address(database: Database, folder: Path) -> Address:
    """Where a mapping or a run says the database is.

    Parameters
    ----------
    database : Database
        ``url`` may be of any form :class:`mapper.language.model.Database` names, or a path.
    folder : Path
        Of relative paths.

    Raises
    ------
    InputError
        A file that does not exist, or is no database.
    MappingError
        A URL of no known form.
    UnsupportedError
        A database system this version does not read.
    """
    url = (database.url or "").strip()
    jdbc = url.removeprefix("jdbc:")
    scheme, colon, rest = jdbc.partition(":")
    system = _SCHEMES.get(scheme.lower().split("+")[0])
    if system in _FILES and colon:
        return _file(unquote(rest), folder, system)
    if system is not None and colon:
        return _server(system, rest, database)
    if url and not (colon and (jdbc != url or rest.startswith("//"))):
        return _file(url, folder, None)
    if colon:
        raise UnsupportedError(
            f"Databases of {scheme} are not supported", where=scheme, remedy=f"use {_FORMS}"
        )
    raise MappingError("The database has no URL", remedy=f"name it by {_FORMS}")


def _file(text: str, folder: Path, system: str | None) -> Address:
    """A file; ``///x`` is relative and ``////x`` absolute, as SQLAlchemy has it."""
    plain = text.split("?")[0] if system else text
    plain = plain.removeprefix("///") if plain.startswith("///") else plain.removeprefix("//")
    path = folder / plain
    if not path.is_file():
        raise InputError(
            "A database does not exist", where=str(path), remedy="correct its path or URL"
        )
    with path.open("rb") as stream:
        head = stream.read(64)
    found = [name for start, magic, name in _MAGIC if head[start:].startswith(magic)]
    if system not in (None, *found) or not (found or (system == SQLITE and not head)):
        raise InputError(
            "This file is no database that can be read",
            where=str(path),
            why="it does not begin as SQLite or DuckDB files do"
            if not found
            else f"it is of {found[0]}",
            remedy=f"use {_FORMS}",
        )
    return Address(found[0] if found else SQLITE, str(path), str(path))


def _server(system: str, rest: str, database: Database) -> Address:
    parts = urlsplit(f"{system}:{rest}")
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    given = {name: unquote(value) for name, _, value in pairs}
    user = database.user or given.pop("user", None) or _text(parts.username)
    password = database.password or given.pop("password", None) or _text(parts.password)
    place = parts.netloc.rpartition("@")[2]
    login = quote(user, safe="") if user else ""
    secret = ":" + quote(password, safe="") if password else ""
    sign = "@" if login or secret else ""
    secrets = tuple(filter(None, (password, *(given.get(name) for name in _SECRET))))
    public = {name: value for name, value in given.items() if name not in _SECRET}

    def written(login: str, query: dict[str, str]) -> str:
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return f"{system}://{login}{place}{parts.path}{asked}"

    return Address(
        system,
        written(login + secret + sign, given),
        written(login + ("@" if login else ""), public),
        secrets,
    )


def _text(part: str | None) -> str | None:
    return None if part is None else unquote(part)
