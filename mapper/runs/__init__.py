"""A run of a mapping: plan, passes over sources, counts, quarantine, records."""
