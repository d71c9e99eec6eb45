"""DuckDB: connection, functions written in Python, run, cancel."""
