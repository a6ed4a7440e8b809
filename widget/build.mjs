/**
 * Builds dist/ from src/, measures every file and fails when a part has outgrown budget.json.
 *
 * Invariant: the same sources and the same lock file give the same bytes.
 */
import { build, transform } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { minify } from "terser";
import { sampleWords, sampleSettings } from "./test/sample.mjs";

const here = (path) => new URL(path, import.meta.url);
const TOKEN = '"__SETTINGS__"';
const PARTS = {
  loader: "src/loader.ts",
  notice: "src/layers/notice.ts",
  preferences: "src/layers/preferences.ts",
  placeholder: "src/layers/placeholder.ts",
  clear: "src/late.ts", // What follows a choice, clearing among it.
  carry: "src/carry.ts",
  signup: "src/layers/signup.ts",
};
/** What a visitor's browser has fetched by each step; by itself stands what some sites alone have. */
const STEPS = {
  loader: ["loader"],
  first_view: ["loader", "notice"],
  everything: ["loader", "notice", "preferences", "placeholder", "clear"],
  carry: ["carry"],
  signup: ["signup"],
};

/**
 * Properties and exports that pass between our own parts alone, to be named by a letter: none is written to the wire,
 * met in the browser's interfaces or promised to a page, unless it stands in quotes there. All parts must give one name
 * the same letter.
 */
const OURS = new RegExp(
  `^(${[
    "act|ask|asking|carry|changed|choice|cover|decide|desk|fetchLayer|fill|flush|gates|gives|hold|keep|link|make",
    "makeButton|makeDecide|makePolicies|makeRoot|offerReopen|openSettings|overruled|post|print|read|runs|scan|settings",
    "settle|settled|show|showWay|spread|standing|tell|until|useGround|watch|weigh",
  ].join("|")})$`,
);
// `T` is the service's: no letter for one of ours.
let letters = { T: false };

async function minifyStyle(path) {
  const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
  // Spaces that change nothing, some of which are kept as they stand, in a property of our own.
  return code.trim().replace(/(?<=[,:]) /g, "");
}

/** A style sheet imports as its minified text. */
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      return { contents: await minifyStyle(path), loader: "text" };
    }),
};

/** One file of a part and all it imports. */
async function bundle(name) {
  const { outputFiles, mangleCache } = await build({
    entryPoints: [here(PARTS[name]).pathname],
    bundle: true,
    minifySyntax: true,
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

/**
 * What the loader begins with: nearly all of it runs at once, so a browser that knows the hint compiles it whole while
 * it arrives, away from the page's main thread (Explicit JavaScript Compile Hints).
 */
const HINT = "//# allFunctionsCalledOnLoad\n";

/** A part's exports, which end it, by the letters that the other parts know them by. */
const withLetters = (code) =>
  code.replace(/export\{.*\};$/, (names) => names.replace(/\w+(?=[,}])/g, (name) => letters[name] ?? name));

/** The same, as short as it can be said. `T` is the service's to put before it. */
async function shorten(text) {
  const { code } = await minify(text, {
    ecma: 2020,
    module: true,
    toplevel: true,
    compress: { passes: 4, unsafe_arrows: true, keep_fargs: false, hoist_props: true, hoist_funs: true, inline: 1 },
    mangle: { reserved: ["T"] },
    format: { ascii_only: false },
  });
  return withLetters(code);
}

const sizes = (text) => ({
  raw: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).length,
  brotli: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
});

/** JSON as the service writes it, names without quotes. */
const literal = (value) => JSON.stringify(value).replace(/"([A-Za-z_]\w*)":/g, "$1:");

/** What the service sends: the loader with settings, a layer behind the words of one language. */
const served = (name, text) =>
  name === "loader"
    ? text.replace(TOKEN, () => literal(sampleSettings))
    : `export const T=${literal(sampleWords[name])};\n${text}\n`;

function checkBudget(budget, manifest) {
  console.table(
    Object.fromEntries(
      Object.entries(manifest.served).map(([name, { raw, gzip, brotli }]) => [
        name,
        { bare: manifest.files[`${name}.js`].brotli, raw, gzip, brotli },
      ]),
    ),
  );
  for (const [step, most] of Object.entries(budget)) {
    const measured = STEPS[step].reduce((total, name) => total + manifest.served[name].brotli, 0);
    const isOver = measured > most;
    if (isOver) process.exitCode = 1;
    console.log(`${step}: ${measured} of ${most} bytes (brotli)${isOver ? ", OVER" : ""}`);
  }
}

/** Style sheets that the service sends with a layer's words, where they are needed. */
const ADDED = ["privacy_choices"];

const texts = {};
for (const name of Object.keys(PARTS)) texts[name] = await bundle(name);
// Only now every name has its letter.
for (const [name, text] of Object.entries(texts)) texts[name] = await shorten(text);
texts.loader = HINT + texts.loader;
if (texts.loader.split(TOKEN).length !== 2) throw new Error(`loader.js must hold ${TOKEN} exactly once`);
const manifest = { files: {}, served: {} };
for (const [name, text] of Object.entries(texts)) {
  await writeFile(here(`dist/${name}.js`), text);
  manifest.files[`${name}.js`] = sizes(text);
  manifest.served[name] = sizes(served(name, text));
  await transform(served(name, text), { loader: "js" }); // Throws if what is put before it clashes with what is built.
}
for (const name of ADDED) await writeFile(here(`dist/${name}.css`), await minifyStyle(here(`src/layers/${name}.css`)));
await writeFile(here("dist/manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
checkBudget(JSON.parse(await readFile(here("budget.json"), "utf8")), manifest);
