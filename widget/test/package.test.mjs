/**
 * The package as an app installs it: what is in it, that a server may import it, and how little it weighs.
 */
import assert from "node:assert/strict";
import { build } from "esbuild";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { TYPES, types } from "../types.mjs";
import { install } from "./apps/bundle.mjs";

const folder = mkdtempSync(join(tmpdir(), "consent-page-"));
after(() => rmSync(folder, { recursive: true }));
const installed = install(folder);
const own = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

/** What a module of the app prints, run by a Node of its own. */
function run(script) {
  writeFileSync(join(folder, "app.mjs"), script);
  return execFileSync(process.execPath, ["app.mjs"], { cwd: folder, encoding: "utf8" });
}

test("its types are those of the widget's sources", () => {
  assert.equal(readFileSync(TYPES, "utf8"), types(), "run npm run build");
});

test("it holds what it needs and no more", () => {
  const code = ["index", "react", "vue"].flatMap((name) => [`${name}.d.ts`, `${name}.js`]);
  const wanted = [...code, "LICENSE", "README.md", "package.json", "types.d.ts"];
  assert.deepEqual(readdirSync(installed).sort(), wanted.sort());
  assert.equal(own("../package/LICENSE"), own("../../LICENSE"));
  assert.equal(JSON.parse(own("../package/package.json")).version, JSON.parse(own("../package.json")).version);
});

test("every way in has its types", () => {
  const { exports } = JSON.parse(own("../package/package.json"));
  for (const way of Object.values(exports).filter((one) => one.types))
    for (const path of Object.values(way)) assert.ok(own(join("../package", path)).length);
});

test("on a server it does nothing and permits nothing", () => {
  const said = run(`
    const before = Reflect.ownKeys(globalThis).length;
    const { installed, load, permits, snapshot } = await import("consent-page");
    let kept = false;
    load({ url: "https://consent.example", site: "miami-new-times" }).then(() => (kept = true), () => (kept = true));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const same = Reflect.ownKeys(globalThis).length === before;
    console.log(JSON.stringify([same, kept, installed() ?? null, permits("analytics"), snapshot()]));
  `);
  assert.deepEqual(JSON.parse(said), [true, false, null, false, null]);
});

test("an app that uses it type-checks, its libraries as well", () => {
  const files = ["globals.d.ts", "react.tsx", "types.ts", "vue.ts"];
  for (const file of files) writeFileSync(join(folder, file), own(`apps/${file}`));
  const options = "--noEmit --strict --target es2022 --jsx react-jsx --module nodenext --skipLibCheck false".split(" ");
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("each framework's part comes without the other's", () => {
  for (const [framework, other] of [["react", "vue"], ["vue", "react"]]) {
    const said = run(`console.log(Object.keys(await import("consent-page/${framework}")).sort().join())`);
    assert.equal(said.trim(), "Gate,load,openPreferences,useConsent");
    assert.doesNotMatch(own(`../package/${framework}.js`), new RegExp(`from "${other}"`));
  }
});

test("each weighs less than 1 KB, its framework aside", async () => {
  for (const framework of ["react", "vue"]) {
    const { outputFiles } = await build({
      entryPoints: [join(installed, `${framework}.js`)],
      external: ["react", "vue"],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
    });
    const size = brotliCompressSync(outputFiles[0].contents).length;
    assert.ok(size < 1024, `${framework}: ${size} bytes`);
  }
});
