// The list of passkeys: re-reads it, names one in its row, and says what is true. add.js and delete.js call this.
const { define, own, post, say, text } = await customElements.whenDefined("otp-passkey-ceremony");

// What is kept about advice is when the user put it away, and nothing else.
const ADVICE = "otp-passkeys-advice-";
const QUARTER = 90 * 24 * 3600e3;

// Reads a page of the site. Answers with the status, undefined if nobody answered and 0 if nobody was asked, with the
// page unless it is another one, and with where to sign in if the session has ended. Where a site demands Trusted Types, DOMParser would need a policy; this needs none.
function readPage(address) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const url = own(address);
    request.open("GET", url);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    // It would follow a redirect to the page that asks who it is: for htmx the server answers with an error instead.
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
    (this.watch ??= new MutationObserver(() => this.list && this.wake())).observe(this, { childList: true, subtree: true });
    this.wake();
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
  }

  get list() {
    return this.querySelector("[data-list]");
  }

  // Where it speaks: in the dialog while that is open, which hides the rest.
  get news() {
    return this.querySelector("dialog[open] [role=alert]") ?? this.querySelector(":scope > [role=status]");
  }

  // Other scripts bring rows in too.
  wake() {
    for (const advice of this.list.querySelectorAll("[data-advice]")) {
      advice.hidden = false;
      try {
        advice.hidden = Date.now() - (localStorage[ADVICE + advice.dataset.advice] ?? 0) < QUARTER;
      } catch {} // storage is blocked
    }
  }

  handleEvent(event) {
    const { type, target } = event;
    if (type === "pageshow") return event.persisted && this.come();
    const at = (name) => target.closest(`[data-${name}]`);
    if (type === "keydown") return event.key === "Escape" && at("naming") && this.keep(at("naming"));
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
    const [task, control] = this.task(type, at);
    if (!task) return;
    event.preventDefault();
    this.once(task, control);
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
    const listed = this.list.contains(focused); // and pushed down
    if (busy && !listed) news.scrollIntoView({ block: "nearest" }); // a low window may end above it
    if (!busy || listed || focused.matches(":focus-visible")) focused.scrollIntoView({ block: "nearest" });
  }

  // Says what was done, and whether the list shows it.
  done(message, listed, name) {
    this.say(message, listed ? "success" : "error", { name, more: listed ? "" : this.text("unreadable") });
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

  post(address, data) {
    return post(this, address, data);
  }

  readPage = readPage; // for delete.js

  // Nothing more is said on a page that is being left.
  go(address) {
    try {
      location.assign(own(address));
      this.left = true;
    } catch {} // the console says why
  }

  // Comes back to a page that the browser has kept.
  come() {
    this.left = false;
    this.read();
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
    const { status, page, away } = await readPage(this.getAttribute("list-url"));
    if (away) this.go(away);
    const list = status === 200 && page?.querySelector("otp-passkey-panel [data-list]");
    if (!list || !this.list) return false;
    const naming = this.querySelector("[data-naming]");
    const id = naming?.closest("[data-id]").dataset.id;
    const focused = this.list.contains(document.activeElement) && document.activeElement.id;
    this.list.replaceWith(list);
    if (focused) this.focusOn(focused);
    if (id && this.row(id)) this.name(this.row(id), naming); // with what was typed
    this.tell("listed");
    return true;
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
    const [row, { nickname }] = [form.closest("[data-id]"), form.elements];
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

  // Gives the focus to the first of these that can have it.
  land(id) {
    for (const one of [document.getElementById(id), ...this.querySelectorAll("[data-add], [data-refresh]"), this]) {
      one?.focus();
      if (one === document.activeElement) return;
    }
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

define("otp-passkey-panel", PasskeyPanel);
