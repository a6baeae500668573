// Talks to the service of this very host, and says what went wrong.

const status = document.getElementById("status");
const tokenForm = document.getElementById("token-form");
const TOKEN = "shopwright-token";

export function say(message, isError = false) {
  status.textContent = message;
  status.className = isError ? "error" : "";
}

// Says what can be seen anyway, to those who listen.
export function announce(message) {
  status.textContent = message;
  status.className = "unseen";
}

export class ServiceError extends Error {}

export async function call(path, body) {
  const headers = { accept: "application/json" };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.authorization = `Bearer ${token}`;
  const options = { headers };
  if (body !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    headers["content-type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new ServiceError("The service cannot be reached.");
  }
  const value = await answer.json().catch(() => null);
  if (answer.ok && value) return value;
  if (answer.status === 401) {
    tokenForm.hidden = false;
    document.getElementById("token").focus();
  }
  const error = value && value.error;
  const place = error && error.field ? `${error.field}: ` : "";
  throw new ServiceError(error ? `${place}${error.message}` : `The service answered ${answer.status}.`);
}

// Runs what a form or button asks for. Meanwhile its controls cannot be used again; they are not
// disabled, which would take the focus away from them.
export async function busy(controls, doing, work, region = document.getElementById("main")) {
  if (controls.some((control) => control.getAttribute("aria-disabled") === "true")) return;
  for (const control of controls) control.setAttribute("aria-disabled", "true");
  region.setAttribute("aria-busy", "true");
  say(doing);
  try {
    await work();
    if (status.textContent === doing) say("");
  } catch (error) {
    if (!(error instanceof ServiceError)) console.error(error);
    say(error instanceof ServiceError ? error.message : "Something went wrong on this page; the browser's console says more.", true);
  } finally {
    for (const control of controls) control.removeAttribute("aria-disabled");
    region.removeAttribute("aria-busy");
  }
}

tokenForm.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, document.getElementById("token").value);
  tokenForm.hidden = true;
  say("Token kept.");
  window.dispatchEvent(new Event("hashchange"));
});
