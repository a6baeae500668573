// What was understood of a request: pieces that can be taken away or changed.

import { button, make, text } from "./elements.js";

const NAMES = {
  kind: "kind",
  feature: "with",
  option: "option",
  brand: "brand",
  price: "price",
  measure: "measure",
  exclusion: "not",
  audience: "for",
  order: "first",
};
// Their values are words of ours: they are only taken away.
const FIXED = new Set(["audience", "order"]);
const RANGES = new Set(["price", "measure"]);

// A list of pieces; `ask` is called with the pieces as they are after a change.
export function understoodList(pieces, ask) {
  if (!pieces.length) return make("p", { class: "hint" }, "Nothing in particular was understood.");
  const list = make("ul", { class: "chips understood", "aria-label": "Understood as" });
  pieces.forEach((piece, number) => list.append(chip(piece, (changed) => {
    const rest = pieces.slice();
    rest.splice(number, 1, ...(changed ? [changed] : []));
    ask(rest);
  })));
  return list;
}

function chip(piece, change) {
  const entry = make("li", { class: `chip piece${piece.hard ? " hard" : ""}` });
  const name = make("span", { class: "part" }, `${NAMES[piece.part] || piece.part} `);
  const words = piece.part === "exclusion" ? piece.value : piece.text;
  const said = FIXED.has(piece.part) ? make("span", {}, text(words))
    : button(text(words), () => edit(), { "aria-label": `Change ${piece.text}` });
  const remove = button("×", () => change(null), { class: "remove", "aria-label": `Remove ${piece.text}` });
  const show = () => entry.replaceChildren(name, said, remove);

  function edit() {
    const fields = RANGES.has(piece.part) ? rangeFields(piece) : [wordField(piece)];
    const form = make("form", { class: "edit" }, ...fields.map((field) => field.element),
      make("button", { type: "submit" }, "Ask again"),
      button("Cancel", () => close()));
    const close = () => { show(); said.focus(); };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      change(Object.assign({ ...piece }, ...fields.map((field) => field.value())));
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    entry.replaceChildren(name, form);
    form.querySelector("input").focus();
  }

  show();
  return entry;
}

function wordField(piece) {
  const input = make("input", { maxlength: "200", required: true, value: piece.value || piece.text,
    "aria-label": `Instead of ${piece.text}` });
  return {
    element: input,
    value: () => {
      const value = input.value;
      if (value === piece.value) return {};
      return { text: piece.part === "exclusion" ? `not ${value}` : value, value };
    },
  };
}

// A measure's value is the unit of its bounds.
function rangeFields(piece) {
  const unit = piece.value ? ` ${piece.value}` : "";
  const bound = (name, label) => {
    const input = make("input", { type: "number", min: "0", step: "any", inputmode: "decimal",
      value: piece[name] ?? "", "aria-label": label, placeholder: label });
    return { element: input, value: () => ({ [name]: input.value === "" ? null : Number(input.value) }) };
  };
  const fields = [bound("lowest", "from"), bound("highest", "up to")];
  const words = () => {
    const [low, high] = fields.map((field) => field.element.value);
    if (low && high) return `${low} to ${high}${unit}`;
    return (high ? `up to ${high}` : `from ${low || 0}`) + unit;
  };
  return [...fields, { element: null, value: () => ({ text: words() }) }];
}
