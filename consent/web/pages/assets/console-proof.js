// A record's proof, followed step by step in the reader's browser; what a step gives is written beside its words.
"use strict";
const { bytesOf, canCheckSignatures, climb, fromBase64, fromHex, hash, hmac, isSame, isSigned, leafHash, readKey, readNote, toHex } =
  globalThis.consentProof;
const part = (id) => document.getElementById(id);
const { index, size, salt, leaf: committed } = part("proof").dataset;
const KINDS = { true: "good", false: "bad", undefined: "warn" };

/** Writes a step's outcome: true, false, or undefined where it cannot be told. */
function write(step, outcome, words, value) {
  const badge = document.createElement("span");
  badge.className = `badge ${KINDS[outcome]}`;
  badge.textContent = words;
  const shown = [badge];
  if (value) {
    const code = document.createElement("code");
    code.className = "code";
    code.textContent = toHex(value);
    shown.push(" ", code);
  }
  part(`step-${step}`).querySelector(".made").replaceChildren(...shown);
  return outcome;
}

async function checkLeaf() {
  const record = part("proof-record");
  if (!record) return [hash(committed), write("leaf", true, "Taken from the log")];
  const commitment = await hmac(fromHex(salt), bytesOf(record.value));
  write("commitment", true, "Computed", commitment);
  const leaf = await leafHash(commitment);
  const fits = isSame(leaf, hash(committed));
  return [leaf, write("leaf", fits, fits ? "It is" : "Does not fit: this is not the record that was committed to", leaf)];
}

async function checkRoot(leaf, note) {
  const path = [...document.querySelectorAll("[data-sibling]")].map((one) => hash(one.textContent));
  const found = await climb(leaf, Number(index), Number(size), path).catch(() => undefined);
  if (!found) return write("root", false, "Does not fit: the path has another length");
  const fits = isSame(found.root, note.root ?? []);
  return write("root", fits, fits ? "They lead there" : "Does not fit: they lead elsewhere", found.root);
}

function checkNote(note) {
  const fits = note.size === Number(size) && !!note.root;
  return write("checkpoint", fits, fits ? "They do" : "Does not fit: it is of another number of records");
}

async function checkSignature(note, key) {
  if (!(await canCheckSignatures()))
    return write("signature", undefined, "Not checked: this browser lacks Ed25519. Use another one, or consent verify");
  const fits = !!note.signature && (await isSigned(note.words, note.signature, key.key));
  return write("signature", fits, fits ? "It is" : "Does not fit: the signature is not the key’s");
}

/** Of a record without content: that the service itself emptied it (consent/checkpoints.py). */
async function checkErasure(key) {
  const step = part("step-erasure");
  if (!step) return true;
  if (!(await canCheckSignatures())) return write("erasure", undefined, "Not checked: this browser lacks Ed25519");
  const { kind, at, seal, signature } = step.dataset;
  const lines = ["consent erasure", key.name, Number(index) + 1, kind, committed, seal, at, ""];
  const fits = await isSigned(lines.join("\n"), fromBase64(signature), key.key);
  return write("erasure", fits, fits ? "It has" : "Does not fit: it was emptied by somebody else");
}

function tell(outcomes) {
  const verdict = part("proof-verdict");
  const isWrong = outcomes.includes(false);
  const isUnsure = outcomes.includes(undefined);
  verdict.className = `notice-line ${isWrong ? "bad" : isUnsure ? "warn" : "good"}`;
  verdict.textContent = isWrong
    ? "The proof does not hold: the first step that does not fit says where."
    : isUnsure
      ? "All that this browser can check holds; the signature was not checked."
      : part("step-erasure")
        ? "Checked in your browser: this record’s leaf is in the log, and the log’s key has signed the log and the erasure."
        : "Checked in your browser: this record is in the log, as it was committed to, and the log’s key has signed it.";
}

async function check() {
  try {
    const key = await readKey(part("proof-key").textContent);
    const note = readNote(part("proof-checkpoint").textContent, key);
    const [leaf, isLeaf] = await checkLeaf();
    const erasure = await checkErasure(key);
    tell([isLeaf, erasure, await checkRoot(leaf, note), checkNote(note), await checkSignature(note, key)]);
  } catch {
    write("signature", false, "The proof cannot be read");
    tell([false]);
  }
}

if (globalThis.crypto?.subtle) {
  const again = part("proof-again");
  if (again) again.hidden = false;
  again?.addEventListener("click", () => void check());
  void check();
} else {
  part("proof-verdict").textContent =
    "This page came without encryption, so your browser offers no cryptography: the steps stand here to be followed by hand.";
}
