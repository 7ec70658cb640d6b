// Tells the browser which passkeys there are. What each step is for: docs/explanation/sync.rst
const NAME = "otp-passkeys"; // of the lock, and of the note of the last sync
const MINUTE = 60000;
const PATIENCE = 2000;
const TOO_OLD = 8000;
let waiting;

function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

// Answers whether it has to be done again.
async function signal(lists, asked) {
  const patience = new Promise((done) => setTimeout(done, PATIENCE));
  let busy = false;
  for (const details of lists) {
    for (const method of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"]) {
      if (Date.now() - asked > TOO_OLD) return true;
      try {
        await Promise.race([PublicKeyCredential[method](details), patience]);
      } catch (error) {
        busy ||= error?.name === "OperationError";
      }
    }
  }
  return busy;
}

// Answers whether it has to be done again.
async function sync(url) {
  const request = { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(20000) };
  const asked = Date.now();
  const answer = await fetch(url, request);
  if (answer.status === 204) return false;
  if (answer.status !== 200 || !/json/.test(answer.headers.get("content-type"))) throw new Error();
  const { token, csrfHeader, csrfToken, former = [], ...current } = await answer.json();
  localStorage[NAME] = Date.now();
  if (await signal([current, ...former], asked)) return true;
  const headers = { "content-type": "application/json", [csrfHeader]: csrfToken };
  const report = await fetch(url, { ...request, method: "POST", headers, body: JSON.stringify({ token }) });
  if (!report.ok && report.status !== 401) throw new Error();
  return false;
}

async function locked(url, now, since, delay) {
  waiting = false;
  const gap = localStorage[NAME] - since;
  if (!now && gap > 0 && gap < MINUTE) return;
  try {
    if (Date.now() - localStorage[NAME + "-saving"] < MINUTE || (await sync(url))) {
      setTimeout(run, delay, url, now, Date.now(), delay * 2);
      return;
    }
    localStorage[NAME] = Date.now();
    document.dispatchEvent(new Event(NAME + ":synced"));
  } catch (error) {
    if (error.name !== "TypeError") localStorage[NAME] = Date.now() + MINUTE;
  }
}

async function run(url, now, since, delay = 2000) {
  if (document.prerendering) {
    await new Promise((done) => document.addEventListener("prerenderingchange", done));
  }
  if (waiting && !now) return;
  waiting = true;
  const task = () => locked(url, now, since, delay);
  if (!navigator.locks) return setTimeout(task);
  await navigator.locks.request(NAME, task).catch(() => {}); // it may be lost
}

class PasskeySync extends HTMLElement {
  async connectedCallback() {
    this.remove();
    try {
      await run(own(this.getAttribute("url")), this.hasAttribute("now"), Date.now());
    } catch {}
  }
}

if (!customElements.get("otp-passkey-sync")) customElements.define("otp-passkey-sync", PasskeySync);
