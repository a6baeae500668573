// The view "ask": a request, recommended items with reasons, feedback.

import { button, chips, make, text } from "./elements.js";
import { busy, call, say } from "./service.js";
import { understoodList } from "./understood.js";

const form = document.getElementById("ask-form");
const result = document.getElementById("ask-result");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const limit = document.getElementById("limit").value;
  ask({
    request: document.getElementById("request").value,
    count: Number(document.getElementById("count").value),
    price_limit: limit === "" ? null : Number(limit),
  });
});

function ask(body) {
  const controls = [form.querySelector("button"), ...result.querySelectorAll(".understood button")];
  busy(controls, "The agent is choosing …", async () => {
    const record = await call("/recommend", body);
    show(record, body);
    if (record.items.length) {
      await call("/feedback", { recommendation_id: record.recommendation_id, kind: "shown" });
    }
  });
}

function show(record, body) {
  const heading = make("h2", { tabindex: "-1" }, title(record));
  const list = make("ol", { class: "items" }, ...record.items.map((item) => card(record, item)));
  const understood = understoodList(record.understood.pieces, (pieces) => {
    // A limit from the form is one of the pieces by now.
    ask({ ...body, price_limit: null, understood: { pieces } });
  });
  const parts = [understood, heading, list];
  if (record.items.length) {
    const none = button("None of these", () => busy([none], "…", async () => {
      await tell(record, "dismissed");
      say("Thank you: none of these.");
      none.textContent = "Dismissed";
    }));
    parts.push(make("div", { class: "actions" }, none));
    parts.push(make("p", { class: "quiet" }, "Answered by ", text(record.agent),
      `, chosen with probability ${record.propensity.toFixed(2)}.`));
  } else {
    parts.push(make("p", {}, "The shop’s search finds no product that comes near."));
  }
  result.replaceChildren(...parts);
  heading.focus();
}

function title(record) {
  if (!record.items.length) return "Nothing found";
  if (record.nothing_fits) return "Nothing here fits. Nearest:";
  return `${record.items.length} recommended`;
}

function tell(record, kind, asin = null) {
  return call("/feedback", { recommendation_id: record.recommendation_id, kind, asin });
}

function card(record, item) {
  const details = make("div", { hidden: true });
  const choose = button("Choose this", () => busy([choose], "…", async () => {
    await tell(record, "bought", item.asin);
    choose.textContent = "Chosen ✓";
    say("Thank you: your choice is recorded.");
  }), { class: "primary" });
  const more = button("Details", () => {
    if (!details.hidden) {
      details.hidden = true;
      more.setAttribute("aria-expanded", "false");
      return;
    }
    busy([more], "…", async () => {
      await tell(record, "clicked", item.asin);
      const product = await call(`/products/${encodeURIComponent(item.asin)}`);
      details.replaceChildren(...productDetails(product));
      details.hidden = false;
      more.setAttribute("aria-expanded", "true");
    });
  }, { "aria-expanded": "false" });
  const dismiss = button("Not this", () => busy([dismiss], "…", async () => {
    await tell(record, "dismissed", item.asin);
    dismiss.textContent = "Dismissed";
  }));
  return make("li", {}, make("article", { class: "card" },
    make("h2", {}, text(item.title)),
    make("p", { class: "price" }, text(item.price)),
    chips(item.options),
    make("p", { class: "hint" },
      item.fits ? make("span", { class: "fits" }, "✓ Fits") : null,
      item.fits ? " · " : null,
      `meets ${item.reasons.filter((r) => r.met).length} of ${item.reasons.length} things asked for`
        + (item.fits ? ` · ${percent(item.confidence)} certain` : "")),
    make("ul", { class: "reasons" }, ...item.reasons.map(reason)),
    make("div", { class: "actions" }, choose, more, dismiss),
    details));
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
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

function productDetails(product) {
  const parts = [make("h3", {}, "Description"),
    make("p", { class: "text" }, product.description ? text(product.description) : "None.")];
  const bullets = product.bullets.filter((bullet) => bullet.trim());
  if (bullets.length) {
    parts.push(make("h3", {}, "Features"),
      make("ul", {}, ...bullets.map((bullet) => make("li", {}, text(bullet)))));
  }
  for (const [group, values] of Object.entries(product.options)) {
    parts.push(make("h3", {}, text(group)),
      make("p", {}, ...values.flatMap((value, n) => (n ? [", ", text(value)] : [text(value)]))));
  }
  parts.push(make("p", { class: "quiet" }, "Product number ", text(product.asin),
    product.category_path ? " in " : "", text(product.category_path)));
  return parts;
}
