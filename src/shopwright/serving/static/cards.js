// A recommended product as a card, and everything about it in a dialog.

import { button, chips, make, text } from "./elements.js";
import { picture } from "./pictures.js";
import { busy, call, say } from "./service.js";

const dialog = document.getElementById("details");
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

function tell(item, kind) {
  return call("/feedback", { recommendation_id: item.recommendation_id, kind, asin: item.asin });
}

export function card(item) {
  const choose = chooseButton(item);
  const more = button("Details", () => busy([more], "…", async () => {
    await tell(item, "clicked");
    showDetails(item, await call(`/products/${encodeURIComponent(item.asin)}`), choose);
  }), { "aria-haspopup": "dialog", "aria-label": `Details of ${item.title}` });
  const dismiss = button("×", () => busy([dismiss], "…", async () => {
    await tell(item, "dismissed");
    dismiss.textContent = "Dismissed";
    article.classList.add("dismissed");
  }), { class: "dismiss", title: "Not this", "aria-label": `Not this: ${item.title}` });
  const article = make("article", { class: "card product" },
    make("div", { class: "frame" }, picture(item),
      item.fits ? make("span", { class: "fits" }, "✓ Fits") : null, dismiss),
    make("h3", { class: "short" }, text(item.title)),
    price(item),
    chips(item.options),
    why(item),
    make("div", { class: "actions" }, choose, more));
  return make("li", {}, article);
}

function chooseButton(item) {
  const choose = button("Choose this", () => busy([choose], "…", async () => {
    await tell(item, "bought");
    choose.textContent = "Chosen ✓";
    choose.removeAttribute("aria-label");
    say("Thank you: your choice is recorded.");
  }), { class: "primary", "aria-label": `Choose this: ${item.title}` });
  return choose;
}

// What it costs with these options; what is not known, or not as asked, is said.
function price(item) {
  const limit = item.reasons.find((entry) => entry.part === "price" && entry.met === false);
  return make("p", { class: "price" },
    item.price === "no price given" ? make("span", { class: "quiet" }, "Price not given") : text(item.price),
    limit ? make("span", { class: "warning" }, " not ", text(limit.asked)) : null,
    item.available ? null : make("span", { class: "warning" }, " not in stock"));
}

// One line: what it has of what was asked for, then what it has not.
function why(item) {
  const asked = (met) => item.reasons.filter((entry) => entry.met === met && entry.part !== "price")
    .map((entry) => entry.asked).join(", ");
  const [has, lacks, open] = [asked(true), asked(false), asked(null)];
  const parts = [];
  if (has) parts.push(make("span", { class: "met" }, "✓ "), text(has));
  if (lacks) parts.push(make("span", { class: "unmet" }, has ? "  ✗ " : "✗ "),
    make("span", { class: "unseen" }, "not "), text(lacks));
  else if (open) parts.push(make("span", { class: "unsure" }, has ? "  ? " : "? "),
    make("span", { class: "unseen" }, "not certain: "), text(open));
  if (!parts.length) return null;
  return make("p", { class: "why" }, ...parts);
}

function showDetails(item, product, choose) {
  const title = make("h2", { id: "details-title" }, text(product.title));
  const close = button("Close", () => dialog.close());
  const also = button(choose.textContent, () => { choose.click(); dialog.close(); }, { class: "primary" });
  dialog.replaceChildren(
    make("div", { class: "frame" }, picture(item)),
    title,
    price(item),
    chips(item.options),
    item.reasons.length ? make("h3", {}, "What you asked for") : null,
    make("ul", { class: "reasons" }, ...item.reasons.map(reason)),
    item.fits ? make("p", { class: "quiet" }, `It fits; ${Math.round(100 * item.confidence)} % certain.`) : null,
    ...description(product),
    make("div", { class: "actions" }, also, link(product), close));
  dialog.showModal();
  close.focus();
  dialog.scrollTop = 0;
}

function link(product) {
  if (!/^https?:\/\//i.test(product.address)) return null;
  return make("a", { href: product.address, target: "_blank", rel: "noopener noreferrer" }, "See it in the shop");
}

function reason(entry) {
  const [kind, sign, word] = entry.met === true ? ["met", "✓", "Met: "]
    : entry.met === false ? ["unmet", "✗", "Not met: "]
    : ["unsure", "?", entry.missing.length ? "Not found: " : "Not certain: "];
  const known = entry.known_from ? ` – from ${entry.known_from}`
    : entry.evidence ? ` – ${entry.evidence}` : "";
  return make("li", { class: kind },
    make("span", { class: "mark", "aria-hidden": "true" }, sign),
    word, text(entry.asked), known,
    entry.known_from ? make("span", { class: "evidence" }, "“", text(entry.evidence), "”") : null);
}

function description(product) {
  const parts = [make("h3", {}, "Description"),
    make("p", { class: "text" }, product.description ? text(product.description) : "None.")];
  if (product.bullets.length) {
    parts.push(make("h3", {}, "Features"),
      make("ul", {}, ...product.bullets.map((bullet) => make("li", {}, text(bullet)))));
  }
  for (const [group, values] of Object.entries(product.options)) {
    parts.push(make("h3", {}, text(group)),
      make("p", {}, ...values.flatMap((value, n) => (n ? [", ", text(value)] : [text(value)]))));
  }
  parts.push(make("p", { class: "quiet" }, "Product number ", text(product.asin),
    product.category_path ? " in " : "", text(product.category_path)));
  return parts;
}
