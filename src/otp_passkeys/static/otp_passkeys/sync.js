// What each line is for: docs/explanation/sync.rst
const NAME = "otp-passkeys";
let pending;

// Resolves an address, and refuses another site's: somebody who can put HTML into a page, but no script, could have the
// user's answers sent to them by an attribute or a <base>.
function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

async function sync(url) {
  const ask = { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(2e4) };
  const answer = await fetch(url, ask);
  if (answer.status == 204) return;
  if (answer.status != 200 || !/json/.test(answer.headers.get("content-type"))) throw 0;
  const { token, csrfToken, former = [], ...current } = await answer.json();
  let busy;
  for (const details of [current, ...former])
    for (const method of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"])
      try {
        await PublicKeyCredential[method](details);
      } catch (error) {
        busy ||= error.name == "OperationError";
      }
  if (busy) return busy;
  ask.method = "POST";
  ask.headers = { "content-type": "application/json", "X-CSRFToken": csrfToken };
  ask.body = JSON.stringify({ token });
  const { ok, status } = await fetch(url, ask);
  if (!ok && status != 401) throw 0;
}

async function run(url, now, since, delay = 2e3) {
  if (document.prerendering)
    await new Promise((done) => document.addEventListener("prerenderingchange", done));
  if (pending && !now) return;
  pending = true;
  const locked = async () => {
    pending = false;
    const gap = localStorage[NAME] - since;
    if (!now && gap > 0 && gap < 6e4) return;
    try {
      if (Date.now() - localStorage[NAME + "-saving"] < 6e4 || (await sync(url)))
        return setTimeout(run, delay, url, now, since, delay * 2);
      localStorage[NAME] = Date.now();
      document.dispatchEvent(new Event("otp-passkeys:synced"));
    } catch (error) {
      if (error.name != "TypeError") localStorage[NAME] = Date.now() + 6e4;
    }
  };
  await (navigator.locks?.request(NAME, locked) ?? setTimeout(locked));
}

customElements.define(
  "otp-passkey-sync",
  class extends HTMLElement {
    async connectedCallback() {
      this.remove();
      try {
        await run(own(this.getAttribute("url")), this.hasAttribute("now"), Date.now());
      } catch {}
    }
  },
);
