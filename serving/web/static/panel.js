// The panel inside a ticket: asks the tool whose ticket it is, then us for the card. Nothing is fetched from elsewhere.
"use strict";

const panel = document.getElementById("panel");
const { tool, origin, base } = panel.dataset;
const words = JSON.parse(panel.dataset.words);
const PATIENCE = 300; // milliseconds; an agent on the phone does not wait for us
let language = "";
let asked = null;

function token() {
  return panel.dataset.token || sessionStorage.getItem("tenure") || "";
}

function said(name) {
  return (words[language.slice(0, 2)] || words[navigator.language.slice(0, 2)] || words.en)[name];
}

function tell(...nodes) {
  panel.replaceChildren(...nodes);
  resized();
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function unavailable() {
  const again = element("button", said("again"));
  again.addEventListener("click", show);
  tell(element("p", said("unavailable"), { class: "band none", role: "status" }), again);
}

async function call(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  return fetch(base + path, { ...options, headers, signal: AbortSignal.timeout(options.patience || PATIENCE) });
}

async function show() {
  if (!asked) return;
  const given = Object.entries({ ...asked, tool, language }).filter(([, value]) => value);
  try {
    const answer = await call(`/panel/card?${new URLSearchParams(given)}`);
    if (answer.status === 401) return logIn();
    if (!answer.ok) return unavailable();
    const card = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.documentElement.lang = card.documentElement.lang;
    tell(...card.body.childNodes);
    for (const button of panel.querySelectorAll("button[data-why]")) button.addEventListener("click", wrong);
    panel.querySelector("details")?.addEventListener("toggle", resized);
  } catch {
    unavailable();
  }
}

async function wrong(event) {
  const { why, customer, outcome } = event.currentTarget.dataset;
  const thanks = panel.querySelector("[data-thanks]");
  const body = JSON.stringify({ customer_id: customer, outcome, why });
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await call("/v1/feedback", { method: "POST", body, headers, patience: 3000 });
    thanks.textContent = answer.ok ? thanks.dataset.thanks : said("unavailable");
  } catch {
    thanks.textContent = said("unavailable");
  }
  panel.querySelector("details").open = false;
  resized();
}

function logIn(problem = "") {
  const form = document.createElement("form");
  const fields = [["name", "text", "username"], ["password", "password", "current-password"]].map(
    ([name, type, autocomplete]) => {
      const label = element("label", said(name));
      const input = element("input", "", { name, type, autocomplete, required: "" });
      label.append(input);
      return label;
    },
  );
  form.append(element("p", problem || said("login"), { role: "status" }), ...fields, element("button", said("enter")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await call("/v1/session", { method: "POST", body, headers, patience: 5000 });
      if (!answer.ok) return logIn(said(answer.status === 403 ? "refused" : "unavailable"));
      sessionStorage.setItem("tenure", (await answer.json()).token);
      show();
    } catch {
      logIn(said("unavailable"));
    }
  });
  delete panel.dataset.token; // it is over, or the tool gave none
  sessionStorage.removeItem("tenure");
  tell(form);
}

const zendesk = {
  guid: new URLSearchParams(location.search.slice(1) || location.hash.slice(1)),
  instance: undefined,
  calls: new Map(),
  number: 0,
  post(message) {
    const names = { appGuid: this.guid.get("app_guid"), instanceGuid: this.instance };
    parent.postMessage(JSON.stringify({ ...message, ...names }), origin);
  },
  ask(request, params) {
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      setTimeout(() => reject(new Error("timeout")), 5000);
      this.post({ id, request, params });
    });
  },
  begin() {
    this.post({ key: "iframe.handshake", message: { version: "2.0.9" } });
  },
  async hear(message) {
    if (message.key === "zaf.app.registered") {
      this.instance = message.message?.context?.instanceGuid;
      await this.whose();
    } else if (message.key === "app.activated" || message.key === "ticket.requester.id.changed") {
      await this.whose();
    } else if (this.calls.has(message.id)) {
      const { resolve, reject } = this.calls.get(message.id);
      this.calls.delete(message.id);
      if (message.error) reject(new Error("refused"));
      else resolve(message.result);
    }
  },
  async whose() {
    const paths = ["ticket.requester.id", "ticket.requester.externalId", "ticket.requester.email", "currentUser.locale"];
    try {
      const found = await this.ask("get", paths);
      language = found["currentUser.locale"] || "";
      const id = found["ticket.requester.id"];
      asked = {
        id: id ? String(id) : "",
        external_id: found["ticket.requester.externalId"] || "",
        email: found["ticket.requester.email"] || "",
      };
      show();
    } catch {
      unavailable();
    }
  },
  resized(height) {
    this.ask("invoke", { resize: [{ width: "100%", height: `${height}px` }] }).catch(() => {});
  },
};

const chatwoot = {
  begin() {
    parent.postMessage("chatwoot-dashboard-app:fetch-info", origin);
  },
  async hear(message) {
    if (message.event !== "appContext") return;
    const contact = message.data?.contact || message.data?.conversation?.meta?.sender || {};
    asked = {
      id: contact.id ? String(contact.id) : "",
      external_id: contact.identifier || "",
      email: contact.email || "",
    };
    show();
  },
  resized() {},
};

const host = tool === "zendesk" ? zendesk : chatwoot;

function resized() {
  host.resized(Math.min(document.documentElement.scrollHeight + 8, 900));
}

addEventListener("message", (event) => {
  if (event.origin !== origin || event.source !== parent || typeof event.data !== "string") return;
  let message;
  try {
    message = JSON.parse(event.data);
  } catch {
    return;
  }
  if (message && typeof message === "object") host.hear(message);
});
host.begin();
