// The list of passkeys, which is read anew after each change; a passkey is named in its row.
// It relies on ceremony.js, and add.js and delete.js rely on it.
const { define, own, post, say, text } = await customElements.whenDefined("otp-passkey-ceremony");

const ADVICE = "otp-passkeys-advice-"; // when the user put it away
const DAY = 24 * 3600000;
const QUARTER = 90 * DAY;

// Answers with the page, unless it is another one, and with where to sign in if the session has ended. The status is
// undefined without an answer, and 0 if nothing was sent. DOMParser would need a policy for Trusted Types.
function readPage(address) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const url = own(address);
    request.open("GET", url);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    // It would follow a redirect. For htmx, the server answers with an error instead.
    request.setRequestHeader("HX-Request", "true");
    request.onloadend = () => {
      const { status, response, responseURL } = request;
      const page = responseURL === url.split("#")[0] ? response : null;
      done(status ? { status, page, away: request.getResponseHeader("HX-Redirect") } : {});
    };
    AbortSignal.timeout(20000).addEventListener("abort", () => request.abort());
    request.send();
  }).catch(() => ({ status: 0 }));
}

class PasskeyPanel extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "keydown", "submit"]) this.addEventListener(type, this);
    window.addEventListener("pageshow", this);
    this.watch ??= new MutationObserver(() => this.list && this.wake()); // other scripts bring rows, too
    this.watch.observe(this, { childList: true, subtree: true });
    this.wake();
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
  }

  get list() {
    return this.querySelector("[data-list]");
  }

  // An open dialog hides the rest.
  get news() {
    return this.querySelector("dialog[open] [role=alert]") ?? this.querySelector(":scope > [role=status]");
  }

  // Shows the advice that is due.
  wake() {
    for (const advice of this.list.querySelectorAll("[data-advice]")) {
      advice.hidden = false;
      try {
        const dismissed = localStorage[ADVICE + advice.dataset.advice] ?? 0;
        advice.hidden = Date.now() - dismissed < QUARTER;
      } catch {} // storage is blocked
    }
  }

  handleEvent(event) {
    const { type, target } = event;
    if (type === "pageshow") {
      if (event.persisted) this.comeBack();
      return;
    }
    const at = (name) => target.closest(`[data-${name}]`);
    if (type === "keydown") {
      if (event.key === "Escape" && at("naming")) this.keep(at("naming"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
    const [task, control] = this.task(type, at);
    if (!task) return;
    event.preventDefault();
    this.once(task, control);
  }

  // Answers with what is asked for, and with the control that is busy meanwhile.
  task(type, at) {
    const naming = at("naming");
    if (type === "submit") return naming ? [() => this.save(naming), naming.querySelector("[type=submit]")] : [];
    const refresh = at("refresh");
    if (refresh) return [() => this.refresh(), refresh];
    const rename = at("rename");
    if (rename) return [() => this.rename(rename)];
    const remove = at("delete");
    const asking = this.querySelector("otp-passkey-delete");
    if (remove && asking?.ask) return [() => asking.ask(remove, remove.closest("[data-id]")), remove];
    if (at("keep")) return [() => this.keep(naming)];
    if (at("dismiss")) return [() => this.dismiss(at("advice"))];
    return [];
  }

  // A disabled button would lose the focus, so a second click is ignored instead.
  async once(task, control) {
    if (this.busy) return;
    this.busy = true;
    control?.setAttribute("aria-busy", "true");
    this.say(control?.querySelector("[data-busy]")?.textContent ?? "", "busy"); // before anything is sent
    try {
      await task();
    } finally {
      this.busy = false;
      control?.removeAttribute("aria-busy");
      if (this.news.dataset.kind === "busy") this.say("");
    }
  }

  text(name) {
    return text(this, name)?.textContent.trim();
  }

  // Says one of the texts, or what the server said.
  async say(message, kind, { name = "…", more = "" } = {}) {
    const { news, busy } = this;
    const words = `${this.text(message) ?? message} ${more}`.trim().replace("{name}", () => name);
    if (this.left) return;
    await say(news, words, kind);
    if (!words) return;
    const focused = document.activeElement;
    const isPushedDown = this.list.contains(focused);
    if (busy && !isPushedDown) news.scrollIntoView({ block: "nearest" }); // a low window may end above it
    if (!busy || isPushedDown || focused.matches(":focus-visible")) focused.scrollIntoView({ block: "nearest" });
  }

  // Says what was done, and whether the list shows it.
  done(message, listed, name) {
    if (listed) this.say(message, "success", { name });
    else this.say(message, "error", { name, more: this.text("unreadable") });
  }

  // Answers whether no listener has cancelled it.
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

  post(address, data) {
    return post(this, address, data);
  }

  readPage = readPage; // for delete.js

  go(address) {
    try {
      location.assign(own(address));
      this.left = true; // nothing more is said
    } catch {} // the console says why
  }

  // The browser has kept the page.
  comeBack() {
    this.left = false;
    this.read();
  }

  // Answers with what to say about a refusal, or leads to where the user confirms who they are.
  reason(status, body) {
    if (body?.reauthenticate_url) this.go(body.reauthenticate_url);
    const name = { 403: "Stale", undefined: "unreachable" }[status] ?? "Error";
    return body?.detail ?? this.text(name);
  }

  refused(status, body) {
    this.say(this.reason(status, body), "error");
  }

  // Replaces the list by the server's. Answers whether that worked.
  async read() {
    const { status, page, away } = await readPage(this.getAttribute("list-url"));
    if (away) this.go(away);
    const list = status === 200 && page?.querySelector("otp-passkey-panel [data-list]");
    if (!list || !this.list) return false;
    const naming = this.querySelector("[data-naming]");
    const id = naming?.closest("[data-id]").dataset.id;
    const focused = this.list.contains(document.activeElement) && document.activeElement.id;
    this.list.replaceWith(list);
    if (focused) this.focusOn(focused);
    const row = id && this.row(id);
    if (row) this.name(row, naming); // with what was typed
    this.tell("listed");
    return true;
  }

  async refresh() {
    const listed = await this.read();
    if (listed) this.sync();
    this.say(listed ? "refreshed" : "unreadable", listed ? "note" : "error");
  }

  row(id) {
    return [...this.querySelectorAll("[data-id]")].find((row) => row.dataset.id === id);
  }

  focusOn(id) {
    document.getElementById(id)?.focus();
  }

  point(row) {
    for (const other of this.querySelectorAll("[data-highlight]")) delete other.dataset.highlight;
    row.dataset.highlight = "";
    row.focus();
  }

  rename(button) {
    const row = button.closest("[data-id]");
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
    return opened;
  }

  keep(form) {
    const row = form.closest("[data-id]");
    form.remove();
    row.querySelector("[data-rename]").focus();
  }

  async save(form) {
    const row = form.closest("[data-id]");
    const { nickname } = form.elements;
    if (nickname.value === row.dataset.name) return this.keep(form);
    const alert = form.querySelector("[role=alert]");
    alert.textContent = ""; // screen readers announce a change only
    const address = row.querySelector("[data-rename]").formAction;
    const { status, body } = await this.post(address, { nickname: nickname.value });
    if (status === 404) return this.gone();
    if (status !== 200) {
      nickname.setAttribute("aria-invalid", "true");
      alert.textContent = this.reason(status, body);
      return nickname.focus();
    }
    this.keep(form);
    const listed = await this.read();
    this.tell("renamed", { id: row.dataset.id });
    this.done("renamed", listed, body.name);
  }

  // Focuses the first of these that can have the focus.
  land(id) {
    const controls = this.querySelectorAll("[data-add], [data-refresh]");
    for (const element of [document.getElementById(id), ...controls, this]) {
      element?.focus();
      if (element === document.activeElement) return;
    }
  }

  // The passkey was deleted in another tab, say.
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

define("otp-passkey-panel", PasskeyPanel);
