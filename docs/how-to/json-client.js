// A whole client of the JSON interface: list, add, rename, delete, sign in.
const { base = "/passkeys/", csrfHeader = "X-CSRFToken" } = document.currentScript?.dataset ?? {};

async function call(url, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json", [csrfHeader]: token }) },
    body: body && JSON.stringify(body),
  });
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  const said = json ? await answer.json() : {};
  if (said.reauthenticate_url) location.assign(said.reauthenticate_url);
  if (!answer.ok) throw Object.assign(new Error(said.detail ?? answer.statusText), said);
  return said;
}

globalThis.passkeys = {
  list: async () => (await call(base)).passkeys,

  async add(nickname = "") {
    const options = await call(`${base}register/options/`, {});
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = await navigator.credentials.create({ publicKey });
    return call(`${base}register/`, { credential: credential.toJSON(), nickname });
  },

  rename: (passkey, nickname) => call(passkey.rename_url, { nickname }),

  remove: (passkey) => call(passkey.delete_url, {}),

  async signIn(next = "") {
    const options = await call(`${base}authenticate/options/`, {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    return call(`${base}authenticate/`, { credential: credential.toJSON(), next }); // { redirect_url }
  },
};
