// The view "watch": an agent's episode step by step.

import { bar, chips, make, rewardTable, text } from "./elements.js";
import { busy, call } from "./service.js";

const form = document.getElementById("watch-form");
const result = document.getElementById("watch-result");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const request = document.getElementById("watch-request").value;
  const agent = document.getElementById("watch-agent").value || null;
  const goal = Number(document.getElementById("watch-goal").value || 0);
  const body = request.trim() ? { request, agent } : { goal, agent };
  busy([form.querySelector("button")], "The agent is shopping …", async () => {
    show(await call("/watch", body));
  });
});

function show(record) {
  const heading = make("h2", { tabindex: "-1" }, `${record.steps.length} ${record.steps.length === 1 ? "step" : "steps"}`);
  const parts = [heading, make("p", { class: "goal" }, text(record.request))];
  const pages = new Set();
  record.steps.forEach((step, number) => parts.push(stepCard(step, number + 1, pages)));
  if (record.purchased) {
    parts.push(make("article", { class: "card" }, make("h2", {}, "Bought"),
      make("p", {}, text(record.purchased.title)),
      make("p", { class: "price" }, text(record.purchased.price)),
      chips(record.purchased.chosen),
      record.reward ? rewardTable(record.reward)
        : make("p", { class: "quiet" }, "A request of your own has no reward: the shop knows no right answer to it.")));
  } else {
    parts.push(make("p", { class: "card" }, "The agent bought nothing within its step limit."));
  }
  result.replaceChildren(...parts);
  heading.focus();
}

function stepCard(step, number, pages) {
  const left = [make("h3", {}, "What it saw"), ...saw(step.saw, pages)];
  const right = [make("h3", {}, `Probability of each action${
    step.candidate_count > step.candidates.length
      ? ` (${step.candidates.length} of ${step.candidate_count})` : ""}`),
    make("ol", { class: "bars" }, ...step.candidates.map((candidate) =>
      bar(text(candidate.action), candidate.probability, candidate.chosen)))];
  if (step.relevance.length) {
    right.push(make("h3", {}, "Relevance of each product it has seen"),
      make("ol", { class: "bars" }, ...step.relevance.map((product) =>
        bar(make("span", { class: "short" }, text(product.title)), product.relevance))));
  }
  return make("article", { class: "card", "aria-label": `Step ${number}` },
    make("h2", {}, `${number}. `, text(step.action)),
    make("div", { class: "step" }, make("div", {}, ...left), make("div", {}, ...right)));
}

function saw(page, pages) {
  const key = JSON.stringify([page.query, page.page_number]);
  if (page.kind === "search_results" && pages.has(key)) {
    return [make("p", {}, `Page ${page.page_number} of the results, as before.`)];
  }
  if (page.kind === "search_results") pages.add(key);
  if (page.kind === "index") return [make("p", {}, "The search page with the request.")];
  if (page.kind === "search_results") {
    return [make("p", {}, `Page ${page.page_number} of the results for `, text(page.query || ""), "."),
      make("ol", {}, ...page.results.map((hit) =>
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
