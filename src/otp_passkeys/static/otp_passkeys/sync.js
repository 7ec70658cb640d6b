// Tells the browser which passkeys there are, so that it drops all others. It relies on no other script.
const NAME = "otp-passkeys"; // of the lock that add.js takes too, and of the note of the last list
const MINUTE = 60000;
const PATIENCE = 2000; // some signals never settle
const TOO_OLD = 8000; // after ten seconds add.js takes the lock, and the list would drop what it adds
let waiting;

function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

// Answers whether it is done. If not, a new list is needed.
async function signalled(lists, asked) {
  const patience = new Promise((done) => setTimeout(done, PATIENCE));
  let busy = false;
  for (const details of lists) {
    for (const method of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"]) {
      if (Date.now() - asked > TOO_OLD) return false;
      try {
        await Promise.race([PublicKeyCredential[method](details), patience]);
      } catch (error) {
        if (error?.name === "OperationError") busy = true;
      }
    }
  }
  return !busy;
}

// Answers whether it is done, and reports that. The server clears this token, not a newer one.
async function synced(url) {
  const request = { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(20000) };
  const asked = Date.now();
  const answer = await fetch(url, request);
  if (answer.status === 204) return true;
  if (answer.status !== 200 || !/json/.test(answer.headers.get("content-type"))) throw new Error();
  const { token, csrfHeader, csrfToken, former = [], ...current } = await answer.json();
  localStorage[NAME] = Date.now();
  if (!(await signalled([current, ...former], asked))) return false;
  const headers = { "content-type": "application/json", [csrfHeader]: csrfToken };
  const report = await fetch(url, { ...request, method: "POST", headers, body: JSON.stringify({ token }) });
  if (!report.ok && report.status !== 401) throw new Error();
  return true;
}

async function locked(url, now, opened, delay) {
  waiting = false;
  const gap = localStorage[NAME] - opened;
  if (!now && gap > 0 && gap < MINUTE) return; // another tab has done it
  try {
    const saving = Date.now() - localStorage[NAME + "-saving"] < MINUTE; // no list has it yet
    if (saving || !(await synced(url))) return setTimeout(run, delay, url, now, Date.now(), delay * 2);
    localStorage[NAME] = Date.now();
    document.dispatchEvent(new Event(NAME + ":synced"));
  } catch (error) {
    if (error.name !== "TypeError") localStorage[NAME] = Date.now() + MINUTE; // no tab asks before
  }
}

async function run(url, now, opened, delay = 2000) {
  if (document.prerendering) {
    await new Promise((done) => document.addEventListener("prerenderingchange", done));
  }
  if (waiting && !now) return;
  waiting = true;
  const task = () => locked(url, now, opened, delay);
  if (!navigator.locks) return setTimeout(task);
  await navigator.locks.request(NAME, task).catch(() => {}); // add.js may take the lock
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
