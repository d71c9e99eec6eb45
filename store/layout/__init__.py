"""The store's folder: manifests, immutable Parquet files, dictionary, lock, pins, writes."""
