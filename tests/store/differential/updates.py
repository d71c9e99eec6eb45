"""Random update requests: every operation but LOAD, one to three in a request."""

from __future__ import annotations

from .drawing import VARIABLES, Drawing
from .patterns import group
from .terms import GRAPHS, LITERALS, NODES, PREDICATES

DATA = ("INSERT DATA", "DELETE DATA")
CHANGES = ("DELETE WHERE", "DELETE", "INSERT", "DELETE INSERT")
DATASETS = ("WITH", "USING", "USING NAMED")
WHOLE = tuple(
    f"{verb} SILENT {what}"
    for verb in ("CLEAR", "DROP")
    for what in ("GRAPH", "DEFAULT", "NAMED", "ALL")
)
TRANSFERS = tuple(f"{verb} SILENT" for verb in ("COPY", "MOVE", "ADD"))
_NEW = '"new"'
OPERATIONS = (*DATA, *CHANGES, *DATASETS, *WHOLE, "CREATE SILENT", *TRANSFERS)


def request(drawing: Drawing, wish: str) -> str:
    """A request with this operation, before and after it perhaps others."""
    operations = [operation(drawing, wish)]
    if drawing.chance(3):
        operations.insert(0, operation(drawing, drawing.one_of((*DATA, *CHANGES, *TRANSFERS))))
    if drawing.chance(3):
        operations.append(operation(drawing, drawing.one_of(CHANGES)))
    return " ;\n".join(operations)


def operation(drawing: Drawing, name: str) -> str:
    """One operation."""
    if name in DATA:
        return f"{name} {{ {_data(drawing, blank=name.startswith('INSERT'))} }}"
    if name in CHANGES:
        return _change(drawing, name)
    if name in DATASETS:
        return _over_dataset(drawing, name)
    if name in TRANSFERS:
        places = ("DEFAULT", *GRAPHS)
        return f"{name} {drawing.one_of(places)} TO {drawing.one_of(places)}"
    graph = f" GRAPH {drawing.one_of(GRAPHS)}"
    if name == "CREATE SILENT":
        return name + graph
    return name.removesuffix(" GRAPH") + (graph if name.endswith("GRAPH") else "")


def _data(drawing: Drawing, *, blank: bool) -> str:
    texts = [text for kind in drawing.kinds for text in LITERALS[kind]]
    blanks = (f"_:{drawing.fresh()}",) if blank else ()
    triples = [
        f"{drawing.one_of((*NODES, *blanks))} {drawing.one_of(PREDICATES)} "
        f"{drawing.one_of((*NODES, *texts, *blanks))} ."
        for _ in range(drawing.number(1, 3))
    ]
    return _somewhere(drawing, " ".join(triples))


def _somewhere(drawing: Drawing, triples: str, *, variable: bool = False) -> str:
    """The triples in the default graph or in a named one."""
    if drawing.chance(2):
        return triples
    names = (*GRAPHS, "?g") if variable else GRAPHS
    return f"GRAPH {drawing.one_of(names)} {{ {triples} }}"


def _template(drawing: Drawing, *, blank: bool) -> str:
    blanks = ("_:new",) if blank else ()
    triples = [
        f"{drawing.one_of((*VARIABLES, *NODES, *blanks))} "
        f"{drawing.one_of((*PREDICATES, VARIABLES[1]))} "
        f"{drawing.one_of((*VARIABLES, _NEW, *blanks))} ."
        for _ in range(drawing.number(1, 2))
    ]
    return _somewhere(drawing, " ".join(triples), variable=True)


def _change(drawing: Drawing, name: str) -> str:
    if name == "DELETE WHERE":
        triples = f"{drawing.variable()} {drawing.one_of(PREDICATES)} {drawing.variable()} ."
        return f"DELETE WHERE {{ {_somewhere(drawing, triples, variable=True)} }}"
    deletes = f"DELETE {{ {_template(drawing, blank=False)} }} " if "DELETE" in name else ""
    inserts = f"INSERT {{ {_template(drawing, blank=True)} }} " if "INSERT" in name else ""
    return f"{deletes}{inserts}{_using(drawing)}WHERE {{ {_where(drawing)} }}"


def _where(drawing: Drawing) -> str:
    inner = group(drawing, 1)
    return f"{inner} GRAPH ?g {{ ?a ?b ?c }}" if drawing.chance(3) else inner


def _using(drawing: Drawing) -> str:
    return f"USING {drawing.one_of(GRAPHS)} " if drawing.chance(8) else ""


def _over_dataset(drawing: Drawing, name: str) -> str:
    graph = drawing.one_of(GRAPHS)
    inserts = f"INSERT {{ {_template(drawing, blank=True)} }}"
    if name == "WITH":
        deletes = f"DELETE {{ {_template(drawing, blank=False)} }}"
        return f"WITH {graph} {deletes} {inserts} WHERE {{ {_where(drawing)} }}"
    if name == "USING":
        return f"{inserts} USING {graph} WHERE {{ {_where(drawing)} }}"
    where = f"{_where(drawing)} GRAPH ?g {{ {group(drawing, 0)} }}"
    return f"{inserts} USING {drawing.one_of(GRAPHS)} USING NAMED {graph} WHERE {{ {where} }}"
