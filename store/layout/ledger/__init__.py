"""Ledgers: which rows of its sources a mapping has mapped, and what it made of each.

A ledger is a file of rows (``n``, and 128 bits of fingerprint ``r0``, ``r1``) and files of triples
(``n`` of the row, id ``s`` of the subject, 64 bits of fingerprint ``h``). A triple is stale once
every row that made it is gone; it is then looked up by subject and fingerprint and removed.
"""
