// The query view: editor, run and cancel, table, map, downloads.
/* global Yasqe */
import { by, make, problemOf, save, showProblem } from "./dom.js";
import { examples } from "./examples.js";
import { draw, makeMap } from "./map.js";
import { hasGeometry, showTable } from "./table.js";

const TABLES = [["JSON", "application/sparql-results+json", "srj"], ["XML", "application/sparql-results+xml", "srx"], ["CSV", "text/csv", "csv"], ["TSV", "text/tab-separated-values", "tsv"], ["GeoJSON", "application/geo+json", "geojson"]];
const GRAPHS = [["Turtle", "text/turtle", "ttl"], ["N-Triples", "application/n-triples", "nt"], ["RDF/XML", "application/rdf+xml", "rdf"], ["JSON-LD", "application/ld+json", "jsonld"]];
const KEPT = "geoloom-query";
const ANY = "application/sparql-results+json, text/turtle;q=0.9";

function makeEditor(value) {
  return new Yasqe(by("editor"), {
    value, persistenceId: null, showQueryButton: false, resizeable: false, createShareableLink: null, consumeShareLink: null, prefixCcApi: null,
    autocompleters: ["prefixes", "variables"], lineNumbers: true, extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run },
  });
}

let editor, map, layer, running, last;

export function startQuery() {
  editor = makeEditor(localStorage.getItem(KEPT) || examples[0].text);
  editor.on("change", () => localStorage.setItem(KEPT, editor.getValue()));
  const select = by("examples");
  select.append(...examples.map(({ name }, value) => make("option", { value: String(value), textContent: name })));
  select.addEventListener("change", () => {
    if (select.value !== "") editor.setValue(examples[Number(select.value)].text);
    select.value = "";
    editor.focus();
  });
  by("run").addEventListener("click", run);
  by("cancel").addEventListener("click", () => running?.abort());
  by("explain").addEventListener("click", explain);
  by("show-table").addEventListener("click", () => showPart("table"));
  by("show-map").addEventListener("click", () => showPart("map"));
  by("download").addEventListener("change", download);
  const address = new URLSearchParams(location.hash.split("?")[1] ?? "");
  const asked = address.get("query");
  if (asked) {
    editor.setValue(asked);
    run().then(() => address.get("view") === "map" && !by("show-map").disabled && showPart("map"));
  }
  return { shown: () => editor.refresh() };
}

const service = () => by("service")?.value ?? "sparql";

function post(path, text, accept, signal) {
  return fetch(path, { method: "POST", body: text, signal, headers: { "Content-Type": "application/sparql-query", Accept: accept } });
}

function showPart(name) {
  for (const part of ["table", "map", "text"]) by(part).hidden = part !== name;
  by("show-table").setAttribute("aria-selected", String(name !== "map"));
  by("show-map").setAttribute("aria-selected", String(name === "map"));
  if (name === "map") showMap();
}

function begin(text) {
  running?.abort();
  running = new AbortController();
  by("problem").hidden = true;
  by("status").textContent = "running …";
  by("run").disabled = true;
  by("cancel").disabled = false;
  by("show-map").disabled = true;
  by("download").disabled = true;
  last = { text, service: service(), signal: running.signal };
  return running.signal;
}

function end() {
  by("run").disabled = false;
  by("cancel").disabled = true;
}

async function run() {
  const signal = begin(editor.getValue());
  const began = performance.now();
  try {
    const response = await post(last.service, last.text, ANY, signal);
    if (!response.ok) return fail(await problemOf(response));
    const media = response.headers.get("Content-Type").split(";")[0];
    const tabular = media === "application/sparql-results+json";
    const result = tabular ? await response.json() : await response.text();
    const seconds = ((performance.now() - began) / 1000).toFixed(2);
    by("status").textContent = `${tabular ? describe(result) : "graph"} in ${seconds} s${warning(response)}`;
    if (tabular && result.results) showSolutions(result);
    else showText(tabular ? String(result.boolean) : result, tabular ? TABLES.slice(0, 2) : GRAPHS);
  } catch (error) {
    if (error.name === "AbortError") by("status").textContent = "cancelled";
    else fail({ title: "The answer was cut off", why: error.message, try: "run the query again, or ask for less" });
  } finally {
    if (last.signal === signal) end();
  }
  return undefined;
}

const describe = (result) => (result.results ? `${result.results.bindings.length.toLocaleString("en")} rows` : "answered");
const warning = (response) => (response.headers.get("Geoloom-Complete") === "false" ? ": INCOMPLETE, a source failed or was cut off" : "");

function fail(problem) {
  by("status").textContent = "failed";
  by("table").replaceChildren();
  showPart("table");
  showProblem(by("problem"), problem);
}

function offer(formats) {
  by("download").replaceChildren(make("option", { value: "", textContent: "as …" }), ...formats.map(([name, media, extension]) => make("option", { value: `${media} ${extension}`, textContent: name })));
  by("download").disabled = false;
}

function showSolutions(result) {
  showTable(by("table"), result);
  const spatial = hasGeometry(result);
  last.drawn = false;
  by("show-map").disabled = !spatial;
  offer(spatial ? TABLES : TABLES.slice(0, 4));
  const onMap = by("show-map").getAttribute("aria-selected") === "true";
  showPart(spatial && onMap ? "map" : "table");
}

function showText(text, formats) {
  by("text").textContent = text;
  offer(formats);
  showPart("text");
}

async function showMap() {
  map ??= makeMap(by("map"));
  map.invalidateSize();
  if (last.drawn) return;
  last.drawn = true;
  const response = await post(last.service, last.text, "application/geo+json", last.signal);
  if (!response.ok) {
    showProblem(by("problem"), await problemOf(response));
    return;
  }
  layer?.remove();
  layer = draw(map, await response.json());
}

async function download() {
  const [media, extension] = by("download").value.split(" ");
  by("download").value = "";
  if (!media) return;
  const response = await post(last.service, last.text, media);
  if (response.ok) save(await response.blob(), `answer.${extension}`);
  else showProblem(by("problem"), await problemOf(response));
}

async function explain() {
  const signal = begin(editor.getValue());
  try {
    const response = await post("explain", last.text, "text/plain", signal);
    if (!response.ok) return fail(await problemOf(response));
    by("status").textContent = "how the query would be answered";
    by("text").textContent = await response.text();
    showPart("text");
  } finally {
    end();
  }
  return undefined;
}
