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
    try {
      if (await this.upgrade()) return;
    } catch (error) {
      this.controller?.abort(); // the lock may be lost
      // A passkey is here already: never offer one again.
      if (error?.name === "InvalidStateError") localStorage[QUIET] = Date.now() + 1e12;
    }
    try {
      this.hidden = Date.now() < localStorage[QUIET];
    } catch {} // what cannot be dismissed is not shown
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

  async upgrade() {
    if (!this.hasAttribute("options-url") || this.tried || !this.unreplaced()) return false;
    if (!(await soon(() => PublicKeyCredential.getClientCapabilities()))?.conditionalCreate) return false;
    if (document.prerendering) {
      await new Promise((done) => document.addEventListener("prerenderingchange", done));
    }
    // No list may be signalled meanwhile.
    return navigator.locks.request("otp-passkeys", { signal: AbortSignal.timeout(10000) }, () => this.create());
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

  async create() {
    if (this.tried || !this.isConnected) return false;
    localStorage[TRIED] = this.getAttribute("since");
    const { body: options } = await this.post("options-url", { upgrade: true });
    if (!this.unreplaced()) return false; // by now
    this.controller = new AbortController();
    setTimeout(() => this.controller.abort(), 10000);
    const credential = await create(options, { mediation: "conditional", signal: this.controller.signal });
    const before = localStorage[SAVING] ?? 0;
    localStorage[SAVING] = Date.now();
    const { status } = await this.post("register-url", { credential });
    if (!(status < 500)) return false;
    localStorage[SAVING] = before;
    this.sync(); // if refused, too
    if (status !== 201) return false;
    await this.tell(credential.id);
    return true;
  }

  // It outlives the page.
  post(to, data) {
    return post(this, this.getAttribute(to), data, { keepalive: true });
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
    await say(this.querySelector("[role=status]"), text(this, "added"));
  }
}

define("otp-passkey-offer", PasskeyOffer);
