// The page around the check: a file comes in by the field or is dropped, and the verdict is told in words.
"use strict";
(() => {
  const { Altered, canCheckSignatures, readKey } = globalThis.consentProof;
  const { check } = globalThis.consentFiles;
  const part = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const records = (value) => `${number(value)} ${value === 1 ? "record" : "records"}`;
  let turn = 0;

  function show(kind, title, lines) {
    const verdict = part("verdict");
    part("busy").textContent = "";
    part("progress").hidden = true;
    verdict.className = `verdict ${kind}`;
    part("said").textContent = title;
    part("more").replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
    verdict.hidden = false;
    verdict.focus();
  }

  /** What was found in order, in sentences. */
  function told(found, wanted) {
    const { records: count, erased, isWhole, isReceipt, size, origin, key } = found;
    const title = isReceipt
      ? "The receipt is in order: its record is in the log, as it was committed to"
      : `In order: ${records(count)}, ${count === 1 ? "as it was" : "all as they were"} committed to`;
    const whole = isWhole
      ? `Nothing is missing up to the checkpoint of ${records(size)}.`
      : `Each is in the log of ${records(size)}. It is a selection, so others may have been left out.`;
    const signed = wanted
      ? "The checkpoint is signed by the key that you gave."
      : `The checkpoint is signed by the key that the file names. Compare it with the publisher’s: ${key}`;
    const gone = erased ? [`${number(erased)} of them were erased, which the log’s key has signed.`] : [];
    return [title, [isReceipt ? `The log of ${origin} had ${records(size)} then.` : whole, ...gone, signed]];
  }

  async function run(file, wanted) {
    const mine = (turn += 1);
    const bar = part("progress");
    part("verdict").hidden = true;
    part("busy").textContent = "Checking …";
    bar.max = file.size || 1;
    bar.value = 0;
    bar.hidden = false;
    const tell = (count, bytes) => {
      if (mine !== turn) throw new DOMException("another file was chosen", "AbortError");
      bar.value = bytes;
      part("busy").textContent = `Checking … ${records(count)} so far`;
    };
    try {
      const found = await check(file, wanted, tell);
      if (mine === turn) show("good", ...told(found, wanted));
    } catch (error) {
      if (mine !== turn) return;
      if (!(error instanceof Altered)) show("bad", "The file cannot be read", [String(error.message ?? error)]);
      else show("bad", `Not in order: ${error.message}`, ["This is the first thing that is wrong; what comes after it was not looked at."]);
    }
  }

  async function start() {
    const [file] = part("file").files;
    const wanted = part("key").value.trim();
    if (!file) return show("unsure", "Choose a file first", []);
    if (!globalThis.crypto?.subtle || !(await canCheckSignatures()))
      return show("unsure", "This browser cannot check signatures", [
        "It lacks Ed25519, or this page came to it without encryption. Nothing was checked: use a newer browser, save this page and open it from your disk, or use the command consent verify FILE.",
      ]);
    try {
      if (wanted) await readKey(wanted);
    } catch {
      return show("unsure", "That is no key", ["A key is one line: name+hash+key, such as the log’s publisher shows it. Nothing was checked."]);
    }
    return run(file, wanted);
  }

  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void start();
  });
  part("file").addEventListener("change", ({ target }) => target.files[0] && void start());
  const drop = part("drop");
  for (const kind of ["dragover", "dragleave", "drop"])
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      part("file").files = event.dataTransfer.files;
      void start();
    });
})();
