/**
 * Writes package/types.d.ts: what `window.consent` is, taken word for word from the sources that build it.
 *
 * Invariant: each of these types has one definition, in src/; a test fails when the file is not what this writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const TYPES = new URL("package/types.d.ts", import.meta.url);
/** Each type by the source that defines it, in the order they are told. */
const WANTED = { wire: ["Regime", "Receipt", "Kind", "Kept", "Cleared", "SignedUp"], api: ["ConsentState", "ConsentEvent", "ConsentDetails", "ConsentCall", "Consent"] };

const HEAD = `/**
 * What \`window.consent\` is. Written by \`npm run build\` from the widget's sources.
 */
`;

/** A declaration with the comment before it; Prettier puts its end at the start of a line, or on its own one. */
function declaration(source, name) {
  const found = new RegExp(
    String.raw`^(?:/\*\*(?:(?!\*/)[\s\S])*\*/\n)?export (?:interface ${name} \{\n[\s\S]*?^\}|type ${name} =[^;]*;)`,
    "m",
  ).exec(source);
  if (!found) throw new Error(`no type ${name} in the sources`);
  return found[0];
}

export function types() {
  const told = Object.entries(WANTED).flatMap(([file, names]) => {
    const source = readFileSync(new URL(`src/${file}.ts`, import.meta.url), "utf8");
    return names.map((name) => declaration(source, name));
  });
  return `${HEAD}${told.join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TYPES, types());
