"""A code list: concepts with codes, labels and a hierarchy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InputError, UnknownCodeError
from ..namespaces import CODES

_ZEROS: Final = r"^0+(\d+)$"


@dataclass(frozen=True, slots=True)
class Concept:
    """One class of a code list.

    Attributes
    ----------
    scheme : str
        Name of the list, e.g. ``"hcat3"``.
    code : str
        The code as the list's owner writes it, zeros included.
    label : str
        English label.
    parent : str, optional
        Code of the broader concept; None at the top.
    alternatives : tuple of str
        Other names it is found by (official short names, common words).
    color : str, optional
        RRGGBB, six hexadecimal digits.
    grid : int, optional
        The value that stands for it in the list's official rasters, where that is not the code.
    """

    scheme: str
    code: str
    label: str
    parent: str | None = None
    alternatives: tuple[str, ...] = ()
    color: str | None = None
    grid: int | None = None

    @property
    def iri(self) -> str:
        """IRI of the concept."""
        return f"{CODES}{self.scheme}/{self.code}"


@dataclass(frozen=True, slots=True)
class Lookup:
    """Concept IRIs for a column of codes.

    Attributes
    ----------
    iris : pa.Array
        Strings, one a code; null where the code is null, means "no class" or is unknown.
    unknown : tuple of str
        Distinct codes that are in the column but not in the list.
    """

    iris: pa.Array
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of classes (skos:ConceptScheme).

    Attributes
    ----------
    name : str
        As in the concept IRIs, e.g. ``"lucas2018-lc1"``.
    title, source, licence : str
    concepts : tuple of Concept
        In the order of the facts table; a parent need not come before its children.
    missing : frozenset of str
        Values that stand for "no class" in data, not classes themselves.
    width : int
        Codes shorter than this are padded with zeros on the left when looked up.
    national : mapping of str to mapping of str to str
        Codes of other lists that are written for these concepts, by the name of the notation:
        ``national["at"]["110"]`` is the HCAT code of the Austrian crop code 110.
    """

    name: str
    title: str
    source: str
    licence: str
    concepts: tuple[Concept, ...]
    missing: frozenset[str] = frozenset()
    width: int = 0
    national: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)
    _by_code: Mapping[str, Concept] = field(init=False, repr=False, compare=False)
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        children: dict[str, tuple[str, ...]] = {}
        for concept in self.concepts:
            if concept.parent is not None:
                children[concept.parent] = (*children.get(concept.parent, ()), concept.code)
        object.__setattr__(self, "_by_code", {c.code: c for c in self.concepts})
        object.__setattr__(self, "_children", children)

    @property
    def scheme_iri(self) -> str:
        """IRI of the concept scheme."""
        return CODES + self.name

    def __len__(self) -> int:
        return len(self.concepts)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def concept(self, code: str) -> Concept:
        """Return a concept by its code or its IRI.

        Raises
        ------
        UnknownCodeError
            If the list has no such code; the error names similar codes.

        Examples
        --------
        >>> from ontology import code_list
        >>> code_list("lucas2018-lc1").concept("B16").label
        'Maize'
        """
        bare = code.removeprefix(self.scheme_iri + "/")
        found = self._by_code.get(bare)
        if found is None:
            raise UnknownCodeError(
                f"The code list {self.name} has no code {bare!r}",
                why=f"{self.title} has {len(self)} codes",
                remedy=self._suggestion(bare),
            )
        return found

    def _suggestion(self, code: str) -> str:
        near = get_close_matches(code.upper(), self._by_code, n=3, cutoff=0.6)
        if near:
            return "did you mean " + " or ".join(f"{c} ({self.label(c)})" for c in near) + "?"
        return "look the class up by name with ontology.find_concepts"

    def iri(self, code: str) -> str:
        """Return the concept IRI of a code (UnknownCodeError if there is none)."""
        return self.concept(code).iri

    def label(self, code: str) -> str:
        """Return the English label of a code or concept IRI."""
        return self.concept(code).label

    def top(self) -> tuple[str, ...]:
        """Return the codes without a broader one."""
        return tuple(c.code for c in self.concepts if c.parent is None)

    def broader(self, code: str, *, transitive: bool = True) -> tuple[str, ...]:
        """Return the codes above a code or concept IRI, nearest first."""
        above: list[str] = []
        parent = self.concept(code).parent
        while parent is not None:
            above.append(parent)
            parent = self._by_code[parent].parent if transitive else None
        return tuple(above)

    def narrower(self, code: str, *, transitive: bool = True) -> tuple[str, ...]:
        """Return the codes below a code or concept IRI, depth first, without itself."""
        below: list[str] = []
        for child in self._children.get(self.concept(code).code, ()):
            below.append(child)
            if transitive:
                below.extend(self.narrower(child))
        return tuple(below)

    def subtree(self, code: str) -> tuple[str, ...]:
        """Return the code itself and all codes below it: what a search for it must find."""
        return (self.concept(code).code, *self.narrower(code))

    def lookup(self, codes: pa.Array | pa.ChunkedArray, notation: str = "code") -> Lookup:
        """Concept IRIs for a column of codes, vectorised.

        Parameters
        ----------
        codes : pa.Array
            Strings or whole numbers; letter case, blanks around and lost leading zeros
            are forgiven.
        notation : str
            "code", "grid" for values of the list's official rasters, or one of ``national``.

        Returns
        -------
        Lookup

        Raises
        ------
        InputError
            If the column holds neither strings nor whole numbers.
        UnknownCodeError
            If the list has no such notation.
        """
        keys, iris = self._keys(notation)
        texts = self._texts(codes)
        if notation in self.national:
            spaced = pc.replace_substring_regex(texts, r"\s+", " ")
            texts = pc.replace_substring_regex(spaced, _ZEROS, r"\1")
        at = pc.index_in(texts, value_set=keys)
        strange = pc.and_(pc.is_valid(texts), pc.is_null(at))
        unknown = set(pc.unique(pc.filter(texts, strange)).to_pylist())
        no_class = {code.upper() for code in self.missing}
        return Lookup(iris.take(at), tuple(sorted(unknown - no_class)))

    def _keys(self, notation: str) -> tuple[pa.Array, pa.Array]:
        if notation == "code":
            pairs = [(c.code.upper(), c.iri) for c in self.concepts]
        elif notation == "grid":
            pairs = [(str(c.grid), c.iri) for c in self.concepts if c.grid is not None]
        else:
            pairs = self._national(notation)
        if not pairs:
            raise InputError(
                f"The code list {self.name} has no raster values of its own",
                remedy="look its codes up with notation='code'",
            )
        return pa.array([k for k, _ in pairs]), pa.array([i for _, i in pairs])

    def _national(self, notation: str) -> list[tuple[str, str]]:
        if notation not in self.national:
            known = ("code", "grid", *self.national)
            near = get_close_matches(notation, known, n=1)
            raise UnknownCodeError(
                f"The code list {self.name} has no notation {notation!r}",
                why="it has " + ", ".join(known),
                remedy=f"did you mean {near[0]}?" if near else "use one of these names",
            )
        return [(key, self.iri(code)) for key, code in self.national[notation].items()]

    def _texts(self, codes: pa.Array | pa.ChunkedArray) -> pa.Array:
        column = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
        try:
            if pa.types.is_floating(column.type):
                column = pc.cast(column, pa.int64())
            texts = pc.utf8_upper(pc.utf8_trim_whitespace(pc.cast(column, pa.string())))
        except pa.ArrowInvalid as error:
            raise InputError(
                f"These are no codes of {self.name}", why=str(error).splitlines()[0]
            ) from error
        texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
        return pc.utf8_lpad(texts, self.width, "0") if self.width else texts
