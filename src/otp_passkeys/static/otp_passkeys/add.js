// Adds a passkey to the panel around it, and says what became of it: the server's list is the truth.
const { create, define, obstacle } = await customElements.whenDefined("otp-passkey-ceremony");
await customElements.whenDefined("otp-passkey-panel");

const PATIENCE = 10000; // with the lock; longer than a list is signalled in sync.js

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

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
const exclusively = (task, how = {}) => (navigator.locks ? navigator.locks.request("otp-passkeys", how, task) : task());

// The user waits: a tab that keeps the lock for so long loses it.
async function exclusivelyNow(task) {
  let ours;
  const run = () => {
    ours = true;
    return task();
  };
  try {
    return await exclusively(run, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    if (ours) throw error;
    return exclusively(run, { steal: true });
  }
}

// When sync.js last signalled a list.
function lastList() {
  try {
    return localStorage["otp-passkeys"];
  } catch {} // storage is blocked, and sync.js signals none
}

class PasskeyAdd extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    const why = obstacle("create");
    if (why) return this.panel?.say(why);
    const buttons = this.querySelectorAll("button");
    for (const button of buttons) button.disabled = false;
    // It could not have the focus before.
    if (buttons[0].id && location.hash === `#${buttons[0].id}`) buttons[0].focus();
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
    await this.finish(await create({ hints, ...options }, { signal, late }));
  }

  // Answered after its time or after an abort. A list without it, given meanwhile, may have removed it.
  async late(credential, before) {
    if (!this.isConnected) return;
    if (lastList() === before) await this.finish(credential);
    else this.panel.sync(); // in case it has not
  }

  // The browser has saved the passkey; from here on only the server's list says whether it counts.
  async finish(credential) {
    const { panel } = this;
    // If this page is left now, no sync of another tab may believe a list without it.
    const before = saving(Date.now());
    const { status, body } = await panel.post(this.getAttribute("register-url"), { credential });
    const known = body && status < 500;
    if (known) saving(before);
    if (!known) panel.say("checking", "busy");
    let listed = known && (await panel.read());
    // A request that was cut off may still be running on the server.
    for (const pause of known ? [] : [1000, 3000]) {
      await wait(pause);
      listed = await panel.read();
      if (panel.row(credential.id)) break;
    }
    const row = panel.row(credential.id);
    if (row) saving(before);
    if (row || status === 201) {
      if (row) {
        panel.point(row);
        for (const button of panel.name(row).querySelectorAll("[data-new]")) button.textContent = button.dataset.new;
      }
      panel.sync();
      panel.tell("registered", { id: credential.id });
      panel.done("registered", listed, row?.querySelector("bdi")?.textContent ?? body?.name);
    } else if (known) {
      panel.sync(); // so that the browser drops what it has just saved
      this.refused(status, body);
    } else {
      panel.say(listed ? "unsaved" : "unknown", "error");
    }
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
      note("otp-passkeys-offer", Date.now() + 1e12); // offer.js offers none here again
      const row = panel.querySelector("[data-here]");
      if (row) panel.point(row);
    }
    panel.say(panel.text(name) ? name : "Error", /InvalidState|NotAllowed/.test(name) ? "note" : "error");
  }
}

define("otp-passkey-add", PasskeyAdd);
