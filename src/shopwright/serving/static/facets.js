// What the products found differ in: pieces of the address that narrow the list.

import { make, text } from "./elements.js";

const NAMES = { fit: "Request", kind: "Kind", brand: "Brand", price: "Price" };
const OPTION = "option.";
const VALUES_OPEN = 6;
// As the person left it: every answer draws the list anew.
let isOpen = matchMedia("(min-width: 60rem)").matches;
const opened = new Set();

export function narrowOf(parameters) {
  const narrow = [];
  for (const key of new Set(parameters.keys())) {
    const values = parameters.getAll(key);
    if (key in NAMES) narrow.push({ facet: key, values });
    else if (key.startsWith(OPTION)) narrow.push({ facet: "option", group: key.slice(OPTION.length), values });
  }
  return narrow;
}

function keyOf(facet) {
  return facet.facet === "option" ? OPTION + facet.group : facet.facet;
}

export function chosenIn(facets) {
  return facets.flatMap((facet) => facet.values.filter((value) => value.chosen).map((value) => ({
    key: keyOf(facet), value: value.value, label: labelOf(facet, value) })));
}

function labelOf(facet, value) {
  if (facet.facet === "fit") return "Only what fits";
  return value.text;
}

// `change` is called with a function that changes the address's parameters.
export function facetList(facets, parameters, change) {
  const list = make("details", { class: "facets", open: isOpen },
    make("summary", { "data-focus": "facets" }, "Narrow the list"),
    ...facets.map((facet) => group(facet, change)));
  list.addEventListener("toggle", () => { isOpen = list.open; });
  return list;
}

function group(facet, change) {
  const key = keyOf(facet);
  const entries = facet.values.map((value) => entry(facet, key, value, change));
  const rest = entries.splice(VALUES_OPEN);
  const set = make("fieldset", {}, make("legend", {}, text(NAMES[facet.facet] || facet.group)), ...entries);
  if (rest.length) {
    const more = make("details", { open: opened.has(key) },
      make("summary", { "data-focus": `more ${key}` }, `${rest.length} more`), ...rest);
    more.addEventListener("toggle", () => { if (more.open) opened.add(key); else opened.delete(key); });
    set.append(more);
  }
  return set;
}

function entry(facet, key, value, change) {
  const box = make("input", { type: "checkbox", checked: value.chosen,
    "data-focus": `facet ${key} ${value.value}` });
  box.addEventListener("change", () => change((parameters) => {
    if (box.checked) parameters.append(key, value.value);
    else parameters.delete(key, value.value);
  }));
  return make("label", { class: value.count || value.chosen ? "value" : "value none" }, box,
    make("span", {}, text(labelOf(facet, value))),
    make("span", { class: "count" }, value.count.toLocaleString("en")));
}
