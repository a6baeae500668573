// Elements out of texts. Every text becomes a text node in a <bdi>: no catalogue or request text is
// ever markup, an address or a handler, and none turns the direction of what stands beside it.

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "click") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function text(value) {
  const isolated = document.createElement("bdi");
  isolated.textContent = value;
  return isolated;
}

export function button(label, click, attributes = {}) {
  return make("button", { type: "button", click, ...attributes }, label);
}

// Draws a part of the page anew. What had the focus within has it afterwards, if it is there again;
// otherwise the part's heading has it.
export function keepFocus(part, draw) {
  const focused = part.contains(document.activeElement) ? document.activeElement.dataset.focus || "heading" : null;
  draw();
  if (focused == null) return;
  const again = [...part.querySelectorAll("[data-focus]")];
  const same = again.find((element) => element.dataset.focus === focused)
    || again.find((element) => element.dataset.focus === "heading");
  same?.focus();
}

export function chips(options) {
  const entries = Object.entries(options);
  if (!entries.length) return null;
  const list = make("ul", { class: "chips", "aria-label": "Options" });
  for (const [group, value] of entries) {
    list.append(make("li", { class: "chip" }, text(group), ": ", text(value)));
  }
  return list;
}

export function bar(label, share, chosen = false) {
  const percent = `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
  return make(
    "li",
    { class: chosen ? "chosen" : null },
    make("span", {}, chosen ? "→ " : "", label),
    make("progress", { max: 1, value: share, "aria-label": percent }),
    make("span", { class: "number" }, percent),
  );
}

export function rewardTable(reward) {
  const percent = (share) => (share == null ? "none asked for" : `${Math.round(100 * share)} %`);
  const rows = [
    ["Kind of product", percent(reward.type)],
    ["Attributes", percent(reward.attributes)],
    ["Options", percent(reward.options)],
    ["Price", reward.price ? "within the limit" : "above the limit"],
  ];
  return make(
    "div",
    {},
    make("p", { class: "total" }, `Reward ${reward.total.toFixed(2)}`),
    make(
      "table",
      {},
      make("tbody", {}, ...rows.map(([name, value]) =>
        make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)))),
    ),
  );
}
