// The page: three views, no framework, nothing from other servers.
import { startCatalogue } from "./catalogue.js";
import { startQuery } from "./query.js";
import { startValidation } from "./validation.js";

const views = ["query", "catalogue", "validation"];
const started = {};
const starters = { query: startQuery, catalogue: startCatalogue, validation: startValidation };

function show(name) {
  for (const view of views) {
    document.getElementById(view).hidden = view !== name;
    document.getElementById(`tab-${view}`).setAttribute("aria-selected", String(view === name));
  }
  started[name] ??= starters[name]();
  started[name].shown?.();
}

function fromAddress() {
  const name = location.hash.slice(1).split("?")[0];
  show(views.includes(name) ? name : "query");
}

for (const view of views) {
  document.getElementById(`tab-${view}`).addEventListener("click", () => {
    location.hash = view;
  });
}
window.addEventListener("hashchange", fromAddress);
fromAddress();

async function checkHealth() {
  const sign = document.getElementById("health");
  try {
    const answer = await fetch("health");
    const found = await answer.json();
    sign.className = `health ${answer.ok ? "ok" : "failed"}`;
    sign.textContent = answer.ok ? (found.empty ? "ready, the store is empty" : "ready") : found.what;
  } catch {
    sign.className = "health failed";
    sign.textContent = "no connection";
  }
}
checkHealth();
setInterval(checkHealth, 60000);
