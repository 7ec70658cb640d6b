// The list of passkeys: re-reads it, names one in its row, and says what is true. add.js and delete.js call this.

// Resolves an address, and refuses another site's: somebody who can put HTML into a page, but no script, could have the
// user's answers sent to them by an attribute or a <base>.
function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

// What is kept about advice is when the user put it away, and nothing else.
const ADVICE = "otp-passkeys-advice-";
const QUARTER = 90 * 24 * 3600e3;

class PasskeyPanel extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "keydown", "submit"]) this.addEventListener(type, this);
    window.addEventListener("pageshow", this);
    (this.watch ??= new MutationObserver(() => this.list && this.wake())).observe(this, { childList: true, subtree: true });
    this.wake();
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
  }

  get list() {
    return this.querySelector("[data-list]");
  }

  // With script the row's links act in place, and say so. Other scripts bring rows in too.
  wake() {
    for (const link of this.list.querySelectorAll("[data-rename], [data-delete]")) link.setAttribute("role", "button");
    for (const advice of this.list.querySelectorAll("[data-advice]")) {
      advice.hidden = false;
      try {
        advice.hidden = Date.now() - (localStorage[ADVICE + advice.dataset.advice] ?? 0) < QUARTER;
      } catch {} // storage is blocked
    }
  }

  handleEvent(event) {
    const { type, target } = event;
    if (type === "pageshow") return event.persisted && this.read();
    const at = (name) => target.closest(`[data-${name}]`);
    if (type === "keydown") return this.press(event, at);
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
    const [task, control] = this.task(type, at);
    if (!task) return;
    event.preventDefault();
    this.once(task, control);
  }

  press(event, at) {
    if (event.key === "Escape" && at("naming")) this.keep(at("naming"));
    if (event.key !== " " || !(at("rename") ?? at("delete"))) return;
    event.preventDefault(); // as a button
    event.target.click();
  }

  // Answers with what a click or a sent form asks for, and the control to show as busy.
  task(type, at) {
    const naming = at("naming");
    if (type === "submit") return naming ? [() => this.save(naming), naming.querySelector("[type=submit]")] : [];
    const refresh = at("refresh");
    if (refresh) return [() => this.refresh(), refresh];
    const rename = at("rename");
    if (rename) return [() => this.rename(rename)];
    const remove = at("delete");
    const asking = this.querySelector("otp-passkey-delete");
    if (remove && asking?.ask) return [() => asking.ask(remove), remove];
    if (at("keep")) return [() => this.keep(naming)];
    if (at("dismiss")) return [() => this.dismiss(at("advice"))];
    return [];
  }

  // A disabled button would lose the focus, so a second click is ignored instead.
  async once(task, control) {
    if (this.busy) return;
    this.busy = true;
    control?.setAttribute("aria-busy", "true");
    try {
      await task();
    } finally {
      this.busy = false;
      control?.removeAttribute("aria-busy");
    }
  }

  text(name) {
    return [...this.querySelectorAll("template")].find((one) => one.dataset.message === name)?.content.textContent.trim();
  }

  say(message, kind = "note", more = "") {
    const status = this.querySelector(":scope > [role=status]");
    status.textContent = "";
    status.dataset.kind = kind;
    // Later, because screen readers announce a change only. It pushes what has the focus down.
    setTimeout(() => {
      status.textContent = `${this.text(message) ?? message} ${more}`.trim();
      document.activeElement.scrollIntoView({ block: "nearest" });
    }, 50);
  }

  // Answers whether a listener left it to this script; only what is about to happen can be cancelled.
  tell(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`otp-passkeys:${name}`, { bubbles: true, cancelable, detail }));
  }

  sync() {
    if (!this.hasAttribute("sync-url")) return;
    const element = document.createElement("otp-passkey-sync");
    element.setAttribute("url", this.getAttribute("sync-url"));
    element.setAttribute("now", "");
    this.append(element);
  }

  // Treats a request as failed after 20 seconds. Answers without a status if nobody did, with 0 if it was not sent.
  async fetch(url, options) {
    try {
      return await fetch(own(url), { redirect: "error", signal: AbortSignal.timeout(2e4), ...options });
    } catch (error) {
      return error.name === "Error" ? { status: 0 } : {};
    }
  }

  // Answers with the status, as above, and the body if it is JSON.
  async post(url, data) {
    const answer = await this.fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(data),
    });
    return { status: answer.status, body: await answer.json?.().catch(() => null) };
  }

  go(address) {
    try {
      location.assign(own(address));
    } catch {} // the console says why
  }

  // Leads to where the user proves who they are, or answers with what to say about a refusal.
  reason(status, body) {
    if (body?.reauthenticate_url) this.go(body.reauthenticate_url);
    return body?.detail ?? this.text(status === undefined ? "unreachable" : status === 403 ? "Stale" : "Error");
  }

  refused(status, body) {
    this.say(this.reason(status, body), "error");
  }

  // Puts the server's list in the place of this one; answers whether that worked.
  async read() {
    try {
      const asked = { cache: "no-store", headers: { Accept: "text/html" } };
      const answer = await this.fetch(this.getAttribute("list-url"), asked);
      const list = answer.ok && (await parsed(answer)).querySelector("otp-passkey-panel [data-list]");
      if (!list) return false;
      const naming = this.querySelector("[data-naming]");
      const id = naming?.closest("[data-id]").dataset.id;
      const focused = this.list.contains(document.activeElement) && document.activeElement.id;
      this.list.replaceWith(list);
      if (focused) this.focusOn(focused);
      if (id && this.row(id)) this.name(this.row(id), naming); // with what was typed
      this.tell("listed");
      return true;
    } catch {
      return false;
    }
  }

  async refresh() {
    const ok = await this.read();
    if (ok) this.sync();
    this.say(ok ? "refreshed" : "unreadable", ok ? "note" : "error");
  }

  row(id) {
    return [...this.querySelectorAll("[data-id]")].find((one) => one.dataset.id === id);
  }

  focusOn(id) {
    document.getElementById(id)?.focus();
  }

  point(row) {
    for (const one of this.querySelectorAll("[data-highlight]")) delete one.dataset.highlight;
    row.dataset.highlight = "";
    row.focus();
  }

  rename(link) {
    const row = link.closest("[data-id]");
    if (this.tell("renaming", { id: row.dataset.id }, true)) this.name(row);
  }

  // Opens the form that names a passkey, in its row.
  name(row, form) {
    this.querySelector("[data-naming]")?.remove();
    const opened = form ?? this.querySelector("template[data-form]").content.firstElementChild.cloneNode(true);
    const { nickname } = opened.elements;
    if (!form) nickname.value = row.dataset.name;
    row.append(opened);
    nickname.focus();
    if (!form) nickname.select();
  }

  keep(form) {
    const row = form.closest("[data-id]");
    form.remove();
    row.querySelector("[data-rename]").focus();
  }

  async save(form) {
    const [row, { nickname }] = [form.closest("[data-id]"), form.elements];
    if (nickname.value === row.dataset.name) return this.keep(form);
    const alert = form.querySelector("[role=alert]");
    alert.textContent = ""; // screen readers announce a change only
    const { status, body } = await this.post(row.querySelector("[data-rename]").href, { nickname: nickname.value });
    if (status === 404) return this.gone();
    if (status !== 200) {
      nickname.setAttribute("aria-invalid", "true");
      alert.textContent = this.reason(status, body);
      return nickname.focus();
    }
    this.keep(form);
    const listed = await this.read();
    this.tell("renamed", { id: row.dataset.id });
    this.say(listed ? "renamed" : "unreadable", listed ? "success" : "error");
  }

  land(id) {
    const add = "full" in this.list.dataset ? "" : "[data-add]:enabled, "; // hidden then
    (document.getElementById(id) ?? this.querySelector(`${add}[data-refresh]`))?.focus();
  }

  // Somebody deleted it: in another tab, say.
  async gone() {
    this.querySelector("[data-naming]")?.remove();
    if (await this.read()) this.sync();
    this.land();
    this.say("gone");
  }

  dismiss(advice) {
    advice.remove();
    this.land();
    try {
      localStorage[ADVICE + advice.dataset.advice] = Date.now();
    } catch {} // storage is blocked
  }
}

customElements.define("otp-passkey-panel", PasskeyPanel);
