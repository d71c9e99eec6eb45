// The catalogue view: a form, the items with why they matched, and their footprints.
import { by, make, problemOf, showProblem } from "./dom.js";
import { draw, makeMap } from "./map.js";

const PAGE = 20;
const PERCENT = new Set(["min_share", "min_confidence"]);
let map, layer, offset = 0;

export function startCatalogue() {
  map = makeMap(by("search-map"));
  by("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search(0);
  });
  by("use-view").addEventListener("click", () => {
    const view = map.getBounds();
    const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    const limits = [180, 90, 180, 90];
    by("search").elements.box.value = box.map((n, i) => Math.max(-limits[i], Math.min(limits[i], n)).toFixed(3)).join(",");
  });
  by("previous").addEventListener("click", () => search(offset - PAGE));
  by("next").addEventListener("click", () => search(offset + PAGE));
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
  for (const [name, value] of asked) fill(name, value);
  if (asked.size) search(0);
  return { shown: () => map.invalidateSize() };
}

// Fills a field from a link, whose names and units are those of /catalogue/search.
function fill(name, value) {
  const field = by("search").elements[name];
  if (name === "month") {
    const [year, month] = value.split("-").map(Number);
    fill("start", `${value}-01`);
    fill("end", `${value}-${new Date(year, month, 0).getDate()}`);
  } else if (field?.type === "checkbox") field.checked = value === "true";
  else if (field) field.value = PERCENT.has(name) ? String(100 * Number(value)) : value;
}

function conditions() {
  const given = {};
  for (const [name, value] of new FormData(by("search"))) {
    if (value !== "") given[name] = PERCENT.has(name) ? Number(value) / 100 : value;
  }
  return given;
}

async function search(from) {
  offset = Math.max(0, from);
  by("search-problem").hidden = true;
  by("found").textContent = "searching …";
  const body = JSON.stringify({ ...conditions(), limit: PAGE, offset });
  const response = await fetch("catalogue/search", { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/geo+json" } });
  if (!response.ok) {
    by("found").textContent = "";
    by("items").replaceChildren();
    showProblem(by("search-problem"), await problemOf(response));
    return;
  }
  show(await response.json());
}

function show(found) {
  const understood = found["geoloom:understood"].join("; ");
  by("found").textContent = `${found.numberMatched.toLocaleString("en")} products${understood ? ` (${understood})` : ""}`;
  by("items").replaceChildren(...found.features.map(card));
  layer?.remove();
  layer = draw(map, found, { onClick: select });
  by("pages").hidden = found.numberMatched <= PAGE;
  by("previous").disabled = offset === 0;
  by("next").disabled = offset + PAGE >= found.numberMatched;
  by("page").textContent = `${offset + 1} to ${offset + found.numberReturned}`;
}

function card(item) {
  const { datetime, platform } = item.properties;
  const cloud = item.properties["eo:cloud_cover"];
  const meta = [datetime?.slice(0, 10), platform, cloud === undefined ? undefined : `${cloud.toFixed(0)} % cloud`].filter(Boolean).join(" · ");
  const reasons = item.properties["geoloom:reasons"].map((reason) => make("li", { textContent: reason }));
  const node = make("li", { tabIndex: 0 }, make("h3", { textContent: item.id }), make("div", { className: "meta", textContent: meta }), make("ul", {}, ...reasons));
  node.dataset.id = item.properties["geoloom:id"];
  node.addEventListener("click", () => select(item));
  node.addEventListener("keydown", (event) => event.key === "Enter" && select(item));
  return node;
}

function select(item) {
  const id = item.properties["geoloom:id"];
  for (const node of by("items").children) node.classList.toggle("active", node.dataset.id === id);
  by("items").querySelector(".active")?.scrollIntoView({ block: "nearest" });
  layer.eachLayer((shape) => {
    const chosen = shape.feature.properties["geoloom:id"] === id;
    shape.setStyle({ color: chosen ? "#b3400f" : "#1c6078", weight: chosen ? 3 : 1.5 });
    if (chosen) shape.bringToFront();
  });
}
