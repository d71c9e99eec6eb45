// A Leaflet map in longitude and latitude over outlines of countries that lie on this server.
/* global L, topojson */
import { make } from "./dom.js";

const COLORS = ["#1c6078", "#b3400f", "#4f7d2f", "#7a4fa3", "#a37f1c", "#2b5fa8", "#96355f", "#56707c"];
let outlines;

async function basemap() {
  outlines ??= fetch(new URL("./vendor/world-atlas/countries-110m.json", import.meta.url)).then((r) => r.json());
  const atlas = await outlines;
  const land = topojson.feature(atlas, atlas.objects.countries);
  for (const { geometry } of land.features) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const rings of polygons) rings.splice(0, rings.length, ...rings.map(unwrap));
  }
  return land;
}

// Rings that cross 180 degrees go on beyond it; a ring around a pole is led along the pole.
function unwrap(ring) {
  let turn = 0;
  const path = ring.map(([x, y], i) => {
    const step = i ? x - ring[i - 1][0] : 0;
    if (Math.abs(step) > 180) turn -= 360 * Math.sign(step);
    return [x + turn, y];
  });
  if (turn === 0) return path;
  const pole = path[0][1] < 0 ? -85 : 85;
  return [[path[0][0], pole], ...path, [path.at(-1)[0], pole], [path[0][0], pole]];
}

export function makeMap(element) {
  const map = L.map(element, { worldCopyJump: true, preferCanvas: false, attributionControl: false, zoomSnap: 0.5 });
  map.setView([47.5, 14], 4);
  L.control.scale({ imperial: false }).addTo(map);
  basemap().then((land) => {
    L.geoJSON(land, { interactive: false, style: { color: "#c3cfd5", weight: 1, fillColor: "#fbfcfc", fillOpacity: 1 } }).addTo(map).bringToBack();
  });
  return map;
}

function popup(properties) {
  const list = make("dl");
  for (const [key, value] of Object.entries(properties)) {
    list.append(make("dt", { textContent: key }), make("dd", { textContent: String(value) }));
  }
  return list;
}

const kindOf = (f) => f.properties.class ?? f.properties.fieldClass;

// Draws features in one colour per class of the map, where there is one, and returns the layer.
export function draw(map, collection, { onClick, fit = true } = {}) {
  const kinds = [...new Set(collection.features.map(kindOf))].slice(0, COLORS.length);
  const color = (f) => COLORS[Math.max(0, kinds.indexOf(kindOf(f)))];
  const canvas = collection.features.length > 2000 ? L.canvas() : undefined;
  const layer = L.geoJSON(collection, {
    renderer: canvas,
    style: (f) => ({ color: color(f), weight: 1.5, fillOpacity: 0.18 }),
    pointToLayer: (f, at) => L.circleMarker(at, { radius: 5, color: color(f), weight: 1.5, fillOpacity: 0.5 }),
    onEachFeature: (f, shape) => {
      if (onClick) shape.on("click", () => onClick(f));
      else shape.bindPopup(() => popup(f.properties));
    },
  }).addTo(map);
  const bounds = layer.getBounds();
  if (fit && bounds.isValid()) map.fitBounds(bounds.pad(0.08), { maxZoom: 16, animate: false });
  return layer;
}
