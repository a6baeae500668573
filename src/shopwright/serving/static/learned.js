// The dashboard's part on what was learned: releases, questions, customers who come back.

import { card, interval, number, percent, table } from "./board.js";
import { make, text } from "./elements.js";

const NOTHING = { releases: "No agent was released yet.", conversations: "No conversation has an outcome yet.",
  customers: "Nobody was known by a customer_id for a month yet." };

export function learned(record) {
  return [make("h2", { class: "part" }, "What was learned"),
    card("Releases", ...releases(record.releases)),
    card("Conversations by questions asked", rates(record.conversations)),
    card("Questions", questions(record.questions)),
    card("Customers in their first month", customers(record.customers))];
}

function releases(record) {
  if (!record.steps.length) return [quiet(NOTHING.releases)];
  const steps = table("Steps of releases", ["When", "Agent", "Step", "Share", "Why"],
    record.steps.slice(-20).reverse().map((step) => [new Date(1000 * step.at).toLocaleString(), text(step.agent),
      step.step, percent(step.share), why(step.details)]));
  if (!record.latest) return [steps];
  const { agent, candidate, others } = record.latest;
  return [table("The latest release", ["Since it started", "Success", "95 % interval", "Bought"],
    [[text(agent), candidate], ["the others", others]].map(([name, side]) => [name, rate(side), interval(side.success_interval),
      `${number(side.successes)} of ${number(side.judged)}`])), steps];
}

function why(details) {
  if (details.asked_for) return "asked for";
  if (details.probability_of_being_better != null) return `better with ${percent(details.probability_of_being_better)}`;
  if (!details.interval) return "the log hardly ever showed what it would show";
  const [low, high] = details.interval.map((end) => (100 * end).toFixed(1));
  return `${low} to ${high} purchases more in 100 lists, by the log`;
}

function rates(list) {
  if (!list.length) return quiet(NOTHING.conversations);
  return table("Conversations by questions asked", ["Questions", "Success", "95 % interval", "Bought"],
    list.map((entry) => [number(entry.questions), rate(entry), interval(entry.success_interval),
      `${number(entry.successes)} of ${number(entry.judged)}`]));
}

function questions(list) {
  if (!list.length) return quiet("Nothing was asked yet.");
  return table("Questions", ["About", "Asked", "Said one of the choices", "Went on"],
    list.map((entry) => [text(entry.about), number(entry.asked), percent(entry.chose / entry.asked),
      percent(entry.went_on / entry.asked)]));
}

function customers(record) {
  if (!record.agents.length) return quiet(NOTHING.customers);
  return table("Customers in their first month", ["First answered by", "Customers", "Purchases each", "95 % interval", "Came back", "95 % interval"],
    record.agents.map((entry) => [text(entry.agent), number(entry.customers), entry.purchases.toFixed(2),
      entry.purchases_interval ? entry.purchases_interval.map((end) => end.toFixed(2)).join(" to ") : "–",
      percent(entry.returned), interval(entry.returned_interval)]));
}

const rate = (side) => (side.success_rate == null ? "–" : percent(side.success_rate));
const quiet = (words) => make("p", { class: "quiet" }, words);
