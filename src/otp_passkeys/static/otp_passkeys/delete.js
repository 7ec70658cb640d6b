// Asks in a dialog before it deletes a passkey of the panel around it, and says what is true afterwards.
const { define } = await customElements.whenDefined("otp-passkey-ceremony");

class PasskeyDelete extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "submit"]) this.addEventListener(type, this);
    // Here rather than in the dialog, so that the focus is back also where the row was read anew meanwhile.
    this.dialog.addEventListener("close", () => this.panel?.focusOn(this.dialog.dataset.back));
  }

  handleEvent(event) {
    const question = event.target.closest("[data-question]");
    const cancels = event.target.closest("[data-cancel]");
    if (event.type === "click" && !cancels) return;
    event.preventDefault();
    if (cancels) this.dialog.close();
    else this.panel.once(() => this.confirm(question), question.querySelector("[type=submit]"));
  }

  get panel() {
    return this.closest("otp-passkey-panel");
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  // Shows the question of the delete page; the server is asked anew each time, so that it is true.
  async ask(link) {
    const { panel, dialog } = this;
    const { id } = link.closest("[data-id]").dataset;
    if (!panel.tell("deleting", { id }, true)) return;
    const { status, page } = await panel.readPage(link.href);
    if (!status) return panel.refused(status);
    if (status === 404) return panel.gone();
    const question = status === 200 && page?.querySelector("[data-question]");
    // The page itself says what is the matter, or asks who it is.
    if (!question || !dialog.showModal) return panel.go(link.href);
    Object.assign(dialog.dataset, { back: link.id, of: id, url: link.href });
    dialog.replaceChildren(question);
    dialog.showModal(); // which focuses the heading: the first thing to read, and nothing that deletes
  }

  async confirm(question) {
    const { panel, dialog } = this;
    const { of: id, url } = dialog.dataset;
    const alert = question.querySelector("[role=alert]");
    alert.textContent = ""; // screen readers announce a change only
    const { status, body } = await panel.post(url, {});
    const row = panel.row(id);
    const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.id;
    const unknown = !status || status >= 500;
    const listed = (status === 204 || unknown) && (await panel.read());
    const gone = status === 204 || (listed && !panel.row(id));
    if (!gone && status !== 404) {
      const why = panel.reason(status, body);
      if (!dialog.open) panel.say(why, "error"); // it was closed meanwhile
      alert.textContent = why;
      return;
    }
    dialog.close();
    if (status === 404) return panel.gone();
    panel.tell("deleted", { id });
    panel.querySelector("[data-after-deletion]")?.removeAttribute("hidden");
    if (!listed) return panel.say("deleted-unlisted", "error");
    panel.land(next);
    panel.sync();
    // What was made for another address, only that address can ask for.
    const { asksToForget, elsewhere } = question.dataset;
    const asks = asksToForget !== undefined && elsewhere === undefined;
    const asked = asks && window.PublicKeyCredential?.signalAllAcceptedCredentials;
    panel.say(asked ? "deleted" : "deleted-here", "success", asked ? "" : question.dataset.removal);
  }
}

define("otp-passkey-delete", PasskeyDelete);
