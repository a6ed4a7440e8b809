import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { makeId } = await load("ids");
const { pickLanguage } = await load("language");

test("ids are UUIDv7 of their time", () => {
  const now = 1795341600123;
  const ids = Array.from({ length: 500 }, () => makeId(now));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) {
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.equal(parseInt(id.slice(0, 8) + id.slice(9, 13), 16), now);
  }
});

test("the page's language comes first, then the browser's, then the site's", () => {
  const site = { languages: ["en", "es", "zh-Hant", "pt-BR", "no"], aliases: { nb: "no", "zh-tw": "zh-Hant", pt: "pt-BR" } };
  const pick = (...wanted) => pickLanguage(site, wanted);
  assert.equal(pick("es-MX", "en"), "es");
  assert.equal(pick("", "zh-Hant-TW"), "zh-Hant");
  assert.equal(pick("PT_br"), "pt-BR");
  assert.equal(pick("fr", "de"), "en");
  assert.equal(pick(), "en");
  assert.equal(pick("nb-NO"), "no");
  assert.equal(pick("zh-TW", "es"), "zh-Hant");
  assert.equal(pick("pt-PT"), "pt-BR");
  assert.equal(pickLanguage({ languages: ["en", "es"] }, ["nb", "constructor", "__proto__", "es"]), "es");
});
