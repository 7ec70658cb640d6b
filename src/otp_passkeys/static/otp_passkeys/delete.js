// Asks in a dialog before it deletes a passkey of the panel around it.
// It relies on panel.js, and on the page that asks where there are no scripts.
const { define } = await customElements.whenDefined("otp-passkey-ceremony");

class PasskeyDelete extends HTMLElement {
  connectedCallback() {
    const { dialog } = this;
    for (const type of ["click", "submit"]) this.addEventListener(type, this);
    // The browser cannot return the focus to a row that was read anew.
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

  // Shows the question of the delete page, as it is true now.
  async ask({ id: back, formAction: url }, row) {
    const { panel, dialog } = this;
    const { id } = row.dataset;
    if (!panel.tell("deleting", { id }, true)) return;
    const { status, page } = await panel.readPage(url);
    if (!status) return panel.refused(status);
    if (status === 404) return panel.gone();
    const question = status === 200 && page?.querySelector("[data-question]");
    if (!question || !dialog.showModal) return panel.go(url); // the page says why, or asks
    this.showPromise(question);
    Object.assign(dialog.dataset, { back, of: id, url });
    dialog.replaceChildren(question);
    this.hold(false);
    dialog.showModal(); // which focuses the heading, and nothing that deletes
  }

  // Where the browser removes the passkey from its password manager, no steps are left to the user.
  showPromise(question) {
    const promise = question.querySelector("[data-promise]");
    if (!promise || !window.PublicKeyCredential?.signalAllAcceptedCredentials) return;
    promise.hidden = false;
    question.querySelector("[data-steps]").remove();
    question.dataset.done = promise.dataset.done;
  }

  cancel(leadsTo) {
    if (leadsTo) this.dialog.dataset.back = leadsTo;
    this.dialog.close();
  }

  // A deletion that is under way cannot be cancelled.
  hold(held) {
    this.dialog.setAttribute("closedby", held ? "none" : "any");
    for (const button of this.querySelectorAll("[data-cancel]")) {
      button.disabled = held;
      button.hidden = false;
    }
  }

  async confirm(question) {
    const { panel, dialog } = this;
    const { of: id, url } = dialog.dataset;
    this.hold(true);
    const { status, body } = await panel.post(url, {});
    const row = panel.row(id);
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    const unknown = !status || status >= 500;
    const listed = (status === 204 || unknown) && (await panel.read());
    const deleted = status === 204 || (listed && !panel.row(id));
    this.hold(false);
    if (!deleted && status !== 404) return panel.refused(status, body);
    dialog.close();
    if (status === 404) return panel.gone();
    panel.tell("deleted", { id });
    panel.querySelector("[data-after-deletion]")?.removeAttribute("hidden");
    if (listed) panel.land(neighbour?.id);
    panel.sync();
    panel.done(question.dataset.done, listed);
  }
}

define("otp-passkey-delete", PasskeyDelete);
