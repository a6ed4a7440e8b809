// An exported file, or the proof of one receipt, checked line by line: what consent/verifying_files.py does, in the
// browser. A file is good only when all of it is; the first thing that is wrong ends the check.
"use strict";
globalThis.consentFiles = (() => {
  const { Altered, bytesOf, fromBase64, fromHex, hash, isSame } = globalThis.consentProof;
  const proof = globalThis.consentProof;
  const ERASED = "erased_at,kind,seq";
  const TOGETHER = 128;
  const LONGEST_RECEIPT = 1 << 20;

  /** The object on a line. Throws Altered. */
  function parsed(line, last) {
    let found;
    try {
      found = JSON.parse(line);
      if (typeof found !== "object" || found === null || Array.isArray(found)) throw new TypeError("no object");
      if (JSON.stringify(found) === line) return found;
    } catch {
      throw new Altered(`the line after record ${last} is not JSON`);
    }
    const wrong = proof.ambiguity(line);
    if (wrong) throw new Altered(`record ${found.seq} ${wrong}`, found.seq);
    return found;
  }

  const erasureOf = (line, told) => ({
    kind: String(line.kind),
    at: String(line.erased_at),
    seal: fromHex(told.seal),
    signature: fromBase64(told.erasure),
  });

  /** What a line claims, once its record is shown to be the one that its leaf commits to. Throws Altered. */
  async function proven({ proof: told, ...line }) {
    const { seq } = line;
    const isErased = "erased_at" in line;
    let claim;
    try {
      const leaf = hash(told.leaf);
      const path = "path" in told ? told.path.map(hash) : undefined;
      const erasure = isErased ? erasureOf(line, told) : undefined;
      claim = { seq, leaf, path, erasure };
      if (!isErased) claim.given = await proof.leafHash(await proof.hmac(fromHex(told.salt), bytesOf(proof.canonical(line))));
    } catch {
      throw new Altered(`record ${seq} has no proof that can be read`, seq);
    }
    if (isErased && Object.keys(line).sort().join() !== ERASED)
      throw new Altered(`record ${seq} was altered: an erased one has nothing but its place`, seq);
    if (!isErased && !isSame(claim.given, claim.leaf))
      throw new Altered(`record ${seq} was altered: it is not what was committed to`, seq);
    if (!Number.isSafeInteger(seq)) throw new Altered(`record ${seq} stands out of order`);
    return claim;
  }

  /** One walk over a file's lines. */
  class Walk {
    leaves = [];
    claims = [];
    first = 0;
    last = 0;
    erased = 0;
    hasGap = false;
    pathless = undefined;
    end = undefined;
    #isBlank = undefined;

    /** Takes the next lines; of two that are wrong the earlier one is told. */
    async take(lines) {
      const objects = [];
      let [seq, wrong] = [this.last, undefined];
      try {
        for (const line of lines) {
          const object = this.#next(line.trim(), seq);
          if (object) objects.push(object);
          if (Number.isSafeInteger(object?.seq)) seq = object.seq;
        }
      } catch (error) {
        wrong = error;
      }
      for (const { reason, value } of await Promise.allSettled(objects.map(proven))) {
        if (reason) throw reason;
        this.#keep(value);
      }
      if (wrong) throw wrong;
    }

    /** The object of a line that is a record's; blank ones may stand at the end alone. */
    #next(line, last) {
      if (!line) this.#isBlank = true;
      if (!line) return undefined;
      if (this.#isBlank === undefined && line[0] !== "{") throw new Altered("this is not an export in JSON lines");
      if (this.#isBlank) throw new Altered(`the line after record ${last} is not JSON`);
      this.#isBlank = false;
      const object = parsed(line, last);
      if (this.end) throw new Altered("there are lines after the checkpoint");
      if ("checkpoint" in object) this.end = object;
      return "checkpoint" in object ? undefined : object;
    }

    #keep(claim) {
      const { seq, leaf, path, erasure } = claim;
      if (seq <= this.last) throw new Altered(`record ${seq} stands out of order`, seq);
      this.hasGap ||= this.leaves.length > 0 && seq !== this.last + 1;
      this.first ||= seq;
      this.last = seq;
      this.leaves.push(leaf);
      this.erased += erasure ? 1 : 0;
      if (!path) this.pathless ??= seq;
      if (path || erasure) this.claims.push(claim);
    }

    /** What was found in order. `wanted`: the key that it must be signed with. */
    async result(wanted) {
      if (!this.end) throw new Altered("the file has no checkpoint at its end: it was cut short");
      const key = await this.#key(wanted);
      const signed = await proof.openNote(String(this.end.checkpoint), key);
      for (let at = 0; at < this.claims.length; at += TOGETHER)
        await Promise.all(this.claims.slice(at, at + TOGETHER).map((claim) => checkClaim(claim, key, signed)));
      const isWhole = !this.end.selection;
      await (isWhole ? this.#checkWhole(signed) : this.#checkSelection(signed));
      const { leaves, erased } = this;
      const used = wanted || String(this.end.key);
      return { records: leaves.length, erased, isWhole, size: signed.size, origin: signed.origin, key: used };
    }

    async #key(wanted) {
      try {
        return await proof.readKey(wanted || this.end.key);
      } catch {
        throw new Altered("the checkpoint does not hold: not an Ed25519 verifier key");
      }
    }

    async #checkWhole(signed) {
      if (this.hasGap || this.last !== (this.leaves.length ? signed.size : 0)) {
        const gaps = this.hasGap ? " with gaps" : "";
        throw new Altered(`records are missing: the lines go up to ${this.last}${gaps}, the log to ${signed.size}`);
      }
      const { size, root } = await this.#root();
      if (size !== signed.size || !isSame(root, signed.root)) throw this.#wrongRoot(signed);
    }

    async #checkSelection(signed) {
      if (this.pathless === undefined) return;
      const { consistency } = this.end;
      if (!consistency || this.hasGap)
        throw new Altered(`record ${this.pathless} has nothing that shows it to be in the log`, this.pathless);
      const { size, root } = await this.#root();
      const path = hashes(consistency.path, "what ties the records to the signed root cannot be read");
      const fits = size > 0 && size === consistency.size && size <= signed.size;
      if (!fits || !(await proof.isConsistent(size, signed.size, root, signed.root, path))) throw this.#wrongRoot(signed);
    }

    /** The root over the lines, and over what stands for the records before them. */
    async #root() {
      const unread = "what stands for the records before the first line cannot be read";
      const { size, peaks } = this.end.before ?? { size: 0, peaks: [] };
      if (!Number.isSafeInteger(size) || size < 0) throw new Altered(unread);
      if (this.leaves.length && size !== this.first - 1)
        throw new Altered(`the file begins at record ${this.first}, and nothing stands for those before it`);
      try {
        return { size: size + this.leaves.length, root: await proof.rootOf(size, peaks.map(hash), this.leaves) };
      } catch {
        throw new Altered(unread);
      }
    }

    #wrongRoot = ({ size }) =>
      new Altered(`the ${this.leaves.length} records do not give the root that was signed for ${size}: some were replaced`);
  }

  function hashes(found, words) {
    try {
      return found.map(hash);
    } catch {
      throw new Altered(words);
    }
  }

  /** That an erased record was erased by the service, and that a record with a path is in the log. */
  async function checkClaim({ seq, leaf, path, erasure }, key, signed) {
    if (erasure) {
      const { kind, at, seal, signature } = erasure;
      const lines = ["consent erasure", key.name, seq, kind, proof.toHex(leaf), proof.toHex(seal), at, ""];
      if (!(await proof.isSigned(lines.join("\n"), signature, key.key)))
        throw new Altered(`record ${seq} was emptied, but not by an erasure of the service`, seq);
    }
    if (!path) return;
    const found = await proof.climb(leaf, seq - 1, signed.size, path).catch(() => undefined);
    if (!found || !isSame(found.root, signed.root))
      throw new Altered(`record ${seq} is not in the log: its path does not lead to the signed root`, seq);
  }

  /** A receipt's proof as the two lines of an export that hold it; nothing when the text is none. */
  function receiptLines(words) {
    let receipt;
    try {
      receipt = JSON.parse(words);
    } catch {
      return undefined;
    }
    if (!receipt?.consent_receipt) return undefined;
    const wrong = proof.ambiguity(words);
    if (wrong) throw new Altered(`the receipt ${wrong}`);
    const { record, proof: told, checkpoint, key } = receipt;
    if (typeof record !== "object" || !Array.isArray(told?.path)) throw new Altered("the receipt has no proof that can be read");
    return [JSON.stringify({ ...record, proof: told }), JSON.stringify({ checkpoint, key, selection: true })];
  }

  /** The lines of a file, some at a time. */
  async function* linesOf(file) {
    const reader = file.stream().pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (let at = 0; at < lines.length; at += TOGETHER) yield lines.slice(at, at + TOGETHER);
    }
    yield [rest];
  }

  /**
   * Checks a file. `tell(records, bytes)` is told how far it has come; the page is let breathe in between.
   * Throws Altered at the first thing that is wrong.
   */
  async function check(file, wanted, tell) {
    const walk = new Walk();
    const receipt = file.size <= LONGEST_RECEIPT ? receiptLines(await file.text()) : undefined;
    if (receipt) {
      await walk.take(receipt);
      return { ...(await walk.result(wanted)), isReceipt: true };
    }
    let bytes = 0;
    try {
      for await (const lines of linesOf(file)) {
        await walk.take(lines);
        bytes += lines.reduce((length, line) => length + line.length + 1, 0);
        tell(walk.leaves.length, bytes);
        await proof.breathe();
      }
    } catch (error) {
      if (error instanceof Altered) throw error;
      throw new Altered(`the line after record ${walk.last} is not JSON`);
    }
    return walk.result(wanted);
  }

  return { check };
})();
