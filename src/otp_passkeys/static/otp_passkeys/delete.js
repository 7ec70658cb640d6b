// Asks in a dialog before it deletes a passkey of the panel around it, and says what is true afterwards.
const { define } = await customElements.whenDefined("otp-passkey-ceremony");

class PasskeyDelete extends HTMLElement {
  connectedCallback() {
    const { dialog } = this;
    for (const type of ["click", "submit"]) this.addEventListener(type, this);
    // Here rather than in the dialog, so that the focus is back also where the row was read anew meanwhile.
    dialog.addEventListener("close", () => this.panel?.focusOn(dialog.dataset.back));
    // For browsers that do not know closedby.
    dialog.addEventListener("cancel", (event) => this.panel.busy && event.preventDefault());
  }

  handleEvent(event) {
    const question = event.target.closest("[data-question]");
    const cancels = event.target.closest("[data-cancel]");
    if (event.type === "click" && !cancels) return;
    event.preventDefault();
    if (cancels) this.cancel(cancels.dataset.cancel);
    else this.panel.once(() => this.confirm(question), question.querySelector("[type=submit]"));
  }

  get panel() {
    return this.closest("otp-passkey-panel");
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  // Shows the question of the delete page; the server is asked anew each time, so that it is true.
  async ask({ id: back, formAction: url }, row) {
    const { panel, dialog } = this;
    const { id } = row.dataset;
    if (!panel.tell("deleting", { id }, true)) return;
    const { status, page } = await panel.readPage(url);
    if (!status) return panel.refused(status);
    if (status === 404) return panel.gone();
    const question = status === 200 && page?.querySelector("[data-question]");
    // The page itself says what is the matter, or asks who it is.
    if (!question || !dialog.showModal) return panel.go(url);
    const promise = window.PublicKeyCredential?.signalAllAcceptedCredentials && question.querySelector("[data-promise]");
    if (promise) {
      promise.hidden = false;
      question.querySelector("[data-steps]").remove();
      question.dataset.done = promise.dataset.done;
    }
    Object.assign(dialog.dataset, { back, of: id, url });
    dialog.replaceChildren(question);
    this.hold(false);
    dialog.showModal(); // which focuses the heading: the first thing to read, and nothing that deletes
  }

  cancel(leadsTo) {
    if (leadsTo) this.dialog.dataset.back = leadsTo;
    this.dialog.close();
  }

  // A deletion that is under way cannot be taken back, so nothing may look as if it had been.
  hold(held) {
    this.dialog.setAttribute("closedby", held ? "none" : "any");
    for (const one of this.querySelectorAll("[data-cancel]")) Object.assign(one, { disabled: held, hidden: false });
  }

  async confirm(question) {
    const { panel, dialog } = this;
    const { of: id, url } = dialog.dataset;
    this.hold(true);
    const { status, body } = await panel.post(url, {});
    const row = panel.row(id);
    const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.id;
    const unknown = !status || status >= 500;
    const listed = (status === 204 || unknown) && (await panel.read());
    const gone = status === 204 || (listed && !panel.row(id));
    this.hold(false);
    if (!gone && status !== 404) return panel.refused(status, body);
    dialog.close();
    if (status === 404) return panel.gone();
    panel.tell("deleted", { id });
    panel.querySelector("[data-after-deletion]")?.removeAttribute("hidden");
    if (listed) panel.land(next);
    panel.sync();
    panel.done(question.dataset.done, listed);
  }
}

define("otp-passkey-delete", PasskeyDelete);
