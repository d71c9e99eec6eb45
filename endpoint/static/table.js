// SPARQL results as a table; long geometries are shortened, rows come in pages.
import { make } from "./dom.js";

const PAGE = 200;
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const NUMBERS = new Set(["integer", "decimal", "double", "float", "int", "long"].map((n) => `http://www.w3.org/2001/XMLSchema#${n}`));
const PREFIXES = {
  gl: "https://w3id.org/geoloom/ns#", codes: "https://w3id.org/geoloom/codes/", geo: "http://www.opengis.net/ont/geosparql#",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#", rdfs: "http://www.w3.org/2000/01/rdf-schema#", xsd: "http://www.w3.org/2001/XMLSchema#",
  skos: "http://www.w3.org/2004/02/skos/core#", sosa: "http://www.w3.org/ns/sosa/", prov: "http://www.w3.org/ns/prov#", dcat: "http://www.w3.org/ns/dcat#",
};

function shorten(iri) {
  for (const [prefix, start] of Object.entries(PREFIXES)) {
    if (iri.startsWith(start)) return `${prefix}:${iri.slice(start.length)}`;
  }
  return iri;
}

function cell(term) {
  const td = make("td");
  if (!term) td.append(make("span", { className: "unbound", textContent: "unbound" }));
  else if (term.type === "uri") td.append(make("span", { className: "iri", title: term.value, textContent: shorten(term.value) }));
  else if (term.type === "bnode") td.append(make("span", { className: "type", textContent: `_:${term.value}` }));
  else if (term.value.length > (term.datatype === WKT ? 60 : 160)) {
    const head = term.datatype === WKT ? term.value.replace(/^<[^>]*>\s*/, "").split("(")[0].trim() : term.value.slice(0, 80);
    const size = `${term.value.length.toLocaleString("en")} characters`;
    td.append(make("details", {}, make("summary", { textContent: `${head} … (${size})` }), make("code", { textContent: term.value })));
  } else {
    td.append(term.value);
    if (NUMBERS.has(term.datatype)) td.className = "number";
    if (term["xml:lang"]) td.append(" ", make("span", { className: "type", textContent: `@${term["xml:lang"]}` }));
  }
  return td;
}

export function hasGeometry(result) {
  return result.results.bindings.some((row) => Object.values(row).some((term) => term.datatype === WKT));
}

export function showTable(box, result) {
  const names = result.head.vars;
  const rows = result.results.bindings;
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { textContent: name })))), body);
  const more = make("button", { textContent: "Show more rows" });
  let shown = 0;
  const add = () => {
    body.append(...rows.slice(shown, shown + PAGE).map((row) => make("tr", {}, ...names.map((name) => cell(row[name])))));
    shown = Math.min(rows.length, shown + PAGE);
    more.hidden = shown >= rows.length;
  };
  more.addEventListener("click", add);
  add();
  box.replaceChildren(table, make("div", { className: "more" }, more));
}
