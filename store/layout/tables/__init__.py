"""Entity tables on disk: forming them from rows, writing, reading, changing, folding them."""
