/**
 * Builds dist/ from src/, measures every file and fails when a part has outgrown budget.json.
 *
 * Invariant: the same sources and the same lock file give the same bytes.
 */
import { build, transform } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { sampleWords, sampleSettings } from "./test/sample.mjs";

const here = (path) => new URL(path, import.meta.url);
const TOKEN = '"__SETTINGS__"';
const PARTS = {
  loader: "src/loader.ts",
  notice: "src/layers/notice.ts",
  preferences: "src/layers/preferences.ts",
  placeholder: "src/layers/placeholder.ts",
};

/**
 * Properties that pass between our own parts alone, to be named by a letter: none is exported by a module, written to
 * the wire, met in the browser's interfaces or promised to a page. All parts must give one name the same letter.
 */
const OURS = /^(asking|fetchKit|hasOverrun|hold|offerReopen|scan|spread|standing|tell|unhide|weigh)$/;
let letters = {};

/** A style sheet imports as its minified text. */
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: code.trim(), loader: "text" };
    }),
};

async function bundle(name) {
  const { outputFiles, mangleCache } = await build({
    entryPoints: [here(PARTS[name]).pathname],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    target: "es2022",
    format: name === "loader" ? "iife" : "esm",
    plugins: [styles],
    mangleProps: OURS,
    mangleCache: letters,
  });
  letters = mangleCache;
  return outputFiles[0].text;
}

const sizes = (text) => ({
  raw: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).length,
  brotli: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
});

/** What the service sends: the loader with settings, a layer with the words of one language. */
const served = (name, text) =>
  name === "loader"
    ? text.replace(TOKEN, () => JSON.stringify(sampleSettings))
    : `${text}\nexport const T=${JSON.stringify(sampleWords[name])};\n`;

function checkBudget(budget, served) {
  const sum = (...names) => names.reduce((total, name) => total + served[name].brotli, 0);
  const measured = {
    loader: sum("loader"),
    first_view: sum("loader", "notice"),
    everything: sum(...Object.keys(PARTS)),
  };
  for (const [part, most] of Object.entries(budget)) {
    const isOver = measured[part] > most;
    if (isOver) process.exitCode = 1;
    console.log(`${part}: ${measured[part]} of ${most} bytes (brotli)${isOver ? ", OVER" : ""}`);
  }
}

const texts = {};
for (const name of Object.keys(PARTS)) texts[name] = await bundle(name);
if (texts.loader.split(TOKEN).length !== 2) throw new Error(`loader.js must hold ${TOKEN} exactly once`);
const manifest = { files: {}, served: {} };
for (const [name, text] of Object.entries(texts)) {
  await writeFile(here(`dist/${name}.js`), text);
  manifest.files[`${name}.js`] = sizes(text);
  manifest.served[name] = sizes(served(name, text));
  await transform(served(name, text), { loader: "js" }); // Throws if what is appended clashes with what is built.
}
await writeFile(here("dist/manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
checkBudget(JSON.parse(await readFile(here("budget.json"), "utf8")), manifest.served);
