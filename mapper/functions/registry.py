"""The registry of functions: IRI to a vectorised call on Arrow columns."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ontology import GeoloomError, MappingError

from ..language.model import FunctionCall
from ..language.vocabulary import did_you_mean
from ..terms.cells import Cells, Rows
from ..terms.faults import Faults


@dataclass(frozen=True, slots=True)
class Call:
    """What a built-in function gets beside its arguments: where bad values are reported."""

    faults: Faults
    rows: Rows
    where: str

    def fault(self, at: Any, reason: Any, kind: type[GeoloomError] = MappingError) -> None:
        """Mark the rows of the values at these positions as bad."""
        self.faults.add(self.rows[np.asarray(at, np.int64)], reason, kind)


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function.

    Attributes
    ----------
    iri : str
    call : callable
    parameters : tuple of str
        Names; an ``rml:parameter`` means the one that its IRI ends in.
    optional : frozenset of str
    outputs : frozenset of str
        Names ``rml:return`` may end in; empty allows any.
    native : bool
        Takes a :class:`Call` and Cells instead of Arrow arrays.
    aliases : dict of str to str
        Other names of parameters.
    """

    iri: str
    call: Callable[..., Any]
    parameters: tuple[str, ...]
    optional: frozenset[str]
    outputs: frozenset[str]
    native: bool
    aliases: dict[str, str] = field(default_factory=dict)

    def check(self, call: FunctionCall, where: str) -> None:
        """Raise MappingError unless a mapping calls this rightly."""
        names = [local_name(argument.parameter) for argument in call.inputs]
        given = {self.aliases.get(name, name) for name in names}
        for name in sorted(given - set(self.parameters)):
            raise MappingError(
                f"Function {self.iri} has no parameter {name}",
                where=where,
                remedy=did_you_mean(name, self.parameters),
            )
        for name in sorted(set(self.parameters) - self.optional - given):
            raise MappingError(
                f"Function {self.iri} needs its parameter {name}",
                where=where,
                remedy=f"add an rml:input with a parameter that ends in {name}",
            )
        output = call.output and local_name(call.output)
        if output and self.outputs and output not in self.outputs:
            raise MappingError(
                f"Function {self.iri} has no output {output}",
                where=where,
                remedy=did_you_mean(output, self.outputs),
            )

    def run(self, arguments: dict[str, Cells], call: Call) -> Cells:
        """Call with one value a row in every argument."""
        arguments = {self.aliases.get(name, name): cells for name, cells in arguments.items()}
        if self.native:
            result = self.call(call, **arguments)
        else:
            result = self.call(**{name: cells.values for name, cells in arguments.items()})
        return self._checked(result, len(call.rows))

    def _checked(self, result: Any, count: int) -> Cells:
        if isinstance(result, Cells):
            return result
        if isinstance(result, pa.ChunkedArray):
            result = result.combine_chunks()
        if not isinstance(result, pa.Array) or len(result) != count:
            raise MappingError(
                f"Function {self.iri} must return an Arrow array with one value a row",
                why=f"it returned {type(result).__name__} for {count} rows",
            )
        return Cells(result)


_FUNCTIONS: dict[str, Function] = {}


def register(
    iri: str,
    function: Callable[..., Any],
    *,
    outputs: Iterable[str] = (),
    native: bool = False,
    aliases: Mapping[str, str] | None = None,
) -> None:
    """Make a function callable from mappings.

    Parameters
    ----------
    iri : str
        What ``rml:function`` names.
    function : callable
        Takes Arrow arrays (one value a row, null is "no value") by the names of its
        parameters and returns an Arrow array of the same length; a list array gives several
        values a row. ``rml:parameter`` names a parameter by an IRI that ends in its name.
    outputs : iterable of str
        Names ``rml:return`` may end in; any by default.
    native : bool
        For built-in functions: takes a :class:`Call` first, and Cells.
    aliases : mapping of str to str, optional
        Other names of parameters, to those of the function.

    Examples
    --------
    >>> import pyarrow.compute as pc
    >>> register("http://ex/ns#reverse", lambda value: pc.utf8_reverse(value))
    """
    parameters = list(inspect.signature(function).parameters.values())[1 if native else 0 :]
    _FUNCTIONS[iri] = Function(
        iri,
        function,
        tuple(p.name for p in parameters),
        frozenset(p.name for p in parameters if p.default is not p.empty),
        frozenset(outputs),
        native,
        dict(aliases or {}),
    )


def registered() -> tuple[str, ...]:
    """IRIs of all functions, sorted."""
    return tuple(sorted(_FUNCTIONS))


def find_function(iri: str, where: str) -> Function:
    """Return a function.

    Raises
    ------
    MappingError
        There is none of this name.
    """
    if iri not in _FUNCTIONS:
        raise MappingError(
            f"There is no function {iri}",
            where=where,
            remedy=did_you_mean(iri, _FUNCTIONS) + "; mapper.register adds your own",
        )
    return _FUNCTIONS[iri]


def local_name(iri: str) -> str:
    """The part of an IRI after its last # or /."""
    return re.split(r"[#/]", iri)[-1]
