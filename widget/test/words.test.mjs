import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { makeId } = await load("ids");
const { pickLanguage } = await load("language");
const { inkOn } = await load("look");

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
  const offered = ["en", "es", "zh-Hant", "pt-BR"];
  assert.equal(pickLanguage(offered, ["es-MX", "en"]), "es");
  assert.equal(pickLanguage(offered, ["", "zh-Hant-TW"]), "zh-Hant");
  assert.equal(pickLanguage(offered, ["PT_br"]), "pt-BR");
  assert.equal(pickLanguage(offered, ["fr", "de"]), "en");
  assert.equal(pickLanguage(offered, []), "en");
});

test("the ink on any accent reads at 4.5:1 or better", () => {
  const luminance = (value) => {
    const part = value / 255;
    return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  };
  for (let red = 0; red < 256; red += 15)
    for (let green = 0; green < 256; green += 15)
      for (let blue = 0; blue < 256; blue += 15) {
        const hex = "#" + [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");
        const back = 0.2126 * luminance(red) + 0.7152 * luminance(green) + 0.0722 * luminance(blue);
        const contrast = inkOn(hex) === "#fff" ? 1.05 / (back + 0.05) : (back + 0.05) / 0.05;
        assert.ok(contrast >= 4.5, `${hex} ${contrast}`);
      }
  assert.equal(inkOn("#fff"), "#000");
  assert.equal(inkOn("#c8102e"), "#fff");
});
