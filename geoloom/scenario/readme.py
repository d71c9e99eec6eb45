"""The README.txt that goes with a scenario."""

from __future__ import annotations

from .layout import Layout
from .truth import Truth

_TEXT = """SYNTHETIC DATA, made by geoloom.scenario.generate. Nothing here was observed.

{fields} crop fields, {samples} ground samples, {products} satellite products; seed {seed}.
The area is a square of {km} km in Upper Austria (EPSG:3035). Fields, classes, districts, cloud
cover, ice and harbours are invented. Real are: the grid of the LUCAS survey (POINT_ID = EEEENNNN,
kilometres of EPSG:3035), the squares of the Sentinel-2 tiles, the codes of HCAT 3, LUCAS LC1 and
SIGRID-3. The crop mix is only similar to Austria's. Image ids look like Sentinel-2's but no such
images exist (processing baseline N9999).

{name:<20} fields, EPSG:3035: field_id, mapped class (hcat3_code, hcat3_name), confidence 0..1,
                     area_ha, image_id of the product they were seen in
lucas_points.csv     samples: POINT_ID, TH_LONG, TH_LAT, LC1, SURVEY_DATE
products.csv         products: image_id, tile, platform, acquired (UTC), cloud_cover in percent,
                     wkt (footprint, longitude latitude); the same as products.geojson
cover_shares.csv     share of a product's footprint, 0..1, by HCAT 3 class
districts.geojson    districts: name, code, level; longitude latitude
classmap.tif         map of classes, 20 m, EPSG:3035; values as in classmap_legend.csv, 0 = none
confidence.tif       its confidence in percent, 255 = none
icechart.gpkg        ice polygons, EPSG:4326: ice_id, concentration in percent, stage (SIGRID-3)
harbours.csv         name, lon, lat
truth.json           the true answers

Samples lie inside a field, 2 to 8 m or more than 12 m outside its edge, or far from any; so at a
distance of 10 m no case is in doubt. The true answers: {outcomes}.
"""


def readme(truth: Truth, layout: Layout, name: str) -> str:
    """Return the text of README.txt."""
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in truth.counts().items())
    return _TEXT.format(
        fields=truth.fields,
        samples=truth.samples,
        products=truth.products,
        seed=truth.seed,
        km=layout.side * 2,
        name=name,
        outcomes=outcomes,
    )
