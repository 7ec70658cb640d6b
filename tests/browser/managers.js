// Password managers in the place of navigator.credentials, each named for what it imitates.
// managers.become("manager_…") puts one there; whatever it does, the browser itself makes and uses the passkey.
(() => {
  const BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

  // What the browser returned, as an object of the manager's own, without toJSON().
  function copy(credential, bytes = (buffer) => buffer) {
    const { id, rawId, type, authenticatorAttachment, response } = credential;
    const copied = { id, rawId: bytes(rawId), type, authenticatorAttachment, response: {} };
    for (const name of BINARY) if (response[name]) copied.response[name] = bytes(response[name]);
    if (response.getTransports) copied.response.getTransports = () => response.getTransports();
    copied.getClientExtensionResults = () => credential.getClientExtensionResults();
    return copied;
  }

  function fail() {
    throw new TypeError("Illegal invocation");
  }

  const never = () => new Promise(() => {});

  const padded = (text) => text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");

  // `json` with each text of bytes passed through `write`.
  function rewritten(json, write) {
    const response = { ...json.response };
    for (const name of BINARY) if (response[name]) response[name] = write(response[name]);
    return { ...json, id: write(json.id), rawId: write(json.rawId), response };
  }

  function frame() {
    const element = document.createElement("iframe");
    document.documentElement.append(element);
    return element.contentWindow;
  }

  // On the browser's own prototypes, whose methods and getters fail on anything but what the browser made.
  function disguised(object, prototype) {
    return Object.create(prototype, Object.getOwnPropertyDescriptors(object));
  }

  const shapes = {
    manager_without_to_json: (one) => copy(one),
    manager_whose_to_json_throws: (one) => ({ ...copy(one), toJSON: fail }),
    manager_whose_to_json_returns_nothing: (one) => ({ ...copy(one), toJSON: () => undefined }),
    manager_whose_to_json_returns_text: (one) => ({ ...copy(one), toJSON: () => JSON.stringify(one) }),
    manager_whose_to_json_returns_a_promise: (one) => ({ ...copy(one), toJSON: async () => one.toJSON() }),
    manager_whose_to_json_never_settles: (one) => ({ ...copy(one), toJSON: never }),
    manager_whose_to_json_returns_buffers: (one) => ({ toJSON: () => copy(one) }),
    manager_whose_to_json_names_buffers: (one) => ({
      ...copy(one),
      toJSON: () => rewritten({ ...one.toJSON(), id: one.id }, () => "[object ArrayBuffer]"),
    }),
    manager_whose_to_json_is_all: (one) => ({ toJSON: () => one.toJSON() }),
    manager_without_raw_id: (one) => ({ ...copy(one), rawId: undefined }),
    manager_with_raw_id_as_text: (one) => ({ ...copy(one), rawId: one.id }),
    manager_without_id: (one) => ({ ...copy(one), id: undefined }),
    manager_without_extension_results: (one) => ({ ...copy(one), getClientExtensionResults: undefined }),
    manager_whose_extension_results_throw: (one) => ({ ...copy(one), getClientExtensionResults: fail }),
    manager_whose_transports_throw(one) {
      const copied = copy(one);
      copied.response.getTransports = fail;
      return copied;
    },
    manager_that_pads: (one) => ({ toJSON: () => rewritten(one.toJSON(), padded) }),
    manager_that_pads_the_id: (one) => ({ ...copy(one), id: padded(one.id), rawId: padded(one.id) }),
    manager_with_views(one) {
      // In the middle of a larger buffer.
      return copy(one, (buffer) => {
        const larger = new Uint8Array(buffer.byteLength + 8);
        larger.set(new Uint8Array(buffer), 4);
        return new DataView(larger.buffer, 4, buffer.byteLength);
      });
    },
    realm_of_a_frame(one) {
      const realm = frame();
      return copy(one, (buffer) => realm.Uint8Array.from(new Uint8Array(buffer)).buffer);
    },
    manager_with_native_prototypes(one) {
      const copied = copy(one);
      copied.response.getTransports = undefined;
      copied.response = disguised(copied.response, Object.getPrototypeOf(one.response));
      delete copied.getClientExtensionResults;
      return disguised(copied, PublicKeyCredential.prototype);
    },
  };
  const without = {
    transports: ["manager_whose_transports_throw", "manager_with_native_prototypes"],
    clientExtensionResults: [
      "manager_without_extension_results",
      "manager_whose_extension_results_throw",
      "manager_with_native_prototypes",
    ],
  };

  const answers = {
    manager_that_answers_null: () => null,
    manager_that_answers_undefined: () => undefined,
    manager_that_aborts: () => Promise.reject(new DOMException("", "AbortError")),
    manager_that_answers_text: () => "done",
    manager_that_answers_an_empty_object: () => ({}),
    manager_that_rejects_with_undefined: () => Promise.reject(undefined),
    manager_that_rejects_with_null: () => Promise.reject(null),
    // What templates of the pages are named.
    manager_that_rejects_with_text: (method) => Promise.reject(method === "create" ? "registered" : "waiting"),
    manager_that_rejects_with_a_name: (method) =>
      Promise.reject({ name: method === "create" ? "registered" : "waiting", message: "waiting" }),
    manager_that_rejects_with_what_cannot_be_read: () =>
      Promise.reject({
        get name() {
          return fail();
        },
      }),
  };

  // What is there before the page's scripts. Its name is in `imitated` by then.
  // Extensions that drop `mediation`, so that each create() opens a window:
  window.opened = 0;
  async function create() {
    window.opened += 1;
    throw new DOMException("", "NotAllowedError");
  }
  const claim = (name) => `function ${name}() { [native code] }`;
  const prototype = CredentialsContainer.prototype;
  const own = navigator.credentials;
  const inPlaceOf = (object, key, value) => Object.defineProperty(object, key, { value, configurable: true });
  const extensions = {
    extension_on_the_prototype: () => Object.assign(prototype, { create }),
    extension_on_the_object: () => Object.assign(own, { create }),
    extension_with_an_object_of_its_own: () => inPlaceOf(navigator, "credentials", { create, get: own.get.bind(own) }),
    extension_that_binds: () => Object.assign(own, { create: create.bind(own) }),
    extension_behind_a_proxy() {
      prototype.create = new Proxy(prototype.create, { apply: create });
    },
    extension_behind_a_proxy_of_all() {
      inPlaceOf(navigator, "credentials", new Proxy(own, { get: (_, name) => (name === "create" ? create : own[name]) }));
    },
    extension_that_names_its_source() {
      create.toString = () => claim("create");
      prototype.create = create;
    },
    extension_that_replaces_to_string() {
      const { toString } = Function.prototype;
      prototype.create = create;
      if (self === top) Function.prototype.toString = function () {
        return this === create ? claim("create") : toString.call(this);
      };
    },
    extension_that_comes_late() {
      const { fetch } = window;
      window.fetch = (address, ...how) => {
        if (address.endsWith("/register/options/")) prototype.create = create;
        return fetch(address, ...how);
      };
    },
    extension_that_says_what_the_browser_can() {
      PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });
    },
  };
  const capabilities = (method) => Object.assign(PublicKeyCredential, { getClientCapabilities: method });
  const browsers = {
    browser_without_capabilities: () => capabilities(undefined),
    browser_without_immediate: () => capabilities(async () => ({ immediateGet: false })),
    browser_that_does_not_say: () => capabilities(async () => ({})),
    browser_whose_capabilities_fail: () => capabilities(fail),
    browser_whose_capabilities_never_settle: () => capabilities(() => new Promise(() => {})),
    browser_with_immediate() {
      const { get } = prototype;
      capabilities(async () => ({ immediateGet: true }));
      prototype.get = async function ({ uiMode, ...options }) {
        if (uiMode === "immediate") throw new DOMException("", "NotAllowedError");
        return get.call(this, options);
      };
    },
  };
  if (window.imitated) return { ...extensions, ...browsers }[window.imitated]();

  let answer;
  const asked = new Promise((done) => (answer = done));

  // Each ignores AbortSignal, and what it keeps back comes with managers.answer().
  const slow = {
    manager_that_never_answers: never,
    async manager_that_answers_late(call) {
      const credential = await call();
      await asked;
      return credential;
    },
    manager_that_keeps_autofill: (call, mediation) => (mediation === "conditional" ? asked.then(call) : call()),
  };

  // They do what they are asked, and never say so.
  const silent = {
    safari_26: ["signalAllAcceptedCredentials", "signalCurrentUserDetails", "signalUnknownCredential"],
    browser_that_never_says_what_it_can: ["isConditionalMediationAvailable", "getClientCapabilities"],
  };

  const cancelled = () => new DOMException("", "NotAllowedError");

  // What becomes of a request for autofill; the window is closed after three seconds.
  const autofill = {
    autofill_that_answers_null: () => null,
    autofill_that_answers_undefined: () => undefined,
    autofill_that_answers_text: () => "done",
    autofill_that_answers_an_empty_object: () => ({}),
    autofill_that_rejects: () => Promise.reject(cancelled()),
    autofill_that_rejects_with_undefined: () => Promise.reject(undefined),
    autofill_that_opens_a_window: () => new Promise((_, reject) => setTimeout(() => reject(cancelled()), 3000)),
  };

  let current;
  function silence(name) {
    for (const method of silent[name] ?? []) {
      const original = PublicKeyCredential[method];
      if (!original) continue;
      PublicKeyCredential[method] = function (...details) {
        const done = original.apply(this, details);
        return current === name ? done.then(never) : done;
      };
    }
  }

  const native = {};
  for (const method of ["create", "get"]) {
    native[method] = CredentialsContainer.prototype[method];
    CredentialsContainer.prototype[method] = async function (options) {
      if (slow[current]) {
        const { signal, mediation, ...heeded } = options;
        return slow[current](() => native[method].call(this, heeded), mediation);
      }
      if (autofill[current] && options.mediation === "conditional") return autofill[current]();
      if (answers[current] && options.mediation !== "conditional") return answers[current](method);
      const credential = await native[method].call(this, options);
      return shapes[current] ? shapes[current](credential) : credential;
    };
  }

  // Has a passkey made and used once, and says which managers' copies of the two are not read as the browser's own.
  async function unread(rpId) {
    const { ask } = await customElements.whenDefined("otp-passkey-ceremony");
    const text = "AAAAAAAAAAAAAAAAAAAAAA";
    const user = { id: text, name: "alice", displayName: "" };
    const creation = {
      challenge: text,
      rp: { id: rpId, name: "Example" },
      user,
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true },
      extensions: { credProps: true },
    };
    const made = await navigator.credentials.create({
      publicKey: { ...creation, challenge: new Uint8Array(16), user: { ...user, id: new Uint8Array(16) } },
    });
    const used = await navigator.credentials.get({ publicKey: { rpId, challenge: new Uint8Array(16) } });
    const found = [];
    for (const name of Object.keys(shapes)) {
      for (const [method, credential, options] of [
        ["create", made, creation],
        ["get", used, { rpId, challenge: text, allowCredentials: [{ type: "public-key", id: made.id }] }],
      ]) {
        const before = CredentialsContainer.prototype[method];
        CredentialsContainer.prototype[method] = async () => shapes[name](credential);
        const read = await ask(method, { ...options, timeout: 60000 }, {}).catch((error) => ({ error: error.name }));
        CredentialsContainer.prototype[method] = before;
        if (method === "create") delete read.response?.authenticatorData; // toJSON() has it, and nothing needs it
        const { id, rawId, type, authenticatorAttachment, clientExtensionResults, response } = credential.toJSON();
        const kept = BINARY.filter((one) => credential.response[one]).map((one) => [one, response[one]]);
        const expected = { id, rawId, type, authenticatorAttachment, clientExtensionResults, response: Object.fromEntries(kept) };
        if (without.clientExtensionResults.includes(name)) expected.clientExtensionResults = {};
        if (method === "create" && !without.transports.includes(name)) expected.response.transports = response.transports;
        const sorted = (value) =>
          JSON.stringify(value, (_, one) =>
            one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort()) : one,
          );
        const [is, should] = [read, expected].map((one) => sorted(JSON.parse(JSON.stringify(one))));
        if (is !== should) found.push(`${method} by ${name}: ${is} instead of ${should}`);
      }
    }
    return { tried: Object.keys(shapes).length, found };
  }

  window.managers = {
    become(name) {
      if (name && ![shapes, answers, slow, silent, autofill].some((kind) => kind[name])) throw new Error(name);
      silence(name);
      current = name;
    },
    answer,
    unread,
  };
})();
