"""Reading N-Triples and N-Quads by blocks of bytes."""
