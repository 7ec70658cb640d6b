// The list of passkeys: adds one, re-reads the list, and says what is true.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

function parse(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const { challenge, user, excludeCredentials = [] } = options;
  return {
    ...options,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: excludeCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
  };
}

function toJSON(credential) {
  try {
    return credential.toJSON();
  } catch {
    // Some password managers answer with an object that cannot.
    const { id, type, rawId, response, authenticatorAttachment } = credential;
    return {
      id,
      type,
      rawId: base64url(rawId),
      authenticatorAttachment: authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults?.() ?? {},
      response: {
        clientDataJSON: base64url(response.clientDataJSON),
        attestationObject: base64url(response.attestationObject),
        transports: response.getTransports?.() ?? [],
      },
    };
  }
}

// Keeps a time for the site's other scripts and pages; answers with the one before.
function note(name, time) {
  try {
    const before = localStorage[name] ?? 0;
    localStorage[name] = time;
    return before;
  } catch {
    return 0; // storage is blocked
  }
}

// Notes when an answer was sent whose outcome is not known yet; the note before is that of a page left.
const saving = (time) => note("otp-passkeys-saving", time);

// A list read by sync.js while this runs, in any tab, would lack the new passkey: they share the lock.
const exclusively = (task) => (navigator.locks ? navigator.locks.request("otp-passkeys", task) : task());

class PasskeyPanel extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    window.addEventListener("pageshow", this);
    if (!window.PublicKeyCredential) return this.say("unsupported", "note");
    const add = this.querySelector("[data-add]");
    add.disabled = false;
    if (add.id && location.hash === `#${add.id}`) add.focus(); // it could not have the focus before
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
    this.controller?.abort();
  }

  handleEvent(event) {
    if (event.type === "pageshow") return event.persisted && this.read();
    if (event.target.closest("[data-add]")) this.once(() => this.add());
    if (event.target.closest("[data-refresh]")) {
      event.preventDefault();
      this.once(() => this.refresh());
    }
  }

  get list() {
    return this.querySelector("[data-list]");
  }

  // A disabled button would lose the focus, so a second click is ignored instead.
  async once(task) {
    if (this.busy) return;
    this.busy = true;
    try {
      await task();
    } finally {
      this.busy = false;
    }
  }

  text(name) {
    return [...this.querySelectorAll("template")].find((one) => one.dataset.message === name)?.content.textContent.trim();
  }

  async say(message, kind = "note") {
    const status = this.querySelector("[role=status]");
    status.textContent = "";
    status.dataset.kind = kind;
    await wait(50); // screen readers announce a change only
    status.textContent = this.text(message) ?? message;
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`otp-passkeys:${name}`, { bubbles: true, detail }));
  }

  sync() {
    const element = document.createElement("otp-passkey-sync");
    element.setAttribute("url", this.getAttribute("sync-url"));
    element.setAttribute("now", "");
    this.append(element);
  }

  // Answers with the status, and the body if it is JSON.
  async post(url, data) {
    const answer = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(data),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  }

  // Puts the server's list in the place of this one; answers whether that worked.
  async read() {
    try {
      const answer = await fetch(this.getAttribute("list-url"), {
        cache: "no-store",
        redirect: "error",
        headers: { Accept: "text/html" },
      });
      if (!answer.ok) return false;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = page.querySelector("otp-passkey-panel [data-list]");
      const focused = this.list.contains(document.activeElement) && document.activeElement.id;
      if (!list) return false;
      this.list.replaceWith(list);
      if (focused) document.getElementById(focused)?.focus();
      this.tell("listed");
      return true;
    } catch {
      return false;
    }
  }

  async refresh() {
    const ok = await this.read();
    if (ok) this.sync();
    await this.say(ok ? "refreshed" : "unreadable", ok ? "note" : "error");
  }

  row(id) {
    return [...this.querySelectorAll("[data-id]")].find((one) => one.dataset.id === id);
  }

  point(row) {
    row.dataset.highlight = "";
    row.focus();
  }

  async add() {
    await this.say("waiting");
    try {
      const { status, body } = await this.post(this.getAttribute("options-url"), {});
      if (status !== 200) return await this.refused(status, body);
      await exclusively(() => this.create(body));
    } catch (error) {
      await this.failed(error.name);
    }
  }

  async create(options) {
    this.controller = new AbortController();
    const publicKey = parse(options);
    const credential = await navigator.credentials.create({ publicKey, signal: this.controller.signal });
    await this.finish(toJSON(credential));
  }

  // The browser has saved the passkey; from here on only the server's list says whether it counts.
  async finish(credential) {
    // If this page is left now, no sync of another tab may believe a list without it.
    const before = saving(Date.now());
    const { status, body } = await this.post(this.getAttribute("register-url"), { credential }).catch(() => ({}));
    const known = body && status < 500;
    if (known) saving(before);
    if (!known) await this.say("checking");
    let listed = known && (await this.read());
    // A request that was cut off may still be running on the server.
    for (const pause of known ? [] : [1000, 3000]) {
      await wait(pause);
      listed = await this.read();
      if (this.row(credential.id)) break;
    }
    const row = this.row(credential.id);
    if (row) saving(before);
    if (row || status === 201) {
      if (row) this.point(row);
      this.sync();
      this.tell("registered", { id: credential.id });
      await this.say(listed ? "registered" : "unlisted", "success");
    } else if (known) {
      this.sync(); // so that the browser drops what it has just saved
      await this.refused(status, body);
    } else {
      await this.say(listed ? "unsaved" : "unknown", "error");
    }
  }

  async refused(status, body) {
    this.tell("refused", { code: body?.code });
    if (body?.reauthenticate_url) location.assign(body.reauthenticate_url);
    await this.say(body?.detail ?? (status === 403 ? "Stale" : "Error"), "error");
  }

  async failed(name) {
    this.tell("failed", { name });
    if (name === "AbortError") return this.say("");
    if (name === "InvalidStateError") note("otp-passkeys-offer", Date.now() + 1e12); // offer.js offers none here again
    const here = this.querySelectorAll("[data-here]");
    if (name === "InvalidStateError" && here.length === 1) this.point(here[0]);
    await this.say(this.text(name) ? name : "Error", /InvalidState|NotAllowed/.test(name) ? "note" : "error");
  }
}

customElements.define("otp-passkey-panel", PasskeyPanel);
