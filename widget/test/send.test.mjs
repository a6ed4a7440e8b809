import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { openQueue, readOwed, waitFor } = await load("send");

const NOW = 1795341600000;
const DAY = 864e5;
const owed = (id, at = NOW) => ({ id, at, body: `{"id":"${id}"}` });

/** A store in memory, with the interface of the browser's. */
function openStore() {
  const held = new Map();
  return {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
}

test("records are sent in the order they were made, and the key goes with the last", () => {
  const store = openStore();
  const queue = openQueue(() => store, () => NOW);
  assert.deepEqual(queue.read(), []);
  assert.equal(store.held.size, 0);
  queue.add(owed("a"));
  queue.add(owed("b"));
  assert.deepEqual([...store.held.keys()], ["fc.q"]);
  assert.deepEqual(queue.read().map(({ id }) => id), ["a", "b"]);
  queue.drop("a");
  assert.deepEqual(queue.read(), [owed("b")]);
  queue.drop("b");
  assert.equal(store.held.size, 0);
});

test("two pages share one queue", () => {
  const store = openStore();
  const [one, other] = [openQueue(() => store, () => NOW), openQueue(() => store, () => NOW)];
  one.add(owed("a"));
  other.add(owed("b"));
  one.drop("a");
  assert.deepEqual(other.read(), [owed("b")]);
});

test("at most ten are kept, the newest", () => {
  const store = openStore();
  const queue = openQueue(() => store, () => NOW);
  for (let at = 0; at < 14; at += 1) queue.add(owed(`r${at}`));
  assert.deepEqual(queue.read().map(({ id }) => id), Array.from({ length: 10 }, (_, at) => `r${at + 4}`));
});

test("after thirty days a record is given up", () => {
  const text = JSON.stringify([owed("old", NOW - 30 * DAY), owed("young", NOW - 30 * DAY + 1)]);
  assert.deepEqual(readOwed(text, NOW).map(({ id }) => id), ["young"]);
});

test("what is not a record is left out", () => {
  const others = [null, 1, "x", [], {}, { id: 1, at: NOW, body: "" }, { id: "x", at: "soon", body: "" }];
  const text = JSON.stringify([...others, owed("a")]);
  assert.deepEqual(readOwed(text, NOW), [owed("a")]);
  for (const other of [null, "null", "{}", "3", '"x"']) assert.deepEqual(readOwed(other, NOW), []);
});

test("a store that is garbage, full or forbidden leaves a queue as long as the page", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  const broken = { getItem: () => "{not json", setItem: refuse, removeItem: refuse };
  for (const store of [refuse, () => broken]) {
    const queue = openQueue(store, () => NOW);
    queue.add(owed("a"));
    queue.add(owed("b"));
    assert.deepEqual(queue.read().map(({ id }) => id), ["a", "b"]);
    queue.drop("a");
    assert.deepEqual(queue.read(), [owed("b")]);
  }
});

test("a garbage text in a working store is replaced by the next record", () => {
  const store = openStore();
  store.setItem("fc.q", "{not json");
  const queue = openQueue(() => store, () => NOW);
  queue.add(owed("a"));
  assert.deepEqual(JSON.parse(store.getItem("fc.q")), [owed("a")]);
});

test("the wait is the one asked for, else doubles, and ends at five minutes", () => {
  assert.equal(waitFor(0, "7"), 7000);
  assert.deepEqual([0, 1, 2, 3].map((tries) => waitFor(tries, null)), [1000, 2000, 4000, 8000]);
  assert.equal(waitFor(40, null), 300000);
  assert.equal(waitFor(0, "86400"), 300000);
  assert.equal(waitFor(0, "Wed, 21 Oct 2026 07:28:00 GMT"), 1000);
});
