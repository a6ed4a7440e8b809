// The check of a sender in doubt: a number is looked for until PBKDF2-HMAC-SHA256 of it begins with enough zero bits
// (consent/challenges.py), then the form is sent again with it. Nothing leaves the page before that.
"use strict";
(() => {
  const form = document.getElementById("challenge");
  const TOGETHER = 8; // the browser derives several at once, on threads of its own
  const cost = Number(form.dataset.cost);
  const bits = Number(form.dataset.bits);
  const salt = Uint8Array.from(form.dataset.salt.match(/../g), (pair) => Number.parseInt(pair, 16));
  const encoder = new TextEncoder();

  async function solves(number) {
    const key = await crypto.subtle.importKey("raw", encoder.encode(String(number)), "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: cost };
    const first = new DataView(await crypto.subtle.deriveBits(how, key, 32)).getUint32(0);
    return Math.clz32(first) >= bits;
  }

  async function solved() {
    for (let start = 0; start < 2 ** 32; start += TOGETHER) {
      const found = await Promise.all(Array.from({ length: TOGETHER }, (_, place) => solves(start + place)));
      if (found.includes(true)) return start + found.indexOf(true);
    }
    throw new RangeError("no number solves it");
  }

  function show(...ids) {
    for (const id of ["busy", "progress", "failed"]) document.getElementById(id).hidden = !ids.includes(id);
  }

  show("busy", "progress");
  solved().then(
    (number) => {
      form.elements.namedItem("challenge").value = `${form.dataset.token}.${number}`;
      HTMLFormElement.prototype.submit.call(form); // a field of the form may be named submit
    },
    () => show("failed"),
  );
})();
