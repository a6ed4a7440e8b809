import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { find, parse, print, receiptOf } = await load("choice");

const choice = {
  gpc: false,
  material: "9b2e41c07d58f3a6",
  subject: "019a0b0c-1111-7222-8333-444455556666",
  record: "019a0b0c-7777-7888-9999-aaaabbbbcccc",
  decided: 1795341600123,
  expires: 1811066400123,
  purposes: new Map([
    ["analytics", true],
    ["content", false],
    ["advertising", false],
  ]),
  services: new Map([["youtube", true]]),
  receipt: "eyJpZCI6.aGk_-x.Zm9v",
};

test("a choice survives the cookie", () => {
  assert.deepEqual(parse(print(choice)), choice);
  const bare = { ...choice, services: new Map(), receipt: "" };
  assert.deepEqual(parse(print(bare)), bare);
  const signalled = { ...choice, gpc: true };
  assert.deepEqual(parse(print(signalled)), signalled);
  assert.match(print(signalled), /^fc=1g~/);
});

test("the text is the documented one, of cookie-safe characters", () => {
  const [version, material, subject, record, decided, expires, purposes, services, receipt] = print(choice).split("~");
  assert.equal(version, "fc=1");
  assert.equal(material, choice.material);
  assert.deepEqual([subject, record], [choice.subject, choice.record]);
  assert.deepEqual([parseInt(decided, 36), parseInt(expires, 36)], [choice.decided, choice.expires]);
  assert.equal(purposes, "analytics.!content.!advertising");
  assert.equal(services, "youtube");
  assert.equal(receipt, choice.receipt);
  assert.match(print(choice), /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/); // cookie-octet, RFC 6265, section 4.1.1
});

test("any text that is cut short or altered in form is no choice", () => {
  const text = print(choice);
  for (let end = 0; end < text.lastIndexOf("~"); end += 1) assert.equal(parse(text.slice(0, end)), undefined);
  for (const bad of ["", "garbage", "%00%ff", text.replace("1~", "2~"), text.replace("1~", "1gg~"), "g" + text, text.slice(3), text + "~", text + ";", " " + text, text + " x"])
    assert.equal(parse(bad), undefined, bad);
  assert.equal(parse(text.replace("analytics", "ana lytics")), undefined);
  assert.equal(parse(text.replace("!content", "!!content")), undefined);
  assert.equal(parse(text.replace(choice.subject, "not-a-uuid")), undefined);
});

test("names of Object.prototype are ids like others", () => {
  const { purposes } = parse(print({ ...choice, purposes: new Map([["__proto__", false]]) }));
  assert.equal(purposes.get("__proto__"), false);
  assert.equal(purposes.get("constructor"), undefined);
});

test("the newest of several cookies counts, and garbage beside it does not", () => {
  const older = print({ ...choice, decided: choice.decided - 1, purposes: new Map([["analytics", false]]) });
  for (const cookies of [`a=1; ${older}; ${print(choice)}`, `${print(choice)}; ${older}; fc=x`])
    assert.deepEqual(find(cookies), choice);
  assert.equal(find(`x${print(choice)}; fc=`), undefined);
  assert.equal(find(""), undefined);
});

test("a receipt kept outside the cookie is read for its own record alone", () => {
  assert.equal(receiptOf(choice.record, `${choice.record}~${choice.receipt}`), choice.receipt);
  for (const text of [null, "", choice.receipt, `${choice.subject}~${choice.receipt}`, `${choice.record}~`, `${choice.record}~a/b`])
    assert.equal(receiptOf(choice.record, text), "");
});
