"""Columns of a batch to columns of terms."""
