/**
 * `node bundle.mjs FOLDER`: packs the package as it would be published, installs it in FOLDER as an app would, and
 * writes there each app's client (`react.js`, `vue.js`), what a server renders of it (`react.html` …), and `plain.js`, which needs no framework.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PEERS = ["react", "react-dom", "vue", "@types/react", "csstype"];

/** Unpacks the package into the folder's node_modules; gives back where. */
export function install(folder) {
  const modules = join(folder, "node_modules");
  const installed = join(modules, "consent-page");
  for (const made of [installed, join(modules, "@types")]) mkdirSync(made, { recursive: true });
  for (const peer of PEERS) symlinkSync(here(`../../node_modules/${peer}`), join(modules, peer));
  const said = execFileSync("npm", ["pack", here("../../package"), "--json", "--pack-destination", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const archive = JSON.parse(said)[0].filename;
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", installed, "--strip-components=1"]);
  return installed;
}

/** One of the entries beside this file, with what it imports from the folder's node_modules. */
async function bundle(folder, entry, outfile, options) {
  await build({
    entryPoints: [here(entry)],
    bundle: true,
    outfile: join(folder, outfile),
    format: "esm",
    nodePaths: [join(folder, "node_modules")],
    // Not ours, which knows the package by its sources.
    tsconfigRaw: { compilerOptions: { jsx: "react-jsx" } },
    logLevel: "error",
    ...options,
  });
}

const BROWSER = {
  // The development builds, as they tell of hydration that does not fit, and mount everything twice in strict mode.
  define: {
    "process.env.NODE_ENV": '"development"',
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
  },
  conditions: ["development"],
};

async function bundleApp(folder, name) {
  await bundle(folder, `${name}.client.mjs`, `${name}.js`, BROWSER);
  await bundle(folder, `${name}.server.mjs`, `${name}.server.mjs`, { packages: "external" });
  const { html } = await import(pathToFileURL(join(folder, `${name}.server.mjs`)));
  writeFileSync(join(folder, `${name}.html`), await html());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  install(folder);
  for (const name of ["react", "vue"]) await bundleApp(folder, name);
  await bundle(folder, "plain.client.mjs", "plain.js", BROWSER);
}
