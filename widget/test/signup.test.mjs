import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { load } from "./load.mjs";

const { correct, providerOf } = await load("layers/address");
const { answer } = await load("layers/quiet");
const { solve } = await load("layers/puzzle");

const DAY = 864e5;
const NOW = 1795341600000;
const PLAN = { lists: ["a"], later: 7, decline: 365 };

test("an address mistyped by two letters is suggested as it was meant", () => {
  const meant = {
    "a@gmial.com": "a@gmail.com",
    "a@gmail.con": "a@gmail.com",
    "a@gmal.co": "a@gmail.com",
    "A.B+c@GMAIL.CM": "A.B+c@gmail.com",
    "  a@hotmial.com ": "a@hotmail.com",
    "a@outlok.com": "a@outlook.com",
    "a@yaho.com": "a@yahoo.com",
    "a@iclould.com": "a@icloud.com",
    "a@aol.co": "a@aol.com",
    "a@live.con": "a@live.com",
  };
  for (const [typed, right] of Object.entries(meant)) assert.equal(correct(typed), right, typed);
});

test("what is right, or like nothing, is not doubted", () => {
  const plain = ["gmail.com", "ymail.com", "mail.com", "me.com", "msn.com", "gmx.de", "gmx.net", "web.de", "mac.com"];
  const more = ["yahoo.fr", "hotmail.co.uk", "outlook.es", "live.nl", "mail.ru", "example.org", "", "g", "gmail"];
  for (const domain of [...plain, ...more]) assert.equal(correct("reader@" + domain), undefined, domain);
  assert.equal(correct(""), undefined);
});

test("the provider is known by the address's domain", () => {
  assert.deepEqual(providerOf("a@GoogleMail.com").slice(0, 2), ["Gmail", "mail.google.com"]);
  assert.deepEqual(providerOf("a@hotmail.com").slice(0, 2), ["Outlook", "outlook.live.com"]);
  for (const none of ["a@example.org", "a@gmail", "a@mail.google.com", "Gmail", ""]) assert.deepEqual(providerOf(none), []);
});

const days = (text) => (parseFloat(text) - NOW) / DAY;
const untilOf = (text) => parseInt(text, 10);

test("a no holds as long as the site file says, a later doubles each time and is no longer than a no", () => {
  assert.equal(Math.round(days(answer(undefined, NOW, PLAN, false))), 365);
  let kept;
  let now = NOW;
  const waits = [];
  for (let time = 0; time < 12; time += 1) {
    kept = answer(kept, now, PLAN, true);
    waits.push((untilOf(kept) - now) / DAY);
    now = untilOf(kept);
  }
  assert.deepEqual(waits, [7, 14, 28, 56, 112, 224, 365, 365, 365, 365, 365, 365]);
});

test("what is kept is a number, which tells how often and when it was answered", () => {
  const first = answer(undefined, NOW, PLAN, true);
  assert.equal(first, `${NOW + 7 * DAY}.1${NOW}`);
  assert.ok(first > NOW && !(first > NOW + 7 * DAY + 1));
  assert.ok("Infinity" > NOW);
  assert.equal(answer(first, NOW + 8 * DAY, PLAN, false), `${NOW + 373 * DAY}.1${NOW + 8 * DAY}`);
});

test("there are at most two offers a week, however short the site's later is", () => {
  const plan = { ...PLAN, later: 1 };
  let kept;
  let now = NOW;
  const shown = [];
  for (let time = 0; time < 8; time += 1) {
    shown.push(now / DAY);
    kept = answer(kept, now, plan, true);
    assert.ok(untilOf(kept) - now >= DAY);
    now = untilOf(kept);
  }
  for (let at = 2; at < shown.length; at += 1) assert.ok(shown[at] - shown[at - 2] >= 7);
});

test("what is garbled keeps nobody from being heard", () => {
  for (const kept of ["", "x", "1.2", "NaN.x", "Infinity"]) {
    const until = untilOf(answer(kept, NOW, PLAN, false));
    assert.ok(until >= NOW + 365 * DAY, kept);
  }
});

test("a challenge is solved by a number whose derived key begins with so many zero bits", async (context) => {
  const salt = "00ff10a5";
  const service = createServer(({ url }, answer) => {
    assert.equal(url, "/v1/sites/a/signups/challenge");
    answer.end(JSON.stringify({ challenge: "token", salt, cost: 100, bits: 6 }));
  }).listen(0, "127.0.0.1");
  context.after(() => service.close());
  await once(service, "listening");
  const [token, number] = (await solve({ url: `http://127.0.0.1:${service.address().port}`, site: "a" })).split(".");
  assert.equal(token, "token");
  const first = (text) => pbkdf2Sync(text, Buffer.from(salt, "hex"), 100, 32, "sha256")[0];
  assert.equal(first(number) >> 2, 0);
  for (let less = 0; less < Number(number); less += 1) assert.notEqual(first(`${less}`) >> 2, 0);
});
