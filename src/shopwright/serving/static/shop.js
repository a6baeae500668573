// The view "shop yourself": the pages that agents see, and the reward at the end.

import { button, chips, make, rewardTable, text } from "./elements.js";
import { go, when } from "./address.js";
import { busy, call, say } from "./service.js";

const form = document.getElementById("shop-form");
const result = document.getElementById("shop-result");

let id = null;

// The address names the visit: loaded again, it goes on where it was.
when("shop", async (parameters) => {
  document.title = "Shop yourself – shopwright";
  const asked = parameters.get("visit");
  if (asked === id) return;
  id = asked;
  result.replaceChildren();
  if (!asked) return;
  await busy([], "…", async () => {
    const visit = await call(`/visits/${encodeURIComponent(asked)}`);
    if (asked === id) show(visit);
  });
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const goal = document.getElementById("shop-goal").value;
  busy([form.querySelector("button")], "…", async () => {
    const visit = await call("/visits", { goal: goal === "" ? null : Number(goal) });
    id = visit.visit_id;
    show(visit);
    go("shop", new URLSearchParams({ visit: id }));
  });
});

function act(visit, action) {
  const controls = [...result.querySelectorAll("button, input")];
  busy(controls, "…", async () => {
    show(await call(`/visits/${encodeURIComponent(visit.visit_id)}/actions`, { action }));
  });
}

function show(visit) {
  const page = visit.page;
  const heading = make("h2", { tabindex: "-1" }, title(page));
  const parts = [make("p", { class: "goal" }, "Your goal: ", text(page.request)), heading];
  if (visit.done) {
    parts.push(make("p", {}, "You bought ", text(page.item.title), "."), chips(page.item.chosen),
      rewardTable(page.reward), make("p", {}, page.reward.success
        ? "You bought exactly what was asked for. Agents can learn from this visit."
        : "This visit is kept, but agents learn only from purchases with reward 1."));
  } else {
    parts.push(searchForm(visit), ...content(visit),
      make("p", { class: "quiet" },
        `${visit.steps} ${visit.steps === 1 ? "step" : "steps"} so far, ${visit.steps_left} left.`));
  }
  result.replaceChildren(make("article", { class: "card", id: "visit" }, ...parts));
  heading.focus();
  say("");
}

function title(page) {
  if (page.kind === "index") return "Search the shop";
  if (page.kind === "search_results") return `Results, page ${page.page_number}`;
  if (page.kind === "done") return "Bought";
  return page.item.subpage || "Product";
}

function searchForm(visit) {
  const input = make("input", { id: "shop-query", type: "search", maxlength: "500", required: true });
  const search = make("form", { class: "row", role: "search" },
    make("div", { class: "field" }, make("label", { for: "shop-query" }, "Search for"), input),
    make("button", { type: "submit" }, "Search"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    act(visit, `search[${input.value}]`);
  });
  return search;
}

function content(visit) {
  const page = visit.page;
  const buttons = make("div", { class: "actions" }, ...page.buttons
    .filter((entry) => entry.label !== "search")
    .map((entry) => button(entry.label, () => act(visit, entry.action),
      { class: entry.label === "buy now" ? "primary" : null })));
  if (page.kind === "index") return [];
  if (page.kind === "search_results") {
    if (!page.results.length) return [make("p", {}, "No results on this page."), buttons];
    return [make("ol", { class: "items" }, ...page.results.map((hit) => make("li", { "data-asin": hit.asin },
      make("div", { class: "card" }, make("p", {}, text(hit.title)),
        make("p", { class: "price" }, text(hit.price)),
        button(hit.opened ? "Open again" : "Open", () => act(visit, hit.action),
          { "aria-label": `Open ${hit.title}` }))))), buttons];
  }
  const item = page.item;
  const parts = [make("h3", {}, text(item.title)), make("p", { class: "price" }, text(item.price))];
  if (item.subpage) {
    parts.push(make("ul", {}, ...item.lines.filter((line) => line.trim()).map((line) =>
      make("li", { class: "text" }, text(line)))));
  } else {
    for (const group of item.options) {
      const label = make("h3", {}, text(group.group));
      parts.push(label, make("div", { class: "actions", role: "group" },
        ...group.values.map((entry) => button(text(entry.value), () => act(visit, entry.action),
          { "aria-pressed": entry.chosen ? "true" : "false" }))));
    }
  }
  parts.push(buttons);
  return parts;
}
