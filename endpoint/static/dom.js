// Small tools for building the page; data become text nodes, never markup.
export const by = (id) => document.getElementById(id);

export function make(tag, options = {}, ...children) {
  const node = Object.assign(document.createElement(tag), options);
  node.append(...children);
  return node;
}

export async function problemOf(response) {
  try {
    const found = await response.json();
    if (found.title) return found;
  } catch {
    // not JSON: fall through to the status line
  }
  return { title: `The server answered ${response.status} ${response.statusText}` };
}

export function showProblem(box, problem) {
  box.replaceChildren(make("h2", { textContent: problem.title }));
  for (const [key, label] of [["where", "Where"], ["why", "Why"], ["try", "Try"]]) {
    if (problem[key]) box.append(make("p", {}, `${label}: `, make("code", { textContent: problem[key] })));
  }
  box.hidden = false;
}

export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
