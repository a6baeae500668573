// Which view is shown, and what the service says of itself.

import "./ask.js";
import "./chat.js";
import "./watch.js";
import "./shop.js";
import { follow } from "./address.js";
import { make } from "./elements.js";
import { call, say } from "./service.js";

call("/health").then((health) => {
  const about = document.getElementById("about");
  about.textContent = `${health.products.toLocaleString("en")} products, `
    + `${health.goals.toLocaleString("en")} goals`;
  for (const [id, first] of [["agent", [make("option", { value: "" }, "whoever is drawn")]], ["watch-agent", []]]) {
    document.getElementById(id).replaceChildren(
      ...first, ...health.agents.map((agent) => make("option", { value: agent }, agent)));
    document.getElementById(id).closest(".field").hidden = health.agents.length < 2;
  }
  if (!health.goals) document.getElementById("shop-form").querySelector("button").disabled = true;
  follow();
}).catch((error) => say(error.message, true));
