// Adds a passkey to the panel around it, and says whether the server's list has it.
// It relies on panel.js and ceremony.js.
const { ask, define, obstacle, wait } = await customElements.whenDefined("otp-passkey-ceremony");
await customElements.whenDefined("otp-passkey-panel");

const PATIENCE = 10000; // longer than sync.js signals a list

// Notes a time for other tabs and scripts. Answers with the one before.
function note(name, time) {
  try {
    const before = localStorage[name] ?? 0;
    localStorage[name] = time;
    return before;
  } catch {
    return 0; // storage is blocked
  }
}

// Notes since when it is unknown whether a passkey was added: for a minute, no tab signals a list.
const saving = (time) => note("otp-passkeys-saving", time);

// When sync.js last signalled a list.
function lastList() {
  try {
    return localStorage["otp-passkeys"];
  } catch {} // storage is blocked, and sync.js signals none
}

// A list that sync.js signals meanwhile, in any tab, would lack the new passkey.
function exclusively(task, how = {}) {
  return navigator.locks ? navigator.locks.request("otp-passkeys", how, task) : task();
}

// The user waits, so a tab that keeps the lock for too long loses it.
async function exclusivelyNow(task) {
  let begun = false;
  const begin = () => {
    begun = true;
    return task();
  };
  try {
    return await exclusively(begin, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    if (begun) throw error;
    return exclusively(begin, { steal: true });
  }
}

class PasskeyAdd extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    const why = obstacle("create");
    if (why) return this.panel?.say(why);
    const buttons = this.querySelectorAll("button");
    for (const button of buttons) button.disabled = false;
    const [first] = buttons;
    if (first.id && location.hash === `#${first.id}`) first.focus(); // disabled, it could not have it
  }

  disconnectedCallback() {
    this.controller?.abort();
  }

  handleEvent(event) {
    const button = event.target.closest("button");
    if (button) this.panel.once(() => this.add(button.dataset.hints?.split(" ") ?? []), button);
  }

  get panel() {
    return this.closest("otp-passkey-panel");
  }

  async add(hints) {
    const { panel } = this;
    if (!panel.tell("adding", { hints }, true)) return;
    panel.say("waiting", "busy");
    const { status, body } = await panel.post(this.getAttribute("options-url"), hints.length ? { hints } : {});
    if (status !== 200) return this.refused(status, body);
    try {
      await exclusivelyNow(() => this.create(body, hints));
    } catch (error) {
      this.controller?.abort(); // the lock may be lost
      this.failed(error.name);
    }
  }

  async create(options, hints) {
    this.controller = new AbortController();
    const { signal } = this.controller;
    const before = lastList();
    const late = (credential) => exclusively(() => this.late(credential, before)).catch(() => {});
    const credential = await ask("create", { hints, ...options }, { signal, late });
    await this.finish(credential);
  }

  // The browser answers after its time or an abort. A list that was signalled meanwhile may have removed the passkey.
  async late(credential, before) {
    if (!this.isConnected) return;
    if (lastList() === before) await this.finish(credential);
    else this.panel.sync(); // in case it has not
  }

  // The browser has saved the passkey. Only the server's list says whether it counts.
  async finish(credential) {
    const { panel } = this;
    const { id } = credential;
    const before = saving(Date.now()); // the page may be left now
    const { status, body } = await panel.post(this.getAttribute("register-url"), { credential });
    const known = body && status < 500;
    if (known) saving(before);
    const listed = known ? await panel.read() : await this.search(id);
    const row = panel.row(id);
    if (row) saving(before);
    if (row || status === 201) {
      if (row) this.show(row);
      panel.sync();
      panel.tell("registered", { id });
      panel.done("registered", listed, row?.querySelector("bdi")?.textContent ?? body?.name);
    } else if (known) {
      panel.sync(); // so that the browser drops what it has just saved
      this.refused(status, body);
    } else {
      panel.say(listed ? "unsaved" : "unknown", "error");
    }
  }

  // A request that was cut off may still be running on the server.
  async search(id) {
    const { panel } = this;
    panel.say("checking", "busy");
    let listed = false;
    for (const pause of [1000, 3000]) {
      await wait(pause);
      listed = await panel.read();
      if (panel.row(id)) break;
    }
    return listed;
  }

  show(row) {
    const { panel } = this;
    panel.point(row);
    const form = panel.name(row);
    for (const button of form.querySelectorAll("[data-new]")) button.textContent = button.dataset.new;
  }

  refused(status, body) {
    this.panel.tell("refused", { code: body?.code });
    this.panel.refused(status, body);
  }

  failed(name) {
    const { panel } = this;
    panel.tell("failed", { name });
    if (name === "AbortError") return panel.say("");
    if (name === "InvalidStateError") {
      note("otp-passkeys-offer", Infinity); // offer.js offers none here again
      const row = panel.querySelector("[data-here]");
      if (row) panel.point(row);
    }
    const kind = ["InvalidStateError", "NotAllowedError"].includes(name) ? "note" : "error";
    panel.say(panel.text(name) ? name : "Error", kind);
  }
}

define("otp-passkey-add", PasskeyAdd);
