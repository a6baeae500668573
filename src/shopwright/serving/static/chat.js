// The view "chat": a conversation in which the service asks back, at most one question at a time.

import { go, when } from "./address.js";
import { card } from "./cards.js";
import { button, make, text } from "./elements.js";
import { announce, busy, call } from "./service.js";

const COUNT = 3;
const form = document.getElementById("chat-form");
const message = document.getElementById("chat-message");
const said = document.getElementById("chat-said");
let id = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (message.value.trim()) say(message.value);
});

message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

document.getElementById("chat-new").addEventListener("click", () => {
  go("chat");
  message.focus();
});

// The address names the conversation: loaded again, what was said is shown again.
when("chat", async (parameters) => {
  document.title = "Chat – shopwright";
  const asked = parameters.get("id");
  if (asked === id) return;
  id = asked;
  said.replaceChildren();
  if (!asked) return;
  await busy([], "…", async () => {
    const { messages } = await call(`/conversations/${encodeURIComponent(asked)}`);
    if (asked !== id) return;
    for (const each of messages) said.append(bubble("you", text(each.heard)), ...answered(each));
  });
});

function answered({ items, question }) {
  if (!items.length && !question) return [];
  const titles = items.map(({ title }) => make("li", {}, text(title)));
  return [bubble("service", ...(titles.length ? [make("ol", { class: "facts" }, ...titles)] : []),
    ...(question ? [make("p", { class: "question" }, text(question))] : []))];
}

function say(words) {
  const body = { message: words, count: COUNT };
  busy([form.querySelector("button")], "…", async () => {
    for (const choices of said.querySelectorAll(".choices")) choices.remove();
    const mine = bubble("you", text(words));
    said.append(mine);
    message.value = "";
    let record;
    try {
      record = await call(id ? `/conversations/${encodeURIComponent(id)}/messages` : "/conversations", body);
    } catch (error) {
      mine.remove();
      message.value = words;
      throw error;
    }
    show(record);
    if (record.items.length) {
      await call("/feedback", { recommendation_id: record.recommendation_id, kind: "shown" });
    }
    if (id !== record.conversation_id) {
      id = record.conversation_id;
      go("chat", new URLSearchParams({ id }));
    }
  });
}

function show(record) {
  for (const item of record.items) item.recommendation_id = record.recommendation_id;
  const found = record.heading;
  const answer = bubble("service", make("h2", { class: "small" }, text(found)));
  if (record.items.length) answer.append(make("ol", { class: "cards" }, ...record.items.map(card)));
  const told = record.items.filter(({ asin }) => record.about[asin]);
  for (const { asin, title } of told) {
    if (told.length > 1) answer.append(make("p", { class: "told" }, text(title)));
    const lines = record.about[asin].map((line) => make("li", {}, text(line)));
    answer.append(make("ul", { class: "facts" }, ...lines));
  }
  const { question } = record;
  if (question) {
    answer.append(make("p", { class: "question" }, text(question.text)),
      make("div", { class: "chips choices" }, ...question.choices.map((choice) =>
        button(text(choice), () => { message.focus(); say(choice); }, { class: "chip" }))));
  }
  said.append(answer);
  announce(question ? question.text : found);
  answer.scrollIntoView({ block: "start" });
}

function bubble(who, ...content) {
  return make("li", { class: `said ${who}` },
    make("span", { class: "unseen" }, who === "you" ? "You: " : "The shop: "), ...content);
}
