// After a sign-in without a passkey of this device: has the browser add one by itself where it can, or offers one.
// What is stored are times, nothing else.
const DAY = 864e5;
const QUIET = "otp-passkeys-offer"; // until when nothing is offered here
const TRIED = "otp-passkeys-upgrade"; // the sign-in for which the browser was asked
const SAVING = "otp-passkeys-saving"; // shared with panel.js and sync.js

// Resolves an address, and refuses another site's: somebody who can put HTML into a page, but no script, could have the
// user's answers sent to them by an attribute or a <base>.
function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

function toJSON(credential) {
  try {
    return credential.toJSON();
  } catch {
    // Some password managers answer with an object that cannot.
    const { id, type, rawId, response } = credential;
    return {
      id,
      type,
      rawId: base64url(rawId),
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(response.clientDataJSON),
        attestationObject: base64url(response.attestationObject),
        transports: response.getTransports?.() ?? [],
      },
    };
  }
}

class PasskeyOffer extends HTMLElement {
  async connectedCallback() {
    // One request at a time: where passkeys are added or used, nothing else asks.
    if (!window.PublicKeyCredential || document.querySelector("otp-passkey-panel, otp-passkey-sign-in")) return;
    this.addEventListener("click", this);
    window.addEventListener("pagehide", this);
    try {
      if (await this.upgrade()) return;
    } catch (error) {
      // A passkey is here already: as panel.js, never offer one again.
      if (error.name === "InvalidStateError") localStorage[QUIET] = Date.now() + 1e12;
    }
    try {
      this.hidden = Date.now() < localStorage[QUIET];
    } catch {} // storage is blocked: what cannot be dismissed for long is not shown
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this);
    this.controller?.abort();
  }

  handleEvent({ type, target }) {
    if (type === "pagehide") return this.controller?.abort();
    if (target.closest("[data-later]")) localStorage[QUIET] = Date.now() + (localStorage[QUIET] ? 180 : 30) * DAY;
    if (target.closest("button")) this.hidden = true;
  }

  // Answers whether a passkey was added; every failure is silent.
  async upgrade() {
    if (!this.hasAttribute("options-url") || this.tried) return false;
    if (!(await PublicKeyCredential.getClientCapabilities?.())?.conditionalCreate) return false;
    if (document.prerendering)
      await new Promise((done) => document.addEventListener("prerenderingchange", done, { once: true }));
    // No list may be signalled meanwhile that lacks the new passkey. The sync after the sign-in asked first.
    return navigator.locks.request("otp-passkeys", () => this.create());
  }

  get tried() {
    return localStorage[TRIED] === this.getAttribute("since");
  }

  async create() {
    if (this.tried || !this.isConnected) return false;
    localStorage[TRIED] = this.getAttribute("since");
    const options = await (await this.post("options-url", { upgrade: true })).json();
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    this.controller = new AbortController();
    const { signal } = this.controller;
    const timer = setTimeout(() => this.controller.abort(), 10000);
    const credential = await navigator.credentials.create({ mediation: "conditional", publicKey, signal });
    clearTimeout(timer);
    // If the answer is lost, no sync of any tab may believe a list without it for a minute.
    const before = localStorage[SAVING] ?? 0;
    localStorage[SAVING] = Date.now();
    const { status } = await this.post("register-url", { credential: toJSON(credential) });
    if (status < 500) localStorage[SAVING] = before;
    if (status < 500) this.sync(); // after a refusal too, so that the browser drops what it has just saved
    if (status === 201) await this.tell(credential.id);
    return status === 201;
  }

  // It outlives the page: a user who was not asked does not wait.
  async post(to, data) {
    return fetch(own(this.getAttribute(to)), {
      method: "POST",
      redirect: "error",
      keepalive: true,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(data),
    });
  }

  sync() {
    if (!this.hasAttribute("sync-url")) return; // the site signals nothing
    const element = document.createElement("otp-passkey-sync");
    element.setAttribute("url", this.getAttribute("sync-url"));
    element.setAttribute("now", "");
    this.append(element);
  }

  async tell(id) {
    this.dispatchEvent(new CustomEvent("otp-passkeys:registered", { bubbles: true, detail: { id } }));
    this.querySelector("[data-prompt]").hidden = true;
    this.querySelector("[data-added]").hidden = false;
    this.hidden = false;
    await wait(50); // screen readers announce a change only
    this.querySelector("[role=status]").textContent = this.querySelector("template").content.textContent;
  }
}

customElements.define("otp-passkey-offer", PasskeyOffer);
