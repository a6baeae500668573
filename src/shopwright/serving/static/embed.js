// A search box with recommendations for a shop's own pages:
//
//   <script src="https://SERVICE/embed.js" async></script>
//   <shopwright-search link="/products/{asin}"></shopwright-search>
//
// Attributes: link (address of a product's page; {asin} is filled in), count, label, placeholder,
// request (asked at once). Texts of the catalogue only ever become text nodes.
"use strict";

(() => {
  const service = new URL(document.currentScript.src).origin;
  const KEY = "shopwright-recommended";
  const KEPT = 200;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { display: block; font: inherit; color: inherit; }
    form { display: flex; gap: 0.5rem; }
    input, button { font: inherit; color: inherit; padding: 0.5rem 0.75rem;
      border: 1px solid currentColor; border-radius: 0.4rem; background: transparent; }
    input { flex: 1; min-width: 0; }
    button { cursor: pointer; }
    button:disabled { opacity: 0.6; cursor: wait; }
    p { margin: 0.5rem 0; }
    ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem;
      grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); }
    li { border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
      border-radius: 0.4rem; padding: 0.75rem; overflow-wrap: anywhere; }
    a { color: inherit; font-weight: 600; }
    .price { font-weight: 600; }
    .options, .reason { font-size: 0.9em; opacity: 0.85; }
  `);

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function line(name, text) {
    return make("p", { class: name, dir: "auto" }, text);
  }

  async function post(path, body) {
    const answer = await fetch(service + path, {
      method: "POST",
      credentials: "omit",
      keepalive: true,  // A click may leave the page.
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
    return answer.json();
  }

  function recommended() {
    try {
      return new Map(JSON.parse(sessionStorage.getItem(KEY) || "[]"));
    } catch {
      return new Map();
    }
  }

  function remember(asin, id) {
    const entries = recommended();
    entries.delete(asin);
    entries.set(asin, id);
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...entries].slice(-KEPT)));
    } catch {
      // Without storage a purchase is not told to be a recommendation's.
    }
  }

  class SearchBox extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const label = this.getAttribute("label") || "What are you looking for?";
      this.input = make("input", {
        type: "search", "aria-label": label, autocomplete: "off", maxlength: 2000,
        placeholder: this.getAttribute("placeholder") || label,
      });
      this.button = make("button", { type: "submit" }, "Search");
      this.status = make("p", { role: "status" });
      this.list = make("ol", {});
      const form = make("form", { role: "search" }, this.input, this.button);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (this.input.value.trim()) this.ask(this.input.value);
      });
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style];
      root.append(form, this.status, this.list);
      const request = this.getAttribute("request");
      if (request) {
        this.input.value = request;
        this.ask(request);
      }
    }

    async ask(request) {
      this.button.disabled = true;
      this.status.textContent = "Searching …";
      try {
        const count = Math.min(Math.max(Number(this.getAttribute("count")) || 6, 1), 20);
        this.show(await post("/recommend", { request, count }));
      } catch (error) {
        console.error(error);
        this.list.replaceChildren();
        this.status.textContent = "The search does not answer now. Please try again later.";
      }
      this.button.disabled = false;
    }

    show(answer) {
      const id = answer.recommendation_id;
      this.list.replaceChildren(...answer.items.map((item) => this.card(item, id)));
      this.status.textContent = !answer.items.length ? "Nothing was found."
        : answer.nothing_fits ? "Nothing here fits; these come nearest:"
        : answer.items.length === 1 ? "One product" : `${answer.items.length} products`;
      if (answer.items.length) tell({ recommendation_id: id, kind: "shown" });
    }

    card(item, id) {
      const title = make("a", { dir: "auto", href: this.address(item.asin) }, item.title);
      const noted = () => {
        remember(item.asin, id);
        tell({ recommendation_id: id, kind: "clicked", asin: item.asin });
      };
      title.addEventListener("click", noted);
      title.addEventListener("auxclick", noted);
      const options = Object.entries(item.options).map(([name, value]) => `${name}: ${value}`);
      const parts = [title, line("price", item.price)];
      if (options.length) parts.push(line("options", options.join(", ")));
      if (item.reason) parts.push(line("reason", item.reason));
      return make("li", {}, ...parts);
    }

    address(asin) {
      const link = this.getAttribute("link") || "#{asin}";
      return link.replaceAll("{asin}", encodeURIComponent(asin));
    }
  }

  // Feedback that does not arrive is no reason to disturb anybody.
  function tell(event) {
    post("/feedback", event).catch((error) => console.warn(error));
  }

  customElements.define("shopwright-search", SearchBox);
  // For the shop's checkout: the recommendation that a product was clicked in, if any.
  window.shopwright = Object.freeze({ recommendationOf: (asin) => recommended().get(asin) ?? null });
})();
