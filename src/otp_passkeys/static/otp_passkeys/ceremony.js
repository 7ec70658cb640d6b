// What the other scripts share, as the class of an element: docs/explanation/scripts.rst

function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function withLimit(signal, ms) {
  const controller = new AbortController();
  for (const one of [signal, AbortSignal.timeout(ms)]) one?.addEventListener("abort", () => controller.abort());
  return controller.signal;
}

async function soon(task) {
  try {
    return await Promise.race([task(), wait(2000)]);
  } catch {}
}

async function post(element, address, data, { signal, keepalive } = {}) {
  const csrfHeader = document.querySelector("script[data-csrf-header]")?.dataset.csrfHeader ?? "X-CSRFToken";
  try {
    const href = own(address);
    const isOfApp = /^[^?#]*\/(authenticate|register)\/(options\/)?$/.test(href);
    // Only a panel waits for a click.
    if (!element.matches("otp-passkey-panel") && !isOfApp) {
      console.error(`otp-passkeys: nothing is sent to ${href}, which is no address of the app.`);
      throw new Error();
    }
    const answer = await fetch(href, {
      method: "POST",
      redirect: "error",
      signal: withLimit(signal, 20000),
      keepalive,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        [csrfHeader]: element.querySelector(":scope > [name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify(data),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    return error.name === "Error" ? { status: 0 } : {}; // 0: refused here
  }
}

function text(element, name) {
  return element.querySelector(`template[data-message="${CSS.escape(name)}"]`)?.content.cloneNode(true);
}

async function say(status, words, kind = "note") {
  status.textContent = "";
  status.dataset.kind = kind;
  status.words = words;
  await wait(50);
  if (status.words === words) status.replaceChildren(words);
}

function toBytes(base64url) {
  const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function parse({ challenge, user, excludeCredentials, allowCredentials, ...options }) {
  const parseId = (one) => one && { ...one, id: toBytes(one.id) };
  return {
    ...options,
    challenge: toBytes(challenge),
    user: parseId(user),
    excludeCredentials: excludeCredentials?.map(parseId),
    allowCredentials: allowCredentials?.map(parseId),
  };
}

function toBase64url(value) {
  let base64 = value;
  if (typeof value !== "string") {
    const bytes = new Uint8Array(value.buffer ?? value, value.byteOffset, value.byteLength);
    base64 = btoa(String.fromCharCode(...bytes));
  }
  return /^([\w-]+)=*$/.exec(base64.replace(/\+/g, "-").replace(/\//g, "_"))[1];
}

const BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

// What password managers return is often right in part only.
function toJSON(credential) {
  if (!credential) throw { name: "NotAllowedError" };
  const first = (read) => {
    for (const source of [() => credential.toJSON(), () => credential]) {
      try {
        const value = read(source());
        if (value) return value;
      } catch {}
    }
  };
  const binary = (read) => first((one) => toBase64url(read(one)));
  const plain = (read) => first((one) => JSON.parse(JSON.stringify(read(one))));
  const id = binary((one) => one.id) ?? binary((one) => one.rawId);
  const response = Object.fromEntries(BINARY.map((name) => [name, binary((one) => one.response[name])]));
  if (!id || !response.clientDataJSON) throw new Error();
  response.transports = plain((one) => one.response.transports ?? one.response.getTransports());
  return {
    id,
    rawId: id,
    type: "public-key",
    authenticatorAttachment: plain((one) => one.authenticatorAttachment),
    clientExtensionResults: plain((one) => one.clientExtensionResults ?? one.getClientExtensionResults()) ?? {},
    response,
  };
}

function nameOf(error) {
  try {
    const [name] = /^\w*Error$/.exec(error.name);
    return name === "AbortError" ? "NotAllowedError" : name; // the user cancelled
  } catch {}
  return "Error";
}

// Throws names only. `late` gets what is answered later.
async function ask(method, options, { signal, late, ...how }) {
  const limit = how.mediation ? signal : withLimit(signal, options.timeout + 5000);
  // Where no policy can be read, what is refused at once in a frame is one.
  let atOnce = self !== top && !document.featurePolicy;
  setTimeout(() => (atOnce = false));
  let answer;
  try {
    const asked = navigator.credentials[method]({ ...how, signal: limit, publicKey: parse(options) });
    answer = Promise.resolve(asked).then(toJSON);
    const over = new Promise((_, reject) => limit.addEventListener("abort", reject));
    return await Promise.race([answer, over]);
  } catch (error) {
    answer?.then(late, () => {});
    if (signal?.aborted) throw { name: "AbortError" };
    const name = limit.aborted ? "NotAllowedError" : nameOf(error);
    if (name === "NotAllowedError" && atOnce && error instanceof DOMException) throw { name: "forbidden" };
    throw { name };
  }
}

// Names the text for what keeps this page from asking.
function obstacle(method) {
  if (/\.\d+$|]$/.test(location.hostname)) return "SecurityError"; // an IP address
  if (!window.PublicKeyCredential) return isSecureContext ? "unsupported" : "insecure";
  const feature = `publickey-credentials-${method}`;
  const policy = document.featurePolicy;
  return policy?.features().includes(feature) && !policy.allowsFeature(feature) && "forbidden";
}

function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}

class Ceremony extends HTMLElement {}
define("otp-passkey-ceremony", Object.assign(Ceremony, { ask, define, obstacle, own, post, say, soon, text, wait }));
