// The view "watch": an agent's episode as a strip of frames, one for each step.

import { go, when } from "./address.js";
import { bar, button, chips, make, rewardTable, text } from "./elements.js";
import { picture } from "./pictures.js";
import { busy, call } from "./service.js";

// Less likely actions are folded away.
const LIKELY = 0.05;
const SIGNS = { Search: "⌕" };

const form = document.getElementById("watch-form");
const result = document.getElementById("watch-result");

const fields = Object.fromEntries(["request", "goal", "agent"].map((name) =>
  [name, document.getElementById(`watch-${name}`)]));
let asked = "";

// The address names the agent, and its request or goal: loaded again, the agent shops again.
when("watch", (parameters) => {
  document.title = "Watch – shopwright";
  asked = parameters.toString();
  result.replaceChildren();
  if (!parameters.has("request") && !parameters.has("goal")) return;
  fields.request.value = parameters.get("request") || "";
  fields.goal.value = parameters.get("goal") || "";
  if (parameters.has("agent")) fields.agent.value = parameters.get("agent");
  const body = { agent: parameters.get("agent") };
  if (parameters.has("request")) body.request = parameters.get("request");
  else body.goal = Number(parameters.get("goal"));
  busy([form.querySelector("button")], "The agent is shopping …", async () => {
    const record = await call("/watch", body);
    if (asked === parameters.toString()) show(record);
  });
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const request = fields.request.value;
  const parameters = new URLSearchParams(request.trim() ? { request } : { goal: fields.goal.value || "0" });
  if (fields.agent.value) parameters.set("agent", fields.agent.value);
  go("watch", parameters);
});

function show(record) {
  const steps = record.steps.length;
  const heading = make("h2", { tabindex: "-1" }, outcome(record),
    ` in ${steps} ${steps === 1 ? "step" : "steps"}`);
  const detail = make("div", { class: "card", id: "step", role: "region", "aria-label": "The step" });
  const frames = record.steps.map((step, number) => frame(step, number));
  const strip = make("ol", { class: "strip", "aria-label": "Steps" }, ...frames.map((entry) => entry.element));
  const select = (number) => {
    frames.forEach((entry, n) => entry.button.setAttribute("aria-pressed", String(n === number)));
    detail.replaceChildren(...stepDetail(record.steps[number], number + 1));
  };
  frames.forEach((entry, number) => entry.button.addEventListener("click", () => select(number)));
  strip.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = move && frames[frames.findIndex((entry) => entry.button === event.target) + move];
    if (!next) return;
    event.preventDefault();
    next.button.focus();
    next.button.click();
  });
  result.replaceChildren(make("p", { class: "goal" }, text(record.request)), heading, strip, detail,
    bought(record));
  select(steps - 1);
  heading.focus();
}

function outcome(record) {
  if (!record.purchased) return "Nothing bought";
  if (!record.reward) return "Bought";
  return record.reward.success ? "Bought exactly what was asked for" : `Bought, reward ${record.reward.total.toFixed(2)}`;
}

function frame(step, number) {
  const sign = SIGNS[step.does.split(" ")[0]] || "↩";
  const item = step.does === "Open" ? { title: step.with } : step.saw.item;
  const press = button([], () => {}, { "aria-pressed": "false" });
  press.append(
    item ? picture(item) : make("span", { class: "sign", "aria-hidden": "true" }, sign),
    make("span", { class: "count" }, `${number + 1}`),
    make("strong", {}, step.does),
    make("span", { class: "short" }, text(step.with)),
    make("span", { class: "quiet" }, percent(step.probability)));
  return { button: press, element: make("li", {}, press) };
}

function percent(share) {
  return share > 0.995 ? "certain" : `${Math.max(1, Math.round(100 * share))} % likely`;
}

function stepDetail(step, number) {
  const candidates = step.candidates.map((candidate) => ({ ...candidate,
    element: bar(make("span", {}, candidate.does, " ", text(candidate.with)), candidate.probability, candidate.chosen) }));
  const likely = candidates.filter((candidate) => candidate.chosen || candidate.probability >= LIKELY);
  const unlikely = candidates.filter((candidate) => !likely.includes(candidate));
  const right = [make("h3", {}, "What it could do"),
    make("ol", { class: "bars" }, ...likely.map((candidate) => candidate.element))];
  if (unlikely.length) {
    right.push(make("details", {},
      make("summary", {}, `${step.candidate_count - likely.length} unlikely ${
        step.candidate_count - likely.length === 1 ? "action" : "actions"}`),
      make("ol", { class: "bars" }, ...unlikely.map((candidate) => candidate.element))));
  }
  if (step.relevance.length) {
    right.push(make("details", { open: true }, make("summary", {}, "How relevant it finds what it has seen"),
      make("ol", { class: "bars" }, ...step.relevance.map((product) =>
        bar(make("span", { class: "short" }, text(product.title)), product.relevance)))));
  }
  return [make("h3", {}, `Step ${number}: ${step.does} `, text(step.with)),
    make("div", { class: "step" },
      make("div", {}, make("h3", {}, "What it saw"), ...saw(step.saw)), make("div", {}, ...right))];
}

function saw(page) {
  if (page.kind === "index") return [make("p", {}, "The search page with the request.")];
  if (page.kind === "search_results") {
    return [make("p", {}, `Page ${page.page_number} of ${page.result_count} results for `, text(page.query || ""), "."),
      make("ol", { class: "seen" }, ...page.results.map((hit) =>
        make("li", {}, text(hit.title), " ", make("span", { class: "price" }, text(hit.price)))))];
  }
  const item = page.item;
  const parts = [make("p", {}, text(item.title), " ", make("span", { class: "price" }, text(item.price)))];
  if (item.subpage) {
    parts.push(make("p", { class: "quiet" }, item.subpage),
      make("ul", {}, ...item.lines.map((line) => make("li", { class: "text" }, text(line)))));
  } else {
    for (const group of item.options) {
      parts.push(make("p", {}, text(group.group), ": ", ...group.values.flatMap((entry, n) => [
        n ? ", " : "", make(entry.chosen ? "strong" : "span", {}, text(entry.value))])));
    }
  }
  return parts;
}

function bought(record) {
  if (!record.purchased) {
    return make("p", { class: "card" }, "The agent bought nothing within its step limit.");
  }
  return make("article", { class: "card bought" },
    make("div", { class: "frame" }, picture(record.purchased)),
    make("div", {}, make("h3", {}, "Bought: ", text(record.purchased.title)),
      make("p", { class: "price" }, text(record.purchased.price)),
      chips(record.purchased.chosen),
      record.reward ? rewardTable(record.reward)
        : make("p", { class: "quiet" }, "A request of your own has no reward: the shop knows no right answer to it.")));
}
