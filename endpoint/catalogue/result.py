"""What a search gives back, and the same as STAC items and GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

STAC_VERSION: Final = "1.1.0"
COLLECTION: Final = "geoloom-products"


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """A class seen in a product; ``share`` and ``confidence`` are 0..1, None if unknown."""

    iri: str
    label: str
    share: float | None = None
    confidence: float | None = None
    observations: int = 0


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One product that met the conditions.

    Attributes
    ----------
    id : str
        IRI of the product.
    image_id : str or None
    geometry : dict
        GeoJSON geometry in CRS84.
    box : tuple of float
        west, south, east, north.
    datetime : str or None
        Acquisition time, xsd:dateTime.
    platform, tile : str or None
    cloud_cover : float or None
        Percent.
    classes : tuple of ClassMatch
        The classes that were searched for and are in the product, greatest share first.
    reasons : tuple of str
        Why it matched, one sentence a condition.
    """

    id: str
    image_id: str | None
    geometry: dict[str, Any]
    box: tuple[float, float, float, float]
    datetime: str | None
    platform: str | None
    tile: str | None
    cloud_cover: float | None
    classes: tuple[ClassMatch, ...]
    reasons: tuple[str, ...]

    def as_stac(self, root: str = "") -> dict[str, Any]:
        """Return a STAC 1.1 item; ``root`` is the URL of the server its links lead to."""
        optional = {
            "platform": self.platform,
            "eo:cloud_cover": self.cloud_cover,
            "geoloom:tile": self.tile,
            "geoloom:classes": [
                {"class": match.iri, "label": match.label, "share": match.share}
                for match in self.classes
            ]
            or None,
        }
        properties = {
            "datetime": self.datetime,
            "geoloom:id": self.id,
            "geoloom:reasons": [*self.reasons],
            **{name: value for name, value in optional.items() if value is not None},
        }
        name = self.image_id or self.id
        describe = quote(f"DESCRIBE <{self.id}>", safe="")
        links = [{"rel": "about", "href": self.id}]
        if root:
            links.append(
                {
                    "rel": "alternate",
                    "href": f"{root}/sparql?query={describe}",
                    "type": "text/turtle",
                }
            )
        return {
            "type": "Feature",
            "stac_version": STAC_VERSION,
            "stac_extensions": ["https://stac-extensions.github.io/eo/v1.1.0/schema.json"],
            "id": name,
            "geometry": self.geometry,
            "bbox": [*self.box],
            "properties": properties,
            "links": links,
            "assets": {},
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of items.

    Attributes
    ----------
    items : tuple of CatalogueItem
    total : int
        Products that meet the conditions, on all pages.
    limit, offset : int
    understood : tuple of str
        How the conditions were read: the classes a name stands for, the place it names.
    """

    items: tuple[CatalogueItem, ...]
    total: int
    limit: int
    offset: int
    understood: tuple[str, ...] = ()

    def as_stac(self, root: str = "") -> dict[str, Any]:
        """Return a GeoJSON FeatureCollection of STAC items (STAC API, item search)."""
        return {
            "type": "FeatureCollection",
            "features": [item.as_stac(root) for item in self.items],
            "numberMatched": self.total,
            "numberReturned": len(self.items),
            "geoloom:understood": [*self.understood],
            "links": [],
        }
