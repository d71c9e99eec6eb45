"""Searching the catalogue: resolve names, ask the store, say why each item matched."""

from __future__ import annotations

from typing import Any

from ..deadline import Timed
from ..geojson import to_crs84
from ..queryable import Queryable, Row, rows
from . import compose
from .concepts import ConceptChoice, choose_concepts
from .places import Place, find_place
from .request import SearchRequest
from .result import CatalogueItem, ClassMatch, SearchResult


def search(
    store: Queryable,
    request: SearchRequest | None = None,
    *,
    timeout: float | None = None,
    **conditions: Any,
) -> SearchResult:
    """Find products by what was seen in them, where and when.

    Parameters
    ----------
    store : Queryable
        A store or a federation.
    request : SearchRequest, optional
        The search; or give its fields as keywords.
    timeout : float, optional
        Seconds for all queries of the search together.
    **conditions
        Fields of :class:`SearchRequest`, e.g. ``concept="cereals", min_share=0.3``.

    Returns
    -------
    SearchResult
        Newest first.

    Raises
    ------
    UsageError
        A condition makes no sense, or a place is unknown or ambiguous.
    UnknownCodeError
        No class is called so.

    Notes
    -----
    The cover shares of one product are taken to be of disjoint classes: the share of a wide
    class is the sum of the shares of its narrower classes and its own.
    """
    request = request if request is not None else SearchRequest(**conditions)
    store = Timed(store, timeout)
    choice = choose_concepts(request.concept, request.scheme) if request.concept else None
    place = find_place(store, request.place) if request.place else None
    resolved = compose.Conditions(
        request,
        tuple(choice.narrower) if choice else (),
        place.iri if place else None,
    )
    total = int(rows(store, compose.count_query(resolved))[0]["total"])
    products: list[str] = []
    if total > request.offset:
        found = rows(store, compose.page_query(resolved))
        products = list(dict.fromkeys(row["product"] for row in found))
    items = _Page(store, request, choice, place, products).items() if products else ()
    return SearchResult(items, total, request.limit, request.offset, _understood(choice, place))


def _understood(choice: ConceptChoice | None, place: Place | None) -> tuple[str, ...]:
    found = []
    if choice is not None:
        names = ", ".join(f"{root.label} ({root.scheme} {root.code})" for root in choice.roots)
        found.append(f"{choice.text}: {names}; {len(choice.narrower)} classes in all")
    if place is not None:
        found.append(f"place: {place.label} <{place.iri}>")
    return tuple(found)


class _Page:
    """The items of one page, put together from a few set-wise queries."""

    def __init__(
        self,
        store: Queryable,
        request: SearchRequest,
        choice: ConceptChoice | None,
        place: Place | None,
        products: list[str],
    ) -> None:
        self.request, self.choice, self.place, self.products = request, choice, place, products

        def ask(text: str) -> list[Row]:
            return rows(store, text)

        self.details = {row["product"]: row for row in ask(compose.details_query(products))}
        self.shares: list[Row] = []
        self.observations: list[Row] = []
        if choice is not None:
            self.shares = ask(compose.shares_query(products, choice.narrower))
            self.observations = ask(
                compose.observations_query(products, choice.narrower, request.min_confidence)
            )
        self.samples: dict[str, int] = {}
        if request.inconsistent_samples:
            found = ask(compose.samples_query(products))
            self.samples = {row["product"]: int(row["number"]) for row in found}

    def items(self) -> tuple[CatalogueItem, ...]:
        """Return the items in the order of the page."""
        shown = [product for product in self.products if product in self.details]
        shapes = to_crs84([self.details[product]["wkt"] for product in shown])
        return tuple(
            self._item(product, shape.geometry, shape.box)
            for product, shape in zip(shown, shapes, strict=True)
        )

    def _item(
        self, product: str, geometry: dict[str, Any], box: tuple[float, float, float, float]
    ) -> CatalogueItem:
        row = self.details[product]
        classes = self._classes(product)
        return CatalogueItem(
            id=product,
            image_id=row.get("imageID"),
            geometry=geometry,
            box=box,
            datetime=row.get("acquired"),
            platform=row.get("platform"),
            tile=row.get("tile"),
            cloud_cover=float(row["cloud"]) if "cloud" in row else None,
            classes=classes,
            reasons=tuple(self._reasons(product, row, classes)),
        )

    def _classes(self, product: str) -> tuple[ClassMatch, ...]:
        if self.choice is None:
            return ()
        shares = {
            row["class"]: float(row["share"]) for row in self.shares if row["product"] == product
        }
        seen = {row["class"]: row for row in self.observations if row["product"] == product}
        matches = [
            ClassMatch(
                iri,
                self.choice.narrower[iri],
                shares.get(iri),
                float(seen[iri]["confidence"]) if "confidence" in seen.get(iri, {}) else None,
                int(seen[iri]["number"]) if iri in seen else 0,
            )
            for iri in {**shares, **seen}
        ]
        return tuple(sorted(matches, key=lambda match: (-(match.share or 0.0), match.iri)))

    def _reasons(self, product: str, row: Row, classes: tuple[ClassMatch, ...]) -> list[str]:
        request, reasons = self.request, []
        if self.choice is not None:
            reasons += _content_reasons(self.choice.text, classes, request)
        if self.place is not None:
            reasons.append(f"Its footprint touches {self.place.label}.")
        if request.box is not None:
            reasons.append("Its footprint touches the box.")
        if request.period() != (None, None) and "acquired" in row:
            reasons.append(f"It was acquired on {row['acquired'][:10]}.")
        if request.platform is not None:
            reasons.append(f"Its platform is {request.platform}.")
        if request.max_cloud is not None and "cloud" in row:
            reasons.append(
                f"Clouds cover {float(row['cloud']):g} % of it, at most {request.max_cloud:g} % "
                "were wanted."
            )
        if product in self.samples:
            number = self.samples[product]
            noun = "sample disagrees" if number == 1 else "samples disagree"
            reasons.append(f"{number} ground {noun} with the map inside it.")
        return reasons or ["No condition was set."]


def _content_reasons(
    text: str, classes: tuple[ClassMatch, ...], request: SearchRequest
) -> list[str]:
    reasons = []
    covered = [match for match in classes if match.share]
    if covered:
        total = sum(match.share or 0.0 for match in covered)
        parts = ", ".join(f"{match.label} {100 * (match.share or 0):.1f} %" for match in covered)
        reasons.append(f"{100 * total:.1f} % of it is {text}: {parts}.")
    seen = [match for match in classes if match.observations]
    if seen and (request.min_confidence is not None or not covered):
        number = sum(match.observations for match in seen)
        sure = max((match.confidence or 0.0) for match in seen)
        were = "observation was" if number == 1 else "observations were"
        tail = f"; the greatest confidence is {sure:.2f}" if sure else ""
        reasons.append(f"{number} {were} made of {text} in it{tail}.")
    return reasons
