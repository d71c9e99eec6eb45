"""GeoSPARQL over facets: constants, functions, spatial joins."""
