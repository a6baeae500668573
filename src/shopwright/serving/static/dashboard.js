// The dashboard: what the service was asked, what came of it, how quickly. Drawn anew every minute.

import { card, interval, number, percent, row, seconds, table } from "./board.js";
import { keepFocus, make, text } from "./elements.js";
import { learned } from "./learned.js";
import { call, say } from "./service.js";

const AGAIN_MILLISECONDS = 60_000;
const board = document.getElementById("dashboard");
let timer = null;

async function draw() {
  clearTimeout(timer);
  try {
    const [record, lessons] = await Promise.all([call("/traffic"), call("/learned")]);
    keepFocus(board, () => board.replaceChildren(...sections(record), ...learned(lessons)));
    timer = setTimeout(draw, AGAIN_MILLISECONDS);
  } catch (error) {
    say(error.message, true);
  }
}

function sections(record) {
  const today = record.hours.reduce((sum, hour) => sum + hour.recommendations, 0);
  const judged = record.agents.reduce((sum, agent) => sum + agent.judged, 0);
  const bought = record.agents.reduce((sum, agent) => sum + agent.successes, 0);
  return [
    make("dl", { class: "figures" },
      figure("Recommendations", number(record.recommendations), `${number(today)} in the last 24 hours`),
      figure("Led to a purchase", judged ? percent(bought / judged) : "–", `${number(bought)} of ${number(judged)} with an outcome`),
      figure("Median answer", seconds(record.latency.median), `95 of 100 within ${seconds(record.latency.p95)}`),
      figure("Refused because of load", number(record.refused), "since the service began")),
    card("Traffic",
      bars("The last 24 hours", record.hours, (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
      bars("The last 14 days", record.days, (at) => at.toLocaleDateString([], { day: "numeric", month: "short" }))),
    card("Success by agent", agents(record.agents)),
    make("div", { class: "columns" },
      card("Asked and not found", requests(record.not_found, "Everything that was asked for was found.")),
      card("Asked most", requests(record.asked, "Nothing was asked yet."))),
    card("Latency", make("table", {}, make("thead", {}, row("th", "Answers", "Median", "95 %", "99 %")),
      make("tbody", {}, row("td", number(record.latency.count), seconds(record.latency.median),
        seconds(record.latency.p95), seconds(record.latency.p99)))),
      make("p", { class: "hint" }, "Recommendations since the service began, within the limits of its histogram.")),
    make("p", { class: "quiet" }, `Traffic and requests are of the latest ${number(record.looked_at)} recommendations in 14 days. `
      + "A recommendation succeeds when something of it is bought, and fails when it is dismissed or shown for 30 minutes in vain."),
  ];
}

function figure(name, value, beside) {
  return make("div", { class: "card" }, make("dt", {}, name), make("dd", { class: "total" }, value),
    make("dd", { class: "quiet" }, beside));
}

function bars(title, periods, label) {
  const most = Math.max(1, ...periods.map((period) => period.recommendations));
  const chart = make("div", { class: "chart", role: "img", "aria-label": `${title}: ${
    periods.map((period) => `${label(new Date(1000 * period.since))} ${period.recommendations}`).join(", ")}` });
  periods.forEach((period) => {
    const column = make("span", { title: `${label(new Date(1000 * period.since))}: ${period.recommendations} recommendations, ${period.bought} bought` },
      make("span", { class: "all" }), make("span", { class: "led" }));
    const [all, led] = column.children;
    all.style.height = `${(100 * (period.recommendations - period.bought)) / most}%`;
    led.style.height = `${(100 * period.bought) / most}%`;
    chart.append(column);
  });
  return make("figure", {}, make("figcaption", {}, title, make("span", { class: "quiet" }, ` – at most ${number(most)}`)), chart,
    make("p", { class: "ends quiet", "aria-hidden": "true" }, make("span", {}, label(new Date(1000 * periods[0].since))),
      make("span", { class: "key" }, "dark: led to a purchase"),
      make("span", {}, label(new Date(1000 * periods.at(-1).since)))));
}

function agents(list) {
  if (!list.length) return make("p", {}, "Nothing was asked yet.");
  const entries = list.slice().sort((one, other) => (other.success_rate ?? -1) - (one.success_rate ?? -1));
  return table("Success by agent", ["Agent", "Success", "95 % interval", "Bought", "Asked", "Best with", "Share now"],
    entries.map((agent) => [text(agent.agent),
      agent.success_rate == null ? "–" : percent(agent.success_rate), interval(agent.success_interval),
      `${number(agent.successes)} of ${number(agent.judged)}`, number(agent.pulls),
      percent(agent.probability_of_being_best), agent.share_now == null ? "not served" : percent(agent.share_now)]));
}

function requests(list, otherwise) {
  if (!list.length) return make("p", { class: "quiet" }, otherwise);
  return make("ol", { class: "asked" }, ...list.map((entry) => make("li", {},
    make("a", { href: `/#ask?${new URLSearchParams({ q: entry.request })}` }, text(entry.request)),
    make("span", { class: "count" }, ` × ${number(entry.count)}`))));
}

window.addEventListener("hashchange", draw);
draw();
