// The validation view: run one, see its figures, open or save the whole report.
import { by, make, problemOf, save, showProblem } from "./dom.js";

const percent = (value) => (value === null ? "n/a" : `${(100 * value).toFixed(1)} %`);

export function startValidation() {
  by("validate").addEventListener("submit", async (event) => {
    event.preventDefault();
    by("validation-problem").hidden = true;
    by("figures").replaceChildren(make("p", { className: "soft", textContent: "validating …" }));
    const body = JSON.stringify(Object.fromEntries(new FormData(by("validate"))));
    show(await fetch("validation", { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/json" } }));
  });
  fetch("validation", { headers: { Accept: "application/json" } }).then((response) => response.ok && show(response));
  return {};
}

async function show(response) {
  if (!response.ok) {
    by("figures").replaceChildren();
    showProblem(by("validation-problem"), await problemOf(response));
    return;
  }
  const report = await response.json();
  const parts = [cards(report), links(), classes(report)];
  if (!report.complete) parts.unshift(make("p", { className: "note", textContent: "Incomplete: a source failed or was cut off; the figures rest on part of the data." }));
  by("figures").replaceChildren(...parts);
}

function cards(report) {
  const found = report.rules[report.rule];
  const interval = found.interval ? `overall accuracy, 95 %: ${percent(found.interval[0])} to ${percent(found.interval[1])}` : "overall accuracy";
  const entries = [[percent(found.accuracy), interval], [percent(found.median_f1), "median F1"], [percent(report.rules[report.rule === "any" ? "nearest" : "any"].accuracy), `accuracy by the other rule`], ...Object.entries(found.counts).map(([words, number]) => [number.toLocaleString("en"), words])];
  return make("div", { className: "cards" }, ...entries.map(([value, label]) => make("div", { className: "card" }, make("b", { textContent: value }), make("span", { textContent: label }))));
}

function links() {
  const open = make("a", { href: "validation", target: "_blank", rel: "noopener", textContent: "Open the report with map and confusion matrix" });
  const buttons = [["JSON", "application/json", "json"], ["CSV", "text/csv", "csv"]].map(([name, media, extension]) => {
    const button = make("button", { textContent: `Save ${name}` });
    button.addEventListener("click", async () => {
      const response = await fetch("validation", { headers: { Accept: media } });
      save(await response.blob(), `validation.${extension}`);
    });
    return button;
  });
  return make("p", { className: "bar" }, open, ...buttons);
}

function classes(report) {
  const heads = ["class", "samples", "agrees", "disagrees", "precision", "recall", "F1"].map((text, i) => make("th", { textContent: text, className: i ? "number" : "" }));
  const rows = report.rules[report.rule].classes.map((c) => {
    const cells = [c.samples, c.agrees, c.disagrees, percent(c.precision), percent(c.recall), percent(c.f1)];
    return make("tr", {}, make("td", { textContent: c.label }), ...cells.map((value) => make("td", { className: "number", textContent: String(value) })));
  });
  return make("div", { className: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
}
