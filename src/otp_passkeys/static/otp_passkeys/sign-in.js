// Signs in with a passkey: by a button, and by the autofill of the site's username field.

// The server takes an answer for 600 s and the browser's dialog lasts 300 s at most. Autofill never
// times out, so it is renewed after 240 s: whoever picks a passkey then has 300 s and to spare.
const RENEW_AFTER = 240000;

// Resolves an address, and refuses another site's: somebody who can put HTML into a page, but no script, could have the
// user's answers sent to them by an attribute or a <base>.
function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

// Where to go is the server's choice, and LOGIN_REDIRECT_URL may name another site; but it is a page, not a script, and
// no <base> of this page changes it.
function target(address) {
  const { href, protocol } = new URL(address, location);
  if (protocol === "https:" || protocol === "http:") return href;
  console.error(`otp-passkeys: the answer leads to ${protocol}, which is not a page.`);
  throw new Error();
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

function parse(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const { challenge, allowCredentials = [] } = options;
  return {
    ...options,
    challenge: bytes(challenge),
    allowCredentials: allowCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
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
        authenticatorData: base64url(response.authenticatorData),
        signature: base64url(response.signature),
        userHandle: response.userHandle ? base64url(response.userHandle) : undefined,
      },
    };
  }
}

const GESTURES = ["pointerdown", "keydown"];

// One request at a time: browsers refuse a second one, or cancel the first.
let controller;

function stop() {
  // Without an argument: Firefox would reject with it instead of an AbortError.
  controller?.abort();
  controller = new AbortController();
  return controller.signal;
}

// Only on the server's explicit word: this makes the browser forget the passkey. Not while the panel waits to hear
// whether a new one was saved: it may be this one, and arrive late.
async function forget(details) {
  try {
    if (Date.now() - localStorage["otp-passkeys-saving"] < 6e4) return;
    await PublicKeyCredential.signalUnknownCredential?.(details);
  } catch {}
}

class PasskeySignIn extends HTMLElement {
  async connectedCallback() {
    if (!window.PublicKeyCredential) return this.text("unsupported") && this.say("unsupported");
    this.querySelector("[data-ready]").hidden = false;
    this.querySelector("button[autofocus]")?.focus(); // it could not be while it was hidden
    this.addEventListener("click", this);
    window.addEventListener("pagehide", this);
    window.addEventListener("pageshow", this);
    document.addEventListener("visibilitychange", this);
    const { forgetRpId: rpId, forgetId: credentialId } = this.dataset;
    if (credentialId) await forget({ rpId, credentialId }); // before a get() is open
    this.arm();
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this);
    window.removeEventListener("pageshow", this);
    for (const type of ["visibilitychange", ...GESTURES]) document.removeEventListener(type, this);
    clearTimeout(this.timer);
    stop();
  }

  handleEvent(event) {
    const { type, persisted } = event;
    if (type === "click") this.press(event);
    if (GESTURES.includes(type)) this.arm();
    if (type === "pagehide") stop();
    if (type === "pageshow" && persisted) {
      this.busy = false;
      this.arm();
    }
    if (type === "visibilitychange") this.renew();
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
    const request = { mediation: "conditional", signal: stop() };
    let credential;
    try {
      credential = await this.ask(request);
    } catch (error) {
      // Cancelled: offer it again. What fails at once would fail for ever.
      if (error.name === "NotAllowedError" && Date.now() - this.armed > 1000) this.arm();
      return;
    }
    await this.attempt(() => credential);
  }

  press(event) {
    const control = event.target.closest("[type=button], [data-account]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.attempt(() => this.ask({ signal: stop() }, control), control.href);
  }

  // A link leads to where there are more ways than the passkey.
  async attempt(choose, href) {
    if (this.busy) return;
    this.busy = true;
    let link;
    try {
      link = href && own(href);
      const credential = toJSON(await choose());
      const { redirect_url } = await this.post("url", { credential, next: this.getAttribute("next") });
      this.tell("authenticated");
      return location.assign(target(redirect_url));
    } catch (error) {
      const { name, refusal } = error;
      if (refusal?.signal) await forget(refusal.signal); // while no get() is open
      this.tell("failed", { name, code: refusal?.code });
      const own = name === "AbortError" ? "" : this.text(name) ? name : "Error";
      if (link && name === "NotAllowedError") location.assign(link);
      else this.say(refusal?.detail ?? own, name === "NotAllowedError" ? "note" : "error");
      this.refused = !!refusal;
    }
    this.busy = false;
    // A key that is always present would give the refused answer again and again: wait for the user.
    if (this.refused) for (const type of GESTURES) document.addEventListener(type, this, { once: true });
    else this.arm();
  }

  async ask(request, { href, dataset } = {}) {
    const account = dataset?.account ?? this.getAttribute("account");
    const wishes = { account, verification: this.getAttribute("verification") };
    const options = await this.post("options-url", wishes, request.signal);
    if (href && !options.allowCredentials.length) throw { name: "NotAllowedError" };
    if (!request.mediation) this.say("waiting");
    return navigator.credentials.get({ ...request, publicKey: parse(options) });
  }

  async post(to, data, signal) {
    const answer = await fetch(own(this.getAttribute(to)), {
      method: "POST",
      redirect: "error",
      signal,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(data),
    });
    const body = await answer.json().catch(() => null);
    if (answer.status === 200 && body) return body;
    // Without JSON, 403 is Django's own page: the CSRF token is older than the session.
    throw Object.assign(new Error(), { name: answer.status === 403 ? "Stale" : "Error", refusal: body });
  }

  text(name) {
    return [...this.querySelectorAll("template")].find((one) => one.dataset.message === name)?.content.textContent.trim();
  }

  async say(message, kind = "note") {
    const status = this.querySelector("[role=status]");
    status.textContent = "";
    status.dataset.kind = kind;
    await new Promise((done) => setTimeout(done, 50)); // screen readers announce a change only
    status.textContent = this.text(message) ?? message;
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`otp-passkeys:${name}`, { bubbles: true, detail }));
  }
}

customElements.define("otp-passkey-sign-in", PasskeySignIn);
