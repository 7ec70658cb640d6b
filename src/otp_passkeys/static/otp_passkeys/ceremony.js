// What the other scripts share. What each function is for: docs/explanation/scripts.rst

function own(address) {
  const { href, origin } = new URL(address, document.baseURI);
  if (origin === self.origin) return href;
  console.error(`otp-passkeys: nothing is sent to ${origin}, which is not the origin of this page.`);
  throw new Error();
}

function withLimit(signal, ms) {
  const controller = new AbortController();
  for (const one of [signal, AbortSignal.timeout(ms)]) one?.addEventListener("abort", () => controller.abort());
  return controller.signal;
}

async function soon(ask) {
  try {
    return await Promise.race([ask(), new Promise((done) => setTimeout(done, 2000))]);
  } catch {}
}

async function post(element, address, data, { signal, keepalive } = {}) {
  const csrfHeader = document.querySelector("script[data-csrf-header]")?.dataset.csrfHeader ?? "X-CSRFToken";
  try {
    const href = own(address);
    // Only a panel waits for a click.
    if (!element.matches("otp-passkey-panel") && !/^[^?#]*\/(authenticate|register)\/(options\/)?$/.test(href)) {
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
    return error.name === "Error" ? { status: 0 } : {};
  }
}

const text = (element, name) =>
  element.querySelector(`template[data-message="${CSS.escape(name)}"]`)?.content.cloneNode(true);

async function say(status, words, kind = "note") {
  status.textContent = "";
  status.dataset.kind = kind;
  status.words = words;
  await new Promise((done) => setTimeout(done, 50));
  if (status.words === words) status.replaceChildren(words);
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

function parse({ challenge, user, excludeCredentials, allowCredentials, ...options }) {
  const ids = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(challenge),
    user: user && { ...user, id: bytes(user.id) },
    excludeCredentials: ids(excludeCredentials),
    allowCredentials: ids(allowCredentials),
  };
}

function base64url(value) {
  const view = () => new Uint8Array(value.buffer ?? value, value.byteOffset, value.byteLength);
  const text = typeof value === "string" ? value : btoa(String.fromCharCode(...view()));
  return /^([\w-]+)=*$/.exec(text.replace(/\+/g, "-").replace(/\//g, "_"))[1];
}

const BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function toJSON(credential) {
  const first = (read) => {
    for (const source of [() => credential.toJSON(), () => credential])
      try {
        const value = read(source());
        if (value) return value;
      } catch {}
  };
  const binary = (read) => first((one) => base64url(read(one)));
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
    return name === "AbortError" ? "NotAllowedError" : name; // not ours: the user cancelled
  } catch {
    return "Error";
  }
}

async function read(answer) {
  const credential = await answer;
  if (!credential) throw { name: "NotAllowedError" };
  return toJSON(credential);
}

// Throws nothing but such a name. `late` gets what is answered after that.
async function ask(method, options, { signal, late, ...how } = {}) {
  const limit = how.mediation ? signal : withLimit(signal, (options.timeout ?? 300000) + 5000);
  // What a browser refuses at once is a policy. Where it can't be read before, only frames have one.
  let atOnce = self !== top && !document.featurePolicy;
  setTimeout(() => (atOnce = false));
  let answer;
  try {
    answer = read(navigator.credentials[method]({ ...how, signal: limit, publicKey: parse(options) }));
    const over = new Promise((_, reject) => limit.addEventListener("abort", reject));
    return await Promise.race([answer, over]);
  } catch (error) {
    answer?.then(late, () => {});
    let name = signal?.aborted ? "AbortError" : limit.aborted ? "NotAllowedError" : nameOf(error);
    if (name === "NotAllowedError" && atOnce && error instanceof DOMException) name = "forbidden";
    throw { name };
  }
}

// Names the text that says why this page can't ask for passkeys, if it can't.
function obstacle(method) {
  if (/\.\d+$|]$/.test(location.hostname)) return "SecurityError"; // an IP address
  if (!window.PublicKeyCredential) return isSecureContext ? "unsupported" : "insecure";
  const feature = `publickey-credentials-${method}`;
  const policy = document.featurePolicy;
  return policy?.features().includes(feature) && !policy.allowsFeature(feature) && "forbidden";
}

const define = (name, element) => customElements.get(name) ?? customElements.define(name, element);

const create = (options, how) => ask("create", options, how);
const get = (options, how) => ask("get", options, how);
const shared = { create, get, define, obstacle, own, post, say, soon, text };

define("otp-passkey-ceremony", Object.assign(class extends HTMLElement {}, shared));
