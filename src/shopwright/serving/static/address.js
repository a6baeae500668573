// The page's state is its address, so that it can be shared and gone back to: a view and what it
// shows, behind the #, which browsers send to nobody.

const listeners = new Map();

export function when(view, show) {
  listeners.set(view, show);
}

export function go(view, parameters = new URLSearchParams()) {
  const query = parameters.toString();
  const hash = `#${view}${query ? `?${query}` : ""}`;
  if (location.hash === hash) follow();
  else location.hash = hash;
}

// Shows the view that the address names, with its parameters.
export function follow() {
  const [name, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
  if (name === "main") return;
  const view = listeners.has(name) ? name : listeners.keys().next().value;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== view;
  for (const link of document.querySelectorAll("nav a[data-view]")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  listeners.get(view)(new URLSearchParams(query));
}

window.addEventListener("hashchange", follow);
