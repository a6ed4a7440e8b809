// Passkeys: a form that fetches a challenge, asks the browser, and sends its answer as a plain form.
const json = "application/json";

async function challenge(form) {
  const body = new URLSearchParams();
  if (form.elements.token) body.set("token", form.elements.token.value);
  const answer = await fetch(form.dataset.challenge, { method: "POST", body, headers: { Accept: json } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

async function credential(form) {
  const options = await challenge(form);
  const { PublicKeyCredential: own } = window;
  if (form.dataset.does === "create") {
    return navigator.credentials.create({ publicKey: own.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: own.parseRequestOptionsFromJSON(options) });
}

function words(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (error.name === "SecurityError") return "Passkeys do not work at this address: open the console at its own.";
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "Nothing was done: it was cancelled, or took too long.";
  return error.message;
}

for (const form of document.querySelectorAll("form[data-challenge]")) {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) continue;
  form.hidden = false;
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    said.textContent = "";
    button.disabled = true;
    try {
      form.elements.answer.value = JSON.stringify(await credential(form));
      form.submit();
    } catch (error) {
      said.textContent = words(error);
      button.disabled = false;
    }
  });
}
