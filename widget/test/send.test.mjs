import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { readOwed, waitFor } = await load("send");

const NOW = Date.now();
const DAY = 864e5;
const owed = (id, at = NOW) => JSON.stringify({ id, decided_at: new Date(at).toISOString() });
const ids = (records) => records.map((record) => JSON.parse(record).id);

/** A store in memory, with the interface of the browser's. */
function openStore(...records) {
  const held = new Map();
  const store = {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
  // As `act` lays it there.
  for (const record of records) store.setItem("fc.q", `${store.getItem("fc.q") ?? ""}${record}\n`);
  return store;
}

/** A service that answers as told, a number being a status; gives the ids of the records that came to it. */
function openService(...answers) {
  const came = [];
  const post = async (record) => {
    const { id } = JSON.parse(record);
    came.push(id);
    const answer = answers.shift() ?? 201;
    if (answer === "lost") throw new TypeError("no network");
    return new Response(answer === 201 ? JSON.stringify({ id }) : String(answer), { status: answer });
  };
  return { came, post };
}

/** The module anew, as on a page of its own, in a browser with this store. */
async function openPage(store) {
  globalThis.localStorage = store;
  const { add, openSender } = await load("send");
  globalThis.addEventListener = () => {};
  return { add, store, flush: (post, recorded) => openSender(post, recorded)() };
}

test("records are sent in the order they were made, once, and the key goes with the last", async () => {
  const { add, flush, store } = await openPage(openStore(owed("a"), owed("b")));
  const { came, post } = openService();
  const recorded = [];
  add(owed("b"));
  await flush(post, ({ id }) => recorded.push(id));
  assert.deepEqual([came, recorded], [["a", "b"], ["a", "b"]]);
  assert.equal(store.held.size, 0);
});

test("a record that the service refuses for good is dropped, the next one is sent", async () => {
  const { flush, store } = await openPage(openStore(owed("a"), owed("b")));
  const { came, post } = openService(422);
  await flush(post, () => {});
  assert.deepEqual(came, ["a", "b"]);
  assert.equal(store.held.size, 0);
});

test("what fails now stays owed, with all that follows it", async () => {
  for (const failure of [500, 429, 503, "lost"]) {
    const { flush, store } = await openPage(openStore(owed("a"), owed("b")));
    const { came, post } = openService(failure);
    const later = globalThis.setTimeout;
    let wait;
    globalThis.setTimeout = (_, milliseconds) => void (wait = milliseconds);
    await flush(post, () => {});
    globalThis.setTimeout = later;
    assert.deepEqual(came, ["a"]);
    assert.equal(wait, 1000);
    assert.deepEqual(readOwed(store.getItem("fc.q"), NOW), [owed("a"), owed("b")]);
    await flush(post, () => {});
    assert.deepEqual(came, ["a", "a", "b"]);
  }
});

test("an answer to another record is none", async () => {
  const { flush, store } = await openPage(openStore(owed("a")));
  const later = globalThis.setTimeout;
  globalThis.setTimeout = () => {};
  await flush(async () => new Response('{"id":"other"}', { status: 201 }), () => assert.fail());
  globalThis.setTimeout = later;
  assert.deepEqual(readOwed(store.getItem("fc.q"), NOW), [owed("a")]);
});

test("a record that another tab owes meanwhile is not lost", async () => {
  const { flush, store } = await openPage(openStore(owed("a")));
  const { came, post } = openService();
  const slow = async (record) => {
    if (came.length === 0) store.setItem("fc.q", `${store.getItem("fc.q")}${owed("b")}\n`);
    return post(record);
  };
  await flush(slow, () => {});
  assert.deepEqual(came, ["a", "b"]);
});

test("a store that is full or forbidden leaves what is owed as long as the page", async () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  const garbled = { getItem: () => "{not json", setItem: refuse, removeItem: refuse };
  const forbidden = { getItem: refuse, setItem: refuse, removeItem: refuse };
  for (const store of [garbled, forbidden]) {
    const { add, flush } = await openPage(store);
    const { came, post } = openService();
    add(owed("a"));
    add(owed("b"));
    await flush(post, () => {});
    await flush(post, () => {});
    assert.deepEqual(came, ["a", "b"]);
  }
});

test("at most ten are kept, the newest", () => {
  const text = Array.from({ length: 14 }, (_, at) => owed(`r${at}`)).join("\n");
  assert.deepEqual(ids(readOwed(text, NOW)), Array.from({ length: 10 }, (_, at) => `r${at + 4}`));
});

test("after thirty days a record is given up", () => {
  const text = [owed("old", NOW - 30 * DAY), owed("young", NOW - 30 * DAY + 1)].join("\n");
  assert.deepEqual(ids(readOwed(text, NOW)), ["young"]);
});

test("what is not a record is left out", () => {
  const others = ["null", "1", '"x"', "[]", "{}", '{"id":""}', '{"id":"x","decided_at":"soon"}', "{not json", ""];
  assert.deepEqual(readOwed([...others, owed("a")].join("\n"), NOW), [owed("a")]);
  for (const other of others) assert.deepEqual(readOwed(other, NOW), []);
});

test("the wait is the one asked for, else doubles, and ends at five minutes", () => {
  assert.equal(waitFor(0, "7"), 7000);
  assert.deepEqual([0, 1, 2, 3].map((tries) => waitFor(tries, null)), [1000, 2000, 4000, 8000]);
  assert.equal(waitFor(40, null), 300000);
  assert.equal(waitFor(0, "86400"), 300000);
  assert.equal(waitFor(0, "Wed, 21 Oct 2026 07:28:00 GMT"), 1000);
});
