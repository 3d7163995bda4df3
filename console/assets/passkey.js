// Passkeys: asks the browser for one and sends its answer with the form. Without script, or where a browser knows none, the
// buttons do not show and the password does.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

// What a browser answers, as the standard writes it in JSON.
const written = (credential) => {
  const { response } = credential;
  const out = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) out[name] = text(response[name]);
  }
  if (response.getTransports) out.transports = response.getTransports();
  const { id, type, authenticatorAttachment } = credential;
  const answer = { id, rawId: text(credential.rawId), type, response: out, clientExtensionResults: {} };
  return JSON.stringify(authenticatorAttachment ? { ...answer, authenticatorAttachment } : answer);
};

const ask = async (form) => {
  if (form.dataset.options) {
    const options = JSON.parse(form.dataset.options);
    const user = { ...options.user, id: bytes(options.user.id) };
    return navigator.credentials.create({
      publicKey: { ...options, user, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) },
    });
  }
  const body = new URLSearchParams({ purpose: form.dataset.passkey });
  const answer = await fetch("/passkey/ask", { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
  const options = await answer.json();
  return navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) },
  });
};

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  const answer = form.querySelector("[data-answer]");
  const problem = form.querySelector("[data-problem]");
  form.addEventListener("submit", async (event) => {
    if (answer.value) return;
    event.preventDefault();
    problem.hidden = true;
    try {
      answer.value = written(await ask(form));
      form.requestSubmit();
    } catch {
      // Called off, timed out, or no such passkey here: the browser has said so itself.
      problem.hidden = false;
    }
  });
});
