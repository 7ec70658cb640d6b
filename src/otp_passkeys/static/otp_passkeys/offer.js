// After a sign-in without a passkey of this device: has the browser add one by itself, or offers one. It stores times only.
const { create, define, obstacle, post, say, soon, text } = await customElements.whenDefined("otp-passkey-ceremony");

const DAY = 864e5;
const QUIET = "otp-passkeys-offer"; // until when nothing is offered
const TRIED = "otp-passkeys-upgrade"; // the sign-in for which the browser was asked
const SAVING = "otp-passkeys-saving"; // since when an answer is under way

class PasskeyOffer extends HTMLElement {
  async connectedCallback() {
    // One request at a time.
    if (obstacle("create") || document.querySelector("otp-passkey-panel, otp-passkey-sign-in")) return;
    this.addEventListener("click", this);
    window.addEventListener("pagehide", this);
    // It may take longer, and be interrupted.
    if (!(await soon(() => this.upgrade().catch((error) => this.failed(error))))) this.offer();
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this);
    this.controller?.abort();
  }

  handleEvent({ type, target }) {
    if (type === "pagehide") return this.controller?.abort();
    if (target.closest("[data-set-up]")) return this.setUp();
    if (target.closest("[data-later]")) localStorage[QUIET] = Date.now() + (localStorage[QUIET] ? 180 : 30) * DAY;
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
    localStorage[QUIET] = Date.now() + 1e12; // never offer one again
    if (this.busy) this.settle("here");
    return true;
  }

  // One press leads to the browser's dialog. What is not settled here, the panel settles.
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
    this.querySelector("[data-set-up]").ariaBusy = this.busy = busy;
  }

  async upgrade() {
    if (!this.hasAttribute("upgrade") || this.tried || !this.unreplaced()) return false;
    if (!(await soon(() => PublicKeyCredential.getClientCapabilities()))?.conditionalCreate) return false;
    if (document.prerendering) {
      await new Promise((done) => document.addEventListener("prerenderingchange", done));
    }
    return this.exclusively(() => this.add());
  }

  // No list may be signalled meanwhile.
  exclusively(task) {
    return navigator.locks.request("otp-passkeys", { signal: AbortSignal.timeout(10000) }, task);
  }

  // An extension would open a window. If it lies about its source, it hardly does so in a new frame.
  unreplaced() {
    const frame = this.appendChild(document.createElement("iframe"));
    const source = frame.contentWindow.Function.prototype.toString;
    frame.remove();
    const native = (name, { [name]: method }) =>
      method.name === name && source.call(method).replace(/\s/g, "") === `function${name}(){[nativecode]}`;
    const { credentials } = navigator;
    return native("create", credentials) && native("getClientCapabilities", PublicKeyCredential);
  }

  get tried() {
    return localStorage[TRIED] === this.getAttribute("since");
  }

  async add() {
    if (this.tried || this.busy || !this.isConnected) return false;
    localStorage[TRIED] = this.getAttribute("since");
    return this.create({ upgrade: true }, { mediation: "conditional" });
  }

  // Answers whether it was added; without options that fails.
  async create(wishes, how) {
    const controller = (this.controller = new AbortController());
    const { body: options } = await this.post("options-url", wishes);
    if (how && !this.unreplaced()) return false; // by now
    if (how) setTimeout(() => controller.abort(), 10000);
    const credential = await create(options, { ...how, signal: controller.signal });
    const before = localStorage[SAVING] ?? 0;
    localStorage[SAVING] = Date.now();
    const { status } = await this.post("register-url", { credential });
    if (!(status < 500)) return false;
    localStorage[SAVING] = before;
    this.append(text(this, "sync") ?? ""); // if refused, too; not where the site signals nothing
    if (status !== 201) return false;
    this.dispatchEvent(new CustomEvent("otp-passkeys:registered", { bubbles: true, detail: { id: credential.id } }));
    this.settle("added");
    return true;
  }

  // It outlives the page.
  post(to, data) {
    return post(this, this.getAttribute(to), data, { keepalive: true });
  }

  // Nothing is left to be offered.
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
