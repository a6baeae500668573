// What the dashboard's parts are made of.

import { make } from "./elements.js";

export function card(title, ...content) {
  return make("section", { class: "card" }, make("h2", {}, title), ...content);
}

export function table(name, heads, rows) {
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name, "data-focus": name },
    make("table", {}, make("thead", {}, row("th", ...heads)),
      make("tbody", {}, ...rows.map((cells) => row("td", ...cells)))));
}

export function interval(ends) {
  if (!ends) return "–";
  const range = make("span", { class: "range", "aria-hidden": "true" }, make("span", {}));
  range.firstChild.style.left = `${100 * ends[0]}%`;
  range.firstChild.style.width = `${100 * (ends[1] - ends[0])}%`;
  return make("span", { class: "interval" }, range, `${percent(ends[0])} to ${percent(ends[1])}`);
}

export function row(name, ...cells) {
  return make("tr", {}, ...cells.map((cell, place) =>
    name === "th" ? make("th", { scope: "col" }, cell) : make(place ? "td" : "th", place ? {} : { scope: "row" }, cell)));
}

export const number = (value) => value.toLocaleString("en");
export const percent = (share) => `${(100 * share).toFixed(1)} %`;
export const seconds = (value) => (value == null ? "–" : value < 1 ? `${Math.round(1000 * value)} ms` : `${value.toFixed(1)} s`);
