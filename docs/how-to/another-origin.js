// A client for a front end on another origin than the site: everything that the app can do, without leaving the page.
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";

const SIGNALS = ["signalAllAcceptedCredentials", "signalCurrentUserDetails"];

// base: where the site includes otp_passkeys.urls. csrf: the site's view that answers with the CSRF token.
// ask: gets { account, ways } and, after a wrong answer, the error; answers { way, password }, { way, token } or
// { way: "passkey" }, and throws if the user gives up.
export function passkeys({ base, csrf, ask }) {
  let token;

  async function call(address, body) {
    const request = { credentials: "include", headers: { Accept: "application/json" } };
    if (body) {
      const form = body instanceof URLSearchParams;
      token ??= (await call(csrf)).csrfToken;
      Object.assign(request, { method: "POST", body: form ? body : JSON.stringify(body) });
      Object.assign(request.headers, { "X-CSRFToken": token }, !form && { "Content-Type": "application/json" });
    }
    const answer = await fetch(new URL(address, base), request);
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    const said = json ? await answer.json() : {};
    if (answer.ok) return said;
    if (said.code === "reauthentication_required") {
      await prove(said.reauthenticate_url);
      return call(address, body);
    }
    if (answer.status === 403 && !said.code) token = undefined; // Django's own page: the token is an old one
    if (said.signal) await PublicKeyCredential.signalUnknownCredential?.(said.signal).catch(() => {});
    throw Object.assign(new Error(said.detail ?? answer.statusText), said, { status: answer.status });
  }

  // Asks until the user has proved who they are; a second step may follow the first.
  async function prove(address) {
    const verification = address.includes("/second-factor/") ? "preferred" : "required";
    let asked = await call(address);
    let error;
    while (asked.ways) {
      const given = await ask(asked, error);
      try {
        asked = given.way === "passkey" ? await usePasskey({ verification }) : await call(address, given);
        error = undefined;
      } catch (failure) {
        if (failure.code !== "reauthentication_failed") throw failure;
        error = failure;
      }
    }
  }

  // Signs in, or confirms who is signed in.
  async function usePasskey(wishes = {}, useBrowserAutofill = false) {
    const optionsJSON = await call("authenticate/options/", wishes);
    const credential = await startAuthentication({ optionsJSON, useBrowserAutofill });
    const done = await call("authenticate/", { credential });
    token = undefined; // a sign-in changes it
    return done;
  }

  return {
    prove,
    signIn: () => usePasskey(),
    autofill: () => usePasskey({}, true), // needs <input autocomplete="username webauthn">

    async signInWithPassword(username, password) {
      await call("sign-in/", new URLSearchParams({ username, password }));
      token = undefined;
    },

    list: async () => (await call("")).passkeys,

    async add(nickname = "") {
      const optionsJSON = await call("register/options/", {});
      const credential = await startRegistration({ optionsJSON });
      return call("register/", { credential, nickname });
    },

    rename: (passkey, nickname) => call(passkey.rename_url, { nickname }),
    remove: (passkey) => call(passkey.delete_url, {}),

    // After each sign-in, addition, deletion and change of name; not while a passkey is being added.
    async sync() {
      const { token: flag, csrfHeader, csrfToken, former = [], ...current } = await call("sync/");
      if (!flag) return; // nobody is signed in, or this origin is not listed
      for (const details of [current, ...former]) {
        for (const signal of SIGNALS) await PublicKeyCredential[signal]?.(details).catch(() => {});
      }
      await call("sync/", { token: flag });
    },
  };
}
