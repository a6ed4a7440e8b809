// What ties a record to its log, checked in the reader's own browser: the salted commitment, the Merkle path (RFC 6962),
// the signed checkpoint (C2SP). Shared by the console's page of a record and the page that checks a file.
"use strict";
globalThis.consentProof = (() => {
  /** What was checked is not what was committed to. `seq`: the record that shows it. */
  class Altered extends Error {
    constructor(words, seq) {
      super(words);
      this.seq = seq;
    }
  }

  const encoder = new TextEncoder();
  const bytesOf = (words) => encoder.encode(words);
  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  function fromHex(words) {
    if (typeof words !== "string" || !/^(?:[\da-f]{2})*$/i.test(words)) throw new TypeError("not hex");
    return Uint8Array.from(words.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  function fromBase64(words) {
    if (typeof words !== "string" || !/^[\w+/]*={0,2}$/.test(words)) throw new TypeError("not base64");
    return Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
  }

  function decoded(words) {
    try {
      return fromBase64(words);
    } catch {
      return undefined;
    }
  }

  function hash(words) {
    const bytes = fromHex(words);
    if (bytes.length !== 32) throw new TypeError("a hash is 32 bytes");
    return bytes;
  }

  const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

  /** HMAC-SHA-256 (RFC 2104), by two digests: quicker than to import a key for each of many salts. */
  async function hmac(key, data) {
    const short = key.length > 64 ? await sha256(key) : key;
    const padded = join(short, new Uint8Array(64 - short.length));
    const inner = await sha256(padded.map((byte) => byte ^ 0x36), data);
    return sha256(padded.map((byte) => byte ^ 0x5c), inner);
  }

  const LEAF = [0];
  const NODE = [1];
  const nodeHash = (left, right) => sha256(NODE, left, right);
  const leafHash = (data) => sha256(LEAF, data);

  /** Canonical JSON (RFC 8785) of what records are made of: no number but whole ones. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }

  const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

  /** What programs may read differently in a JSON text: a key that stands twice, a number that is no whole one. */
  function ambiguity(json) {
    const open = [];
    let before = "";
    for (const [token] of json.matchAll(TOKEN)) {
      if (token === "{") open.push(new Set());
      else if (token === "[") open.push(undefined);
      else if (token === "}" || token === "]") open.pop();
      else if (token === ":") {
        const name = JSON.parse(before);
        if (open.at(-1).has(name)) return `says ${name} twice`;
        open.at(-1).add(name);
      } else if (/^-?\d/.test(token) && !/^(?:0|-?[1-9]\d{0,15})$/.test(token)) return `has the number ${token.slice(0, 40)}`;
      before = token;
    }
    return undefined;
  }

  const half = (number) => Math.floor(number / 2);
  const isOdd = (number) => number % 2 === 1;

  /**
   * The hashes on the way from a leaf to the root (RFC 9162, 2.1.3.2), each with the sibling it is made with and on
   * which side that stands. Throws where the path's length does not fit.
   */
  async function climb(leaf, index, size, path) {
    if (!(index >= 0 && index < size)) throw new RangeError("the leaf is not in a tree of that size");
    const steps = [];
    let [node, last, result] = [index, size - 1, leaf];
    for (const sibling of path) {
      if (last === 0) throw new RangeError("the path is too long");
      const isLeft = isOdd(node) || node === last;
      result = await (isLeft ? nodeHash(sibling, result) : nodeHash(result, sibling));
      steps.push({ sibling, isLeft, result });
      while (isLeft && !isOdd(node) && node) [node, last] = [half(node), half(last)];
      [node, last] = [half(node), half(last)];
    }
    if (last) throw new RangeError("the path is too short");
    return { root: result, steps };
  }

  /** Whether the older root is shown to be the beginning of the newer (RFC 9162, 2.1.4.2). */
  async function isConsistent(older, newer, olderRoot, newerRoot, proof) {
    if (older === newer) return !proof.length && isSame(olderRoot, newerRoot);
    const path = Number.isInteger(Math.log2(older)) ? [olderRoot, ...proof] : [...proof];
    if (!path.length) return false;
    let [node, last] = [older - 1, newer - 1];
    while (isOdd(node)) [node, last] = [half(node), half(last)];
    let [first, second] = [path[0], path[0]];
    for (const sibling of path.slice(1)) {
      if (last === 0) return false;
      if (isOdd(node) || node === last) {
        [first, second] = [await nodeHash(sibling, first), await nodeHash(sibling, second)];
        while (!isOdd(node) && node) [node, last] = [half(node), half(last)];
      } else second = await nodeHash(second, sibling);
      [node, last] = [half(node), half(last)];
    }
    return last === 0 && isSame(first, olderRoot) && isSame(second, newerRoot);
  }

  const TOGETHER = 1024;

  /** Lets the page answer its reader in between. */
  const breathe = () => globalThis.scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));

  /** The hashes over neighbours, so many at once that the browser is kept busy and the page alive. */
  async function paired(row) {
    const above = [];
    for (let at = 0; at + 1 < row.length; at += 2 * TOGETHER) {
      const some = [];
      for (let one = at; one + 1 < Math.min(row.length, at + 2 * TOGETHER); one += 2)
        some.push(nodeHash(row[one], row[one + 1]));
      above.push(...(await Promise.all(some)));
      await breathe();
    }
    return above;
  }

  /** The root over `leaves` that come after `start` others, which are known by their peaks, the largest first. */
  async function rootOf(start, before, leaves) {
    const peaks = [...before];
    if ([...start.toString(2)].filter((bit) => bit === "1").length !== peaks.length)
      throw new RangeError("the peaks do not fit the size");
    const right = [];
    let row = leaves;
    for (let left = start; row.length || left; left = half(left)) {
      if (isOdd(left)) row = [peaks.pop(), ...row];
      if (isOdd(row.length)) right.push(row.at(-1));
      row = await paired(row);
    }
    if (!right.length) return sha256();
    let root = right[0];
    for (const peak of right.slice(1)) root = await nodeHash(peak, root);
    return root;
  }

  const ED25519 = [1];

  async function keyIdOf(name, key) {
    return (await sha256(bytesOf(`${name}\n`), ED25519, key)).slice(0, 4);
  }

  /** A verifier key, name+hash+key (C2SP signed-note). Throws when it is none. */
  async function readKey(line) {
    const [, name, id, encoded] = /^([^+\s]+)\+([\da-f]{8})\+([\w+/]+={0,2})$/.exec(String(line).trim()) ?? [];
    const raw = encoded ? fromBase64(encoded) : [];
    const key = raw.slice(1);
    if (raw.length !== 33 || raw[0] !== 1 || toHex(await keyIdOf(name, key)) !== id)
      throw new TypeError("not an Ed25519 verifier key");
    return { name, id, key };
  }

  /** Whether this browser can check Ed25519 signatures at all; without it nobody's word is taken for one. */
  async function canCheckSignatures() {
    try {
      await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  }

  async function isSigned(words, signature, key) {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", imported, signature, bytesOf(words));
  }

  /** A checkpoint's lines, and the signature by a key of this name and id; nothing where there is none. */
  function readNote(note, { name, id }) {
    const at = note.indexOf("\n\n");
    const words = at < 0 ? `${note}\n` : note.slice(0, at + 1);
    const [origin, size, root] = words.split("\n");
    const found = { words, origin, size: Number(size), root: decoded(root), signature: undefined };
    if (!/^\d{1,15}$/.test(size)) found.root = undefined;
    for (const line of at < 0 ? [] : note.slice(at + 2).split("\n")) {
      const [dash, who, encoded] = line.split(" ", 3);
      const raw = decoded(encoded);
      if (dash === "\u2014" && who === name && raw && toHex(raw.slice(0, 4)) === id) return { ...found, signature: raw.slice(4) };
    }
    return found;
  }

  /** The checkpoint in a note, once its signature by this key was checked. Throws Altered. */
  async function openNote(note, key) {
    const found = readNote(note, key);
    if (!found.signature) throw new Altered("the checkpoint does not hold: the checkpoint is not signed by the log's key");
    if (!(await isSigned(found.words, found.signature, key.key)))
      throw new Altered("the checkpoint does not hold: the checkpoint's signature does not fit");
    if (found.origin !== key.name || !found.root)
      throw new Altered("the checkpoint does not hold: the checkpoint is of another log");
    return found;
  }

  return {
    Altered,
    ambiguity,
    breathe,
    bytesOf,
    canCheckSignatures,
    canonical,
    climb,
    fromBase64,
    fromHex,
    hash,
    hmac,
    isConsistent,
    isSame,
    isSigned,
    leafHash,
    openNote,
    readKey,
    readNote,
    rootOf,
    toHex,
  };
})();
