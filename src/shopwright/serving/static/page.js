// Which view is shown, and what the service says of itself.

import "./ask.js";
import "./watch.js";
import "./shop.js";
import { make } from "./elements.js";
import { call, say } from "./service.js";

const VIEWS = ["ask", "watch", "shop"];

function showView() {
  const asked = location.hash.slice(1);
  if (asked === "main") return;
  const view = VIEWS.includes(asked) ? asked : "ask";
  for (const name of VIEWS) document.getElementById(name).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  say("");
}

window.addEventListener("hashchange", showView);
showView();

call("/health").then((health) => {
  const about = document.getElementById("about");
  about.textContent = `${health.products.toLocaleString("en")} products, `
    + `${health.goals.toLocaleString("en")} goals`;
  const agents = document.getElementById("watch-agent");
  agents.replaceChildren(...health.agents.map((agent) => make("option", { value: agent }, agent)));
  if (!health.goals) document.getElementById("shop-form").querySelector("button").disabled = true;
}).catch((error) => say(error.message, true));
