import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { sampleSettings } from "./sample.mjs";

const { isGiven, opens, permits, stand } = await load("standing");

const NOW = 1795341600000;
const REGIMES = ["opt_in", "opt_out", "notice_only"];
const UNKNOWN = ["auto", "", undefined, "toString"];
const SALE = "advertising";
const all = (given) => new Map(sampleSettings.purposes.map(({ id }) => [id, given]));
const made = (changes) => ({
  gpc: false,
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
const under = (regime) => ({ ...sampleSettings, layout: { ...sampleSettings.layout, regime } });
const given = ({ purposes }) => [...purposes].filter(([, yes]) => yes).map(([id]) => id);
const standUnder = (regime, choice, gpc = false) => stand(under(regime), choice, NOW, gpc);

/** Every choice that can be, over the things that matter: each purpose given, refused or not in it, and its making. */
function* everyChoice() {
  const [first, second, third] = sampleSettings.purposes;
  const answers = [true, false, undefined];
  for (const a of answers)
    for (const b of answers)
      for (const c of answers)
        for (const service of answers)
          for (const gpc of [true, false])
            for (const expires of [NOW, NOW + 1])
              for (const material of [sampleSettings.material, "1111111111111111", "2222222222222222", "__proto__"]) {
                const told = (pairs) => new Map(pairs.filter(([, yes]) => yes !== undefined));
                const purposes = told([[first.id, a], [second.id, b], [third.id, c]]);
                const services = told([["youtube", service], ["google-ads", service]]);
                yield made({ purposes, services, gpc, expires, material });
              }
}

test("nothing is given before a choice under opt-in, or under a regime that is not known", () => {
  for (const regime of ["opt_in", ...UNKNOWN])
    for (const gpc of [true, false]) {
      const standing = standUnder(regime, undefined, gpc);
      assert.deepEqual(given(standing), []);
      assert.equal(standing.settled, false);
      assert.equal(standing.decided, false);
      assert.deepEqual(standing.changed, []);
    }
});

test("whatever was stored, a refusal outlives everything that would grant by itself", () => {
  for (const choice of everyChoice())
    for (const regime of [...REGIMES, ...UNKNOWN])
      for (const gpc of [true, false]) {
        const standing = standUnder(regime, choice, gpc);
        for (const [id, yes] of choice.purposes) if (!yes) assert.equal(permits(standing, id), false);
        for (const [id, yes] of choice.services)
          if (!yes) assert.equal(isGiven(standing, id), false, `${regime} ${id}`);
      }
});

test("under opt-in, and under what is not known, only a living yes to the same purpose gives", () => {
  for (const choice of everyChoice())
    for (const regime of ["opt_in", ...UNKNOWN])
      for (const gpc of [true, false]) {
        const standing = standUnder(regime, choice, gpc);
        const isAlive = choice.expires > NOW;
        const isKnown = choice.material === sampleSettings.material || choice.material === "1111111111111111";
        for (const id of given(standing)) {
          assert.ok(isAlive && isKnown && choice.purposes.get(id), `${regime} ${id}`);
          if (choice.material === "1111111111111111") assert.notEqual(id, SALE);
        }
        if (!isAlive || !isKnown) for (const id of standing.services.values()) assert.equal(id, false);
      }
});

test("Global Privacy Control gives nothing that would not be given without it, and asks nobody anew", () => {
  for (const choice of [undefined, ...everyChoice()])
    for (const regime of REGIMES) {
      const [without, withIt] = [false, true].map((gpc) => standUnder(regime, choice, gpc));
      for (const id of given(withIt)) assert.ok(given(without).includes(id));
      if (withIt.asking) assert.ok(without.asking);
      assert.equal(without.overruled, false);
    }
});

test("before any choice the signal refuses what is sold or shared, and the banner is not shown", () => {
  assert.deepEqual(given(standUnder("opt_out", undefined)), ["analytics", "content", SALE]);
  for (const regime of REGIMES) {
    const standing = standUnder(regime, undefined, true);
    assert.deepEqual(given(standing), regime === "opt_in" ? [] : ["analytics", "content"]);
    assert.equal(standing.asking, false);
    assert.equal(standing.decided, false);
    assert.equal(standing.settled, regime !== "opt_in");
  }
});

test("a choice made with the signal on wins as it is", () => {
  for (const regime of REGIMES) {
    const standing = standUnder(regime, made({ gpc: true }), true);
    assert.deepEqual(given(standing), ["analytics", "content", SALE]);
    assert.equal(standing.overruled, false);
  }
});

test("a choice from before the signal is overruled under opt-out alone, and only where it sold or shared", () => {
  for (const regime of REGIMES) {
    const standing = standUnder(regime, made({ services: new Map([["facebook-pixel", true]]) }), true);
    const isOptOut = regime === "opt_out";
    assert.equal(standing.overruled, isOptOut);
    assert.deepEqual(given(standing), ["analytics", "content", ...(isOptOut ? [] : [SALE])]);
    assert.equal(permits(standing, SALE, "facebook-pixel"), !isOptOut);
  }
  const refused = new Map([...all(true), [SALE, false]]);
  assert.equal(standUnder("opt_out", made({ purposes: refused }), true).overruled, false);
  const byService = made({ purposes: refused, services: new Map([["google-ads", true]]) });
  assert.equal(standUnder("opt_out", byService, true).overruled, true);
  assert.equal(permits(standUnder("opt_out", byService, true), SALE, "google-ads"), false);
  assert.equal(standUnder("opt_out", made({ expires: NOW }), true).overruled, false);
});

test("a living choice against the same notice holds as it is", () => {
  const purposes = new Map([...all(false), ["content", true]]);
  const choice = made({ purposes, services: new Map([["twitter", false]]) });
  const standing = stand(sampleSettings, choice, NOW, true);
  assert.equal(standing.asking, false);
  assert.equal(standing.decided, true);
  assert.deepEqual(given(standing), ["content"]);
  assert.equal(permits(standing, "content", "youtube"), true);
  assert.equal(permits(standing, "content", "twitter"), false);
  assert.equal(permits(standing, "analytics", "youtube"), false);
});

test("what expired is asked again and gives nothing", () => {
  const standing = stand(sampleSettings, made({ expires: NOW, services: new Map([["youtube", true]]) }), NOW, false);
  assert.equal(standing.asking, true);
  assert.deepEqual(given(standing), []);
  assert.equal(isGiven(standing, "youtube"), false);
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

test("what stands in for the refused waits for a refusal: nobody's silence is one", () => {
  const marks = ["!analytics", "!content", "!advertising"];
  const opened = (standing, service = null) => marks.filter((mark) => opens(standing, mark, service));
  for (const regime of REGIMES) {
    assert.deepEqual(opened(standUnder(regime, undefined)), []);
    assert.deepEqual(opened(standUnder(regime, undefined, true)), ["!advertising"]);
    assert.deepEqual(opened(standUnder(regime, made({ purposes: all(false) }))), marks);
    assert.deepEqual(opened(standUnder(regime, made())), []);
  }
  const standing = standUnder("opt_in", made({ services: new Map([["youtube", false]]) }));
  assert.equal(opens(standing, "!content", "youtube"), true);
  assert.equal(opens(standing, "!content", "twitter"), false);
  for (const choice of [undefined, ...everyChoice()])
    for (const regime of REGIMES)
      for (const id of ["other", "", "necessary", "__proto__", "!analytics"])
        assert.equal(opens(standUnder(regime, choice, true), "!" + id, null), false);
});

test("nothing runs both as itself and as what stands in for it", () => {
  for (const choice of everyChoice())
    for (const { id, services } of sampleSettings.purposes)
      for (const service of [null, "other", ...services]) {
        const standing = standUnder("opt_out", choice, true);
        assert.ok(!(opens(standing, id, service) && opens(standing, "!" + id, service)));
      }
});

test("ids that the site does not have are never permitted", () => {
  const standing = stand(sampleSettings, made({ purposes: new Map([...all(true), ["other", true]]) }), NOW, false);
  for (const id of ["other", "", "__proto__", "constructor", "!analytics"]) {
    assert.equal(permits(standing, id), false);
    assert.equal(isGiven(standing, id), false);
  }
  assert.equal(isGiven(standing, "necessary"), true);
  assert.equal(isGiven(standing, "twitter"), true);
});
