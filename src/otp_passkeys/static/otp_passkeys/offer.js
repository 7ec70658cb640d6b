// Offers a passkey after a sign-in without one, or has the browser add it. It relies on ceremony.js.
const { ask, define, obstacle, post, say, soon, text } = await customElements.whenDefined("otp-passkey-ceremony");

const DAY = 24 * 3600000;
const PATIENCE = 10000;
const QUIET = "otp-passkeys-offer"; // until when nothing is offered
const TRIED = "otp-passkeys-upgrade"; // for which sign-in
const SAVING = "otp-passkeys-saving"; // since when one is

class PasskeyOffer extends HTMLElement {
  async connectedCallback() {
    // One request at a time.
    if (obstacle("create") || document.querySelector("otp-passkey-panel, otp-passkey-sign-in")) return;
    this.addEventListener("click", this);
    window.addEventListener("pagehide", this);
    const done = await soon(() => this.upgrade().catch((error) => this.failed(error)));
    if (!done) this.offer();
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this);
    this.controller?.abort();
  }

  handleEvent({ type, target }) {
    if (type === "pagehide") return this.controller?.abort();
    if (target.closest("[data-set-up]")) return this.setUp();
    const days = localStorage[QUIET] ? 180 : 30;
    if (target.closest("[data-later]")) localStorage[QUIET] = Date.now() + days * DAY;
    if (target.closest("button")) this.hidden = true;
  }

  offer() {
    try {
      this.hidden = Date.now() < localStorage[QUIET];
    } catch {} // what cannot be dismissed is not shown
    if (!this.hidden) this.say("offered");
  }

  // Answers whether the user knows why.
  failed(error) {
    this.controller?.abort(); // the lock may be lost
    if (error?.name !== "InvalidStateError") return false;
    localStorage[QUIET] = Infinity;
    if (this.busy) this.settle("here");
    return true;
  }

  async setUp() {
    if (this.busy) return;
    this.hold("true");
    this.say("waiting");
    this.controller?.abort(); // one request at a time
    try {
      if (await this.exclusively(() => this.create({}))) return;
    } catch (error) {
      if (this.failed(error)) return;
      this.hold(null);
      if (error?.name === "NotAllowedError") return this.say("cancelled");
    }
    this.querySelector("a").click();
  }

  hold(busy) {
    this.busy = busy;
    this.querySelector("[data-set-up]").ariaBusy = busy;
  }

  async upgrade() {
    if (!this.hasAttribute("upgrade") || this.tried || !this.isUnreplaced()) return false;
    const can = await soon(() => PublicKeyCredential.getClientCapabilities());
    if (!can?.conditionalCreate) return false;
    if (document.prerendering) {
      await new Promise((done) => document.addEventListener("prerenderingchange", done));
    }
    return this.exclusively(() => this.add());
  }

  // No list may be signalled meanwhile.
  exclusively(task) {
    return navigator.locks.request("otp-passkeys", { signal: AbortSignal.timeout(PATIENCE) }, task);
  }

  // An extension would open a window. In a new frame it cannot easily lie.
  isUnreplaced() {
    const frame = this.appendChild(document.createElement("iframe"));
    const source = frame.contentWindow.Function.prototype.toString;
    frame.remove();
    const isNative = (object, name) =>
      source.call(object[name]).replace(/\s/g, "") === `function${name}(){[nativecode]}`;
    return isNative(navigator.credentials, "create") && isNative(PublicKeyCredential, "getClientCapabilities");
  }

  get tried() {
    return localStorage[TRIED] === this.getAttribute("since");
  }

  async add() {
    if (this.tried || this.busy || !this.isConnected) return false;
    localStorage[TRIED] = this.getAttribute("since");
    return this.create({ upgrade: true }, { mediation: "conditional" });
  }

  // Answers whether it was added.
  async create(wishes, how) {
    const controller = new AbortController();
    this.controller = controller;
    const { body: options } = await this.post("options-url", wishes);
    if (how) {
      if (!this.isUnreplaced()) return false;
      setTimeout(() => controller.abort(), PATIENCE);
    }
    const credential = await ask("create", options, { ...how, signal: controller.signal });
    const before = localStorage[SAVING] ?? 0;
    localStorage[SAVING] = Date.now();
    const { status } = await this.post("register-url", { credential });
    if (!(status < 500)) return false;
    localStorage[SAVING] = before;
    this.append(text(this, "sync") ?? ""); // if refused, too
    if (status !== 201) return false;
    this.dispatchEvent(new CustomEvent("otp-passkeys:registered", { bubbles: true, detail: { id: credential.id } }));
    this.settle("added");
    return true;
  }

  post(to, data) {
    return post(this, this.getAttribute(to), data, { keepalive: true });
  }

  settle(message) {
    for (const one of this.querySelectorAll("h2, a, button")) one.hidden = "offered" in one.dataset;
    this.hidden = false;
    if (this.busy) this.querySelector("a").focus(); // its button is gone
    this.say(message);
  }

  say(message) {
    return say(this.querySelector("p"), text(this, message));
  }
}

define("otp-passkey-offer", PasskeyOffer);
