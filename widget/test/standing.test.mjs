import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { sampleSettings } from "./sample.mjs";

const { isGiven, permits, stand } = await load("standing");

const NOW = 1795341600000;
const all = (given) => new Map(sampleSettings.purposes.map(({ id }) => [id, given]));
const made = (changes) => ({
  material: sampleSettings.material,
  subject: "",
  record: "",
  decided: NOW - 1000,
  expires: NOW + 1000,
  purposes: all(true),
  services: new Map(),
  receipt: "",
  ...changes,
});
const under = (regime) => ({ ...sampleSettings, regime });
const given = ({ purposes }) => [...purposes].filter(([, yes]) => yes).map(([id]) => id);

test("nothing is given before a choice under opt-in, or under a regime that is not known", () => {
  for (const regime of ["opt_in", "auto", "", undefined, "toString"]) {
    const standing = stand(under(regime), undefined, NOW, false);
    assert.deepEqual(given(standing), []);
    assert.equal(standing.asking, true);
    assert.deepEqual(standing.changed, []);
  }
});

test("a living choice against the same notice holds as it is", () => {
  const purposes = new Map([...all(false), ["content", true]]);
  const choice = made({ purposes, services: new Map([["twitter", false]]) });
  const standing = stand(sampleSettings, choice, NOW, true);
  assert.equal(standing.asking, false);
  assert.deepEqual(given(standing), ["content"]);
  assert.equal(permits(sampleSettings, standing, "content", "youtube"), true);
  assert.equal(permits(sampleSettings, standing, "content", "twitter"), false);
  assert.equal(permits(sampleSettings, standing, "analytics", "youtube"), false);
});

test("what expired is asked again and gives nothing", () => {
  const standing = stand(sampleSettings, made({ expires: NOW, services: new Map([["youtube", true]]) }), NOW, false);
  assert.equal(standing.asking, true);
  assert.deepEqual(given(standing), []);
  assert.equal(isGiven(sampleSettings, standing, "youtube"), false);
});

test("after a material change only the unchanged grants hold", () => {
  const standing = stand(sampleSettings, made({ material: "1111111111111111" }), NOW, false);
  assert.equal(standing.asking, true);
  assert.deepEqual(standing.changed, ["advertising"]);
  assert.deepEqual(given(standing), ["analytics", "content"]);
});

test("after a change nobody can name, nothing holds", () => {
  for (const material of ["2222222222222222", "constructor", "__proto__"]) {
    const standing = stand(sampleSettings, made({ material }), NOW, false);
    assert.equal(standing.changed, undefined);
    assert.deepEqual(given(standing), []);
  }
});

test("a refusal outlives everything that would grant by itself", () => {
  for (const regime of ["opt_in", "opt_out", "notice_only"])
    for (const material of [sampleSettings.material, "1111111111111111", "2222222222222222"])
      for (const expires of [NOW - 1, NOW + 1]) {
        const refused = made({ material, expires, purposes: all(false), services: new Map([["youtube", false]]) });
        assert.deepEqual(given(stand(under(regime), refused, NOW, false)), [], `${regime} ${material} ${expires}`);
        const service = made({ material, expires, services: new Map([["youtube", false]]) });
        assert.equal(isGiven(under(regime), stand(under(regime), service, NOW, false), "youtube"), false);
      }
});

test("under opt-out, Global Privacy Control keeps back what is sold or shared", () => {
  assert.deepEqual(given(stand(under("opt_out"), undefined, NOW, false)), ["analytics", "content", "advertising"]);
  assert.deepEqual(given(stand(under("opt_out"), undefined, NOW, true)), ["analytics", "content"]);
});

test("ids that the site does not have are never permitted", () => {
  const standing = stand(sampleSettings, made({ purposes: new Map([...all(true), ["other", true]]) }), NOW, false);
  for (const id of ["other", "", "__proto__", "constructor", "!analytics"]) {
    assert.equal(permits(sampleSettings, standing, id), false);
    assert.equal(isGiven(sampleSettings, standing, id), false);
  }
  assert.equal(isGiven(sampleSettings, standing, "necessary"), true);
});
