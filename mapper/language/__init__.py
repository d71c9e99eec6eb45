"""What mappings say: RML, R2RML and older vocabularies, read into checked nodes."""
