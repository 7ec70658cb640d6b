// Signs in with a passkey: by a button, and by the autofill of the site's username field.
const { define, get, obstacle, own, post, say, text } = await customElements.whenDefined("otp-passkey-ceremony");

// The server takes an answer for 600 s, and autofill asks for ever.
const RENEW_AFTER = 240000;
const CHANGES = ["pagehide", "pageshow", "visibilitychange"];
const GESTURES = ["pointerdown", "keydown"];

// LOGIN_REDIRECT_URL may name another site, but a page and no script.
function target(address) {
  const { href, protocol } = new URL(address, location);
  if (/^https?:$/.test(protocol)) return href;
  console.error(`otp-passkeys: the answer leads to ${protocol}, which is not a page.`);
  throw new Error();
}

// One request at a time: browsers refuse a second one, or cancel the first.
let controller;

function stop() {
  controller?.abort(); // without an argument, with which Firefox would reject
  controller = new AbortController();
  return controller.signal;
}

// On the server's word; but the panel may just be saving this one.
async function forget(details) {
  try {
    if (Date.now() - localStorage["otp-passkeys-saving"] < 60000) return;
    await PublicKeyCredential.signalUnknownCredential?.(details);
  } catch {}
}

class PasskeySignIn extends HTMLElement {
  async connectedCallback() {
    const why = obstacle("get");
    if (why && !text(this, why)) return;
    this.querySelector("[data-ready]").hidden = false;
    for (const button of this.querySelectorAll("[type=button]")) button.disabled = why;
    if (why) return this.say(why);
    this.querySelector("button[autofocus]")?.focus(); // it could not be while it was hidden
    this.addEventListener("click", this);
    for (const type of CHANGES) window.addEventListener(type, this);
    this.learn();
    const { forgetRpId: rpId, forgetId: credentialId } = this.dataset;
    if (credentialId) await forget({ rpId, credentialId }); // before a get() is open
    this.arm();
  }

  // A press does not wait for it.
  async learn() {
    try {
      this.immediate = (await PublicKeyCredential.getClientCapabilities()).immediateGet;
    } catch {}
  }

  disconnectedCallback() {
    for (const type of [...CHANGES, ...GESTURES]) window.removeEventListener(type, this);
    clearTimeout(this.timer);
    stop();
  }

  handleEvent(event) {
    const { type, persisted } = event;
    if (type === "click") this.press(event);
    if (type === "visibilitychange") this.renew();
    if (type === "pagehide") stop();
    if (type === "pageshow" && persisted) {
      this.busy = false;
      this.arm();
    }
    if (GESTURES.includes(type)) this.arm();
  }

  // A page that nobody looks at asks for nothing.
  renew() {
    if (!this.refused && !document.hidden && Date.now() - this.armed >= RENEW_AFTER) this.arm();
  }

  async arm() {
    if (this.hasAttribute("account") || !document.querySelector('input[autocomplete~="webauthn"]')) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || this.busy || !this.isConnected) return;
    this.refused = false;
    this.armed = Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), RENEW_AFTER);
    let credential;
    try {
      credential = await this.ask({ mediation: "conditional", signal: stop() });
    } catch ({ name }) {
      // Cancelled: offer it again. What fails at once would fail for ever.
      if (name === "NotAllowedError" && Date.now() - this.armed > 1000) this.arm();
      return;
    }
    this.attempt(() => credential);
  }

  press(event) {
    const control = event.target.closest("[type=button], [data-account]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.attempt(() => this.ask({ signal: stop() }, control), control.href);
  }

  async attempt(choose, href) {
    if (this.busy) return;
    this.busy = true;
    this.refused = false;
    try {
      if (href) own(href);
      const credential = await choose();
      const { redirect_url } = await this.post("url", { credential, next: this.getAttribute("next") });
      this.tell("authenticated");
      return location.assign(target(redirect_url));
    } catch (error) {
      await this.failed(error, href);
    }
    this.rest();
  }

  async failed({ name, refusal }, href) {
    if (refusal?.signal) await forget(refusal.signal); // while no get() is open
    this.refused = !!refusal;
    this.tell("failed", { name, code: refusal?.code });
    const cancelled = /NotAllowed|forbidden/.test(name);
    if (cancelled && href) return location.assign(href); // where there are more ways than the passkey
    const words = name === "AbortError" ? "" : text(this, cancelled && this.here ? "elsewhere" : name) ?? "Error";
    if (this.here) this.immediate = false; // the next press asks for other devices as well
    this.say(refusal?.detail ?? words, cancelled ? "note" : "error");
  }

  rest() {
    this.busy = false;
    // A key that is always present would be refused again and again: wait for the user.
    if (this.refused) for (const type of GESTURES) window.addEventListener(type, this, { once: true });
    else this.arm();
  }

  async ask(how, { href, dataset } = {}) {
    const account = dataset?.account ?? this.getAttribute("account");
    const wishes = { account, verification: this.getAttribute("verification") };
    const options = await this.post("options-url", wishes, how.signal);
    if (href && !options.allowCredentials.length) throw { name: "NotAllowedError" };
    if (!how.mediation) this.say("waiting");
    this.here = this.immediate && !how.mediation && !account && !options.allowCredentials.length;
    return get(options, this.here ? { ...how, uiMode: "immediate" } : how);
  }

  async post(to, data, signal) {
    const { status, body } = await post(this, this.getAttribute(to), data, { signal });
    signal?.throwIfAborted();
    if (status === 200 && body) return body;
    // Django's own 403: the CSRF token is older than the session.
    throw Object.assign(new Error(), { name: status === 403 ? "Stale" : "Error", refusal: body });
  }

  say(message, kind) {
    say(this.querySelector("[role=status]"), text(this, message) ?? message, kind);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`otp-passkeys:${name}`, { bubbles: true, detail }));
  }
}

define("otp-passkey-sign-in", PasskeySignIn);
