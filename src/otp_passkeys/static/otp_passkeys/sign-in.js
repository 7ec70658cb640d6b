// Signs in with a passkey, by a button and by autofill. It relies on ceremony.js.
const shared = await customElements.whenDefined("otp-passkey-ceremony");
const { ask, define, obstacle, own, post, say, soon, text, wait } = shared;

const MINUTE = 60000;
const EVENTS = ["formdata", "keydown", "pagehide", "pageshow", "pointerdown", "visibilitychange"];

// Browsers take one request at a time.
let controller, asking;

function stop() {
  controller?.abort();
  controller = new AbortController();
  return controller.signal;
}

// Unless the panel may be saving this one.
function forget(details) {
  const saving = () => Date.now() - localStorage["otp-passkeys-saving"] < MINUTE;
  return soon(() => saving() || PublicKeyCredential.signalUnknownCredential(details));
}

function go(address) {
  const { href, protocol } = new URL(address, location);
  if (/^https?:$/.test(protocol)) return location.assign(href);
  console.error(`otp-passkeys: the answer leads to ${protocol}, which is not a page.`);
  throw new Error();
}

class PasskeySignIn extends HTMLElement {
  retries = 0;

  async connectedCallback() {
    const why = obstacle("get");
    if (why && !text(this, why)) return;
    this.querySelector("[data-ready]").hidden = false;
    for (const button of this.querySelectorAll("[type=button]")) button.disabled = why;
    if (why) return say(this.querySelector("[role=status]"), text(this, why)); // and scroll nothing
    this.querySelector("button[autofocus]")?.focus();
    this.addEventListener("click", this);
    for (const type of EVENTS) window.addEventListener(type, this);
    soon(() => PublicKeyCredential.getClientCapabilities()).then((can) => (this.immediate = can?.immediateGet));
    const { forgetRpId: rpId, forgetId: credentialId } = this.dataset;
    if (credentialId) await forget({ rpId, credentialId }); // before a get() is open
    this.arm();
  }

  disconnectedCallback() {
    for (const type of EVENTS) window.removeEventListener(type, this);
    clearTimeout(this.timer);
    stop();
  }

  handleEvent(event) {
    const { type } = event;
    if (type === "click") this.press(event);
    else if (type === "formdata") this.hold();
    else if (type === "pagehide") stop();
    else if (type !== "pageshow") this.renew(type !== "visibilitychange");
    else if (event.persisted) {
      this.failing = this.pause = false;
      this.rest();
    }
  }

  // A question that a form overtakes may end the new session.
  hold() {
    this.pause = wait(10000);
    if (!asking) return;
    stop();
    if (!this.failing) this.arm();
  }

  // What failed may fail for ever.
  renew(gesture) {
    const due = Date.now() - this.armed >= 4 * MINUTE;
    if (this.failing) {
      if (!gesture || this.busy || (this.retries >= 3 && !due)) return;
      this.retries++;
    } else {
      if (!due || document.hidden) return;
      this.retries = 0;
    }
    this.arm();
  }

  // Asks for autofill.
  async arm() {
    if (this.busy || this.hasAttribute("account") || !document.querySelector('input[autocomplete~="webauthn"]')) return;
    this.failing = false;
    this.armed = Date.now();
    const turn = (asking = {}); // the last one asks
    const available = await soon(() => PublicKeyCredential.isConditionalMediationAvailable());
    await this.pause;
    if (!available || !this.isConnected || asking !== turn) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), 4 * MINUTE);
    try {
      const credential = await this.ask({ mediation: "conditional", signal: stop() });
      this.failing = true; // unless it signs in
      this.attempt(() => credential);
    } catch ({ name }) {
      if (name === "AbortError") return;
      this.failing = true;
      this.rest();
    }
  }

  press(event) {
    const control = event.target.closest("[type=button], [data-account]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.attempt(() => this.ask({ signal: stop() }, control), control);
  }

  async attempt(choose, control) {
    if (this.busy) return;
    this.busy = true;
    control?.setAttribute("aria-busy", "true");
    const href = control?.href;
    try {
      if (href) own(href);
      const credential = await choose();
      const { redirect_url } = await this.post("url", { credential, next: this.getAttribute("next") });
      this.tell("authenticated");
      return go(redirect_url);
    } catch (error) {
      await this.failed(error, href);
    }
    this.rest();
  }

  async failed({ name, refusal }, href) {
    if (refusal) this.failing = true;
    this.tell("failed", { name, code: refusal?.code });
    const cancelled = ["NotAllowedError", "forbidden"].includes(name);
    if (cancelled && href) return location.assign(href);
    const message = cancelled && this.here ? "elsewhere" : name;
    if (this.here) this.immediate = false; // the next press asks for others too
    const words = name === "AbortError" ? "" : text(this, message) ?? "Error";
    this.say(refusal?.detail ?? words, cancelled ? "note" : "error");
    if (refusal?.signal) await forget(refusal.signal); // before a get() is open
  }

  rest() {
    this.busy = false;
    this.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    if (!this.failing) this.arm();
  }

  async ask(how, { href, dataset } = {}) {
    const account = dataset?.account ?? this.getAttribute("account");
    const verification = this.getAttribute("verification");
    if (!how.mediation) this.say("waiting", "busy");
    asking = true;
    const options = await this.post("options-url", { account, verification }, how.signal);
    asking = false;
    const anyPasskey = !options.allowCredentials.length;
    if (href && anyPasskey) throw { name: "NotAllowedError" };
    this.here = this.immediate && !how.mediation && !account && anyPasskey;
    if (this.here) how.uiMode = "immediate";
    return ask("get", options, how);
  }

  async post(to, data, signal) {
    const { status, body } = await post(this, this.getAttribute(to), data, { signal });
    signal?.throwIfAborted();
    if (status === 200 && body) return body;
    // 403: the CSRF token is older than the session.
    throw { name: { 403: "Stale", undefined: "unreachable" }[status] ?? "Error", refusal: body };
  }

  async say(message, kind) {
    const status = this.querySelector("[role=status]");
    await say(status, text(this, message) ?? message, kind);
    status.scrollIntoView({ block: "nearest" });
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`otp-passkeys:${name}`, { bubbles: true, detail }));
  }
}

define("otp-passkey-sign-in", PasskeySignIn);
