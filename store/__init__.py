"""Package of geoloom."""
