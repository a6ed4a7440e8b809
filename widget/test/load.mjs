/**
 * Gives tests a module of src/ as the browser gets it: its TypeScript bundled, nothing replaced.
 */
import { build } from "esbuild";

let loaded = 0;

/** A new instance at each call. */
export async function load(name) {
  const entry = new URL(`../src/${name}.ts`, import.meta.url).pathname;
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}#${(loaded += 1)}`);
}
