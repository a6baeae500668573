// The view "ask": a request, recommended items, what they differ in, feedback.

import { go, when } from "./address.js";
import { card } from "./cards.js";
import { button, chips, keepFocus, make, text } from "./elements.js";
import { chosenIn, facetList, narrowOf } from "./facets.js";
import { announce, busy, call, say } from "./service.js";
import { understoodList } from "./understood.js";

const COUNT = 12;
const ANSWERS_KEPT = 20;
const SORTS = [["", "Best first"], ["cheapest", "Price, low to high"], ["dearest", "Price, high to low"],
  ["best rated", "Rating"]];

const form = document.getElementById("ask-form");
const request = document.getElementById("request");
const agent = document.getElementById("agent");
const examples = document.getElementById("examples");
const result = document.getElementById("ask-result");
// Address → what was answered: going back asks nobody again.
const answers = new Map();
let turn = 0;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const parameters = new URLSearchParams({ q: request.value });
  if (agent.value) parameters.set("agent", agent.value);
  answers.delete(parameters.toString());
  go("ask", parameters);
});

request.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

when("ask", (parameters) => {
  const asked = parameters.get("q") || "";
  document.title = asked ? `${asked} – shopwright` : "shopwright";
  if (request.value !== asked && (asked || !request.matches(":focus"))) request.value = asked;
  agent.value = parameters.get("agent") || "";
  if (asked) ask(parameters);
  else showExamples();
});

function ask(parameters) {
  const address = parameters.toString();
  const known = answers.get(address);
  const mine = ++turn;
  examples.hidden = true;
  if (known) {
    show(known, parameters);
    return;
  }
  busy([], "The agent is choosing …", async () => {
    const record = await call("/recommend", bodyOf(parameters));
    answers.set(address, record);
    if (answers.size > ANSWERS_KEPT) answers.delete(answers.keys().next().value);
    for (const item of record.items) item.recommendation_id = record.recommendation_id;
    if (record.items.length) tellShown(record);
    if (mine === turn) show(record, parameters);
  }, form);
}

function bodyOf(parameters, offset = 0) {
  const pieces = parameters.get("pieces");
  return {
    request: parameters.get("q"),
    count: COUNT,
    agent: parameters.get("agent") || null,
    understood: pieces ? { pieces: parsed(pieces) } : null,
    view: { narrow: narrowOf(parameters), sort: parameters.get("sort") || null, offset, facets: true },
  };
}

// Of a link that somebody changed by hand.
function parsed(pieces) {
  try {
    return JSON.parse(pieces);
  } catch {
    return [];
  }
}

function tellShown(record) {
  call("/feedback", { recommendation_id: record.recommendation_id, kind: "shown" })
    .catch((error) => say(error.message, true));
}

function changed(parameters, change) {
  const next = new URLSearchParams(parameters);
  change(next);
  go("ask", next);
}

function show(record, parameters) {
  const understood = understoodList(record.understood.pieces, (pieces) => {
    changed(parameters, (next) => next.set("pieces", JSON.stringify(pieces)));
  });
  const heading = make("h2", { tabindex: "-1", "data-focus": "heading" }, title(record));
  const list = make("ol", { class: "cards" }, ...record.items.map(card));
  const main = make("div", { class: "found" },
    make("div", { class: "bar" }, heading, record.total > 1 ? sortField(parameters) : null),
    chosenChips(record, parameters), list, foot(record, parameters, list));
  const body = make("div", { class: "narrowable" });
  if (record.facets.length) {
    body.append(facetList(record.facets, parameters, (change) => changed(parameters, change)));
  }
  body.append(main);
  keepFocus(result, () => result.replaceChildren(understood, body));
  announce(record.items.length ? `${title(record)} ${record.items.length} of ${record.total} shown.` : title(record));
}

function title(record) {
  if (record.total && record.nothing_fits) return "Nothing here fits. Nearest:";
  if (record.total) return `${record.total} ${record.total === 1 ? "product" : "products"}`;
  return record.facets.some((facet) => facet.values.some((value) => value.chosen))
    ? "Nothing is left of the list" : "Nothing found";
}

function sortField(parameters) {
  const select = make("select", { id: "sort", "data-focus": "sort" }, ...SORTS.map(([value, label]) =>
    make("option", { value, selected: value === (parameters.get("sort") || "") }, label)));
  select.addEventListener("change", () => changed(parameters, (next) => {
    if (select.value) next.set("sort", select.value);
    else next.delete("sort");
  }));
  return make("div", { class: "sort" }, make("label", { for: "sort" }, "Sort"), select);
}

function chosenChips(record, parameters) {
  const chosen = chosenIn(record.facets);
  if (!chosen.length) return null;
  return make("div", { class: "chips" },
    ...chosen.map(({ key, value, label }) => button(make("span", {}, text(label), " ×"), () =>
      changed(parameters, (next) => next.delete(key, value)),
      { class: "chip", "aria-label": `Remove ${label}`, "data-focus": `chip ${key} ${value}` })),
    button("Clear all", () => changed(parameters, (next) => {
      for (const { key } of chosen) next.delete(key);
    }), { class: "plain" }));
}

function foot(record, parameters, list) {
  if (!record.items.length) {
    return make("p", {}, record.total || record.facets.length
      ? "Take something away again to see more." : "The shop’s search finds no product that comes near.");
  }
  const none = button("None of these", () => busy([none], "…", async () => {
    await call("/feedback", { recommendation_id: record.recommendation_id, kind: "dismissed" });
    say("Thank you: none of these.");
    none.textContent = "Dismissed";
  }));
  const more = button("Show more", () => busy([more], "…", async () => {
    const next = await call("/recommend", {
      ...bodyOf(parameters, record.items.length), agent: record.agent });
    for (const item of next.items) item.recommendation_id = next.recommendation_id;
    if (next.items.length) tellShown(next);
    const first = list.children.length;
    list.append(...next.items.map(card));
    record.items.push(...next.items);
    more.hidden = !next.items.length || record.items.length >= record.total;
    if (more.hidden) list.children[first]?.querySelector("button").focus();
  }), { hidden: record.items.length >= record.total });
  return make("div", { class: "foot" },
    make("div", { class: "actions" }, more, none),
    make("p", { class: "quiet" }, "Answered by ", text(record.agent),
      record.propensity < 1 ? `, chosen with probability ${record.propensity.toFixed(2)}.` : "."));
}

async function showExamples() {
  result.replaceChildren();
  say("");
  if (!examples.children.length) {
    const { requests } = await call("/examples").catch(() => ({ requests: [] }));
    if (!requests.length) return;
    examples.replaceChildren(make("h2", { class: "small" }, "For example, in this shop"),
      make("ul", { class: "chips" }, ...requests.map((each) => make("li", {},
        button(text(each), () => go("ask", new URLSearchParams({ q: each })), { class: "chip" })))));
  }
  examples.hidden = new URLSearchParams(location.hash.split("?")[1]).has("q");
}
