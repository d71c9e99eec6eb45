"""One federated query from text to plan: members described, sources chosen, plan cut."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ontology import IncompleteError, RemoteError, UnsupportedError
from store import Result, Store, parse_query
from store import algebra as al

from .client import Client
from .decompose import Decomposer, only_needed, remote_leaves
from .descriptions import Description, DescriptionCache, declared
from .estimates import estimate
from .execute import Executor
from .explain import explain_plan
from .local import LocalEngine
from .members import EndpointMember, StoreMember
from .report import CompletenessReport, Usage, finish_report
from .scope import nodes
from .selection import Selector
from .sources import Source

AnyMember = EndpointMember | StoreMember


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same from query to query.

    ``home`` is the name of the home store, ``stores`` holds every local store by source name.
    """

    sources: tuple[Source, ...]
    stores: Mapping[str, Store]
    home: str | None
    service: tuple[str, ...] | str
    cache: DescriptionCache


class Session:
    """Answers one query; use it once, as a context manager."""

    def __init__(self, setting: Setting, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        self._setting = setting
        self._client = Client(deadline)
        self._usages: list[Usage] = []
        self._members: dict[str, AnyMember] = {}
        self._services: dict[str, EndpointMember] = {}
        home = setting.stores[setting.home] if setting.home is not None else None
        self._engine = LocalEngine(home, deadline)
        for source in setting.sources:
            self._members[source.name] = self._member(source, deadline)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._setting.cache.save()
        self._client.close()

    # ------------------------------------------------------------------ members

    def _member(self, source: Source, deadline: float | None) -> AnyMember:
        usage = self._usage(source)
        if source.store is None:
            return EndpointMember(source, self._client, usage)
        home = source.name == self._setting.home
        store = self._setting.stores[source.name]
        return StoreMember(
            source.name, self._engine if home else LocalEngine(store, deadline), usage
        )

    def _usage(self, source: Source) -> Usage:
        usage = Usage(source.name, source.address)
        self._usages.append(usage)
        return usage

    def _describe(self, source: Source) -> Description:
        member = self._members[source.name]
        if source.predicates is not None:
            member.description = declared(source.name, source.predicates, source.classes)
        else:
            self._harvested(source, member)
        known = member.description
        if source.classes is not None:
            known.classes = dict.fromkeys(source.classes, 1)
        if source.row_cap is not None:
            known.row_cap = source.row_cap
        return known

    def _harvested(self, source: Source, member: AnyMember) -> None:
        cache = self._setting.cache
        kept = cache.get(source.address, source.name)
        if kept is not None and kept.fresh(member.version):
            member.description = kept
            return
        try:
            member.describe()
        except RemoteError as error:
            member.description = Description(source.name, problem=error.in_short())

    def _service(self, iri: str) -> EndpointMember:
        """Return the member a SERVICE clause names; only sources and allowed addresses count."""
        for member in (*self._members.values(), *self._services.values()):
            if isinstance(member, EndpointMember) and member.source.endpoint == iri:
                return member
        allowed, public = iri in self._setting.service, self._setting.service == "public"
        usage = Usage(iri, iri)
        self._usages.append(usage)
        try:
            if not (allowed or public):
                raise RemoteError(
                    "SERVICE may not ask this address",
                    where=iri,
                    why="it is neither a source nor an allowed service",
                    remedy="list it in the sources file: [[source]], or allow under [service]",
                )
            source = Source(iri, endpoint=iri)
        except RemoteError as error:
            usage.note("failures", error.in_short())
            raise
        self._services[iri] = EndpointMember(source, self._client, usage, listed=not public)
        return self._services[iri]

    # ------------------------------------------------------------------- stages

    def plan(self, text: str) -> al.Query:
        """Return the query with a plan whose remote parts are RemoteScan leaves.

        Raises
        ------
        QuerySyntaxError, UnsupportedError
        """
        query = parse_query(text)
        if set(self._members) == {self._setting.home}:
            return query
        _supported(query)
        needed = any(isinstance(node, al.Bgp) and node.patterns for node in nodes(query.plan))
        descriptions = [self._describe(s) for s in self._setting.sources] if needed else []
        selector = Selector(descriptions, self._ask, self._reason)
        decomposer = Decomposer(selector, self._setting.home, self._can)
        plan = decomposer.decompose(query.plan)
        for source in self._setting.sources if needed else ():
            if source.predicates is None and source.classes is None:
                self._setting.cache.put(source.address, self._members[source.name].description)
        return replace(query, plan=only_needed(plan, _results(query)))

    def _ask(self, source: str, text: str) -> bool | None:
        return self._members[source].ask(text)

    def _can(self, source: str, function: str) -> bool:
        return self._members[source].can(function)

    def _reason(self, source: str, text: str) -> None:
        self._members[source].usage.note("pruned", text)

    def _home_rows(self, plan: al.Plan) -> float | None:
        home = self._setting.home
        return None if home is None else estimate(plan, self._members[home].description)

    def _rows(self, plan: al.Plan) -> float | None:
        if isinstance(plan, al.RemoteScan):
            return estimate(plan.plan, self._members[plan.source].description)
        return self._home_rows(plan)

    def answer(self, text: str, *, strict: bool) -> Result:
        """Answer the query.

        Raises
        ------
        IncompleteError
            If ``strict`` and any source failed or was cut off.
        """
        query = self.plan(text)
        executor = Executor(self._members, self._engine, self._service, self._home_rows)
        local = replace(query, plan=executor.resolve(query.plan))
        report = self._report(query.plan)
        if strict and not report.complete:
            raise IncompleteError(
                "The answer is incomplete",
                why=report.sentence(),
                remedy="ask again without strict to see the rows there are",
            )
        result = self._engine.run(local)
        result.info["completeness"] = report
        return result

    def explain(self, text: str) -> str:
        """Return the federated plan, each source's subquery and the reasons, as text."""
        query = self.plan(text)
        return explain_plan(query.plan, self._report(query.plan), self._rows)

    def _report(self, plan: al.Plan) -> CompletenessReport:
        home = self._setting.home
        if home is not None and any(isinstance(node, al.Bgp) for node in _local_nodes(plan)):
            self._members[home].usage.used = True
        return finish_report(self._usages, monotonic=_monotonic(plan))


def _supported(query: al.Query) -> None:
    if query.default_graphs or query.named_graphs:
        raise UnsupportedError(
            "FROM and FROM NAMED are not supported in a federated query",
            why="the sources have graphs of their own",
            remedy="ask one store, or use GRAPH inside the query",
        )
    if query.form == "DESCRIBE":
        raise UnsupportedError(
            "DESCRIBE is not supported in a federated query",
            remedy="use CONSTRUCT with the triples wanted",
        )


def _results(query: al.Query) -> list[str]:
    names = list(query.variables)
    for pattern in query.template:
        ends = (pattern.subject, pattern.predicate, pattern.object)
        names += [node.name for node in ends if isinstance(node, al.Var)]
    return names


def _local_nodes(plan: al.Plan) -> list[al.Plan]:
    remote = {id(inner) for leaf in remote_leaves(plan) for inner in nodes(leaf.plan)}
    return [node for node in nodes(plan) if id(node) not in remote]


def _monotonic(plan: al.Plan) -> bool:
    """Return whether more data can only mean more rows."""
    for node in nodes(plan):
        if isinstance(node, al.Minus | al.LeftJoin | al.Group | al.Slice):
            return False
        if isinstance(node, al.Filter) and _negates(node.condition):
            return False
    return True


def _negates(expr: al.Expr) -> bool:
    if isinstance(expr, al.Exists):
        return expr.negated
    return isinstance(expr, al.Call) and (
        (expr.op == "!" and any(isinstance(a, al.Exists) for a in expr.args))
        or any(_negates(a) for a in expr.args)
    )
