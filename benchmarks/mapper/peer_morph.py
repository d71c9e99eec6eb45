"""Run by the peers' Python: morph-kgc over the fields of a folder. Arguments: FOLDER OUT."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import morph_kgc  # noqa: F401  its imports are not counted
from clock import Clock

_OLD_TERMS = {
    "@prefix rml: <http://w3id.org/rml/> .": "@prefix rr: <http://www.w3.org/ns/r2rml#> .\n"
    "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .\n"
    "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .",
    '[ a rml:FilePath ; rml:path "fields.csv" ]': '"fields.csv"',
    "rml:CSV": "ql:CSV",
}
_RENAMED = "TriplesMap subjectMap template class predicateObjectMap predicate objectMap datatype"

folder, out = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
text = (folder / "fields.rml.ttl").read_text()
for new, old in _OLD_TERMS.items():
    text = text.replace(new, old)
for term in _RENAMED.split():
    text = text.replace(f"rml:{term} ", f"rr:{term} ")
mapping = out.with_suffix(".morph.ttl")
mapping.write_text(text)
settings = out.with_suffix(".ini")
settings.write_text(
    f"[CONFIGURATION]\noutput_file = {out}\noutput_format = N-TRIPLES\n"
    f"number_of_processes = 1\nlogging_level = WARNING\n[fields]\nmappings = {mapping}\n"
)
os.chdir(folder)
clock = Clock()
sys.argv = ["morph_kgc", str(settings)]
runpy.run_module("morph_kgc", run_name="__main__", alter_sys=True)
clock.tell()
settings.unlink()
mapping.unlink()
