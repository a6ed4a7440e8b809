/**
 * Passes a page's own gated scripts through Trusted Types, where the page enforces them.
 *
 * Invariant: only text that already stood in a script element of this page goes through here, and that of an
 * empty script.
 */
interface Policy {
  createScript(text: string): string;
  createScriptURL(text: string): string;
}
interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

const same = (text: string): string => text;
let policy: Policy | undefined;

/** Made when first needed: a page without gated scripts need not allow the policy's name. */
function usePolicy(): Policy {
  const rules = { createScript: same, createScriptURL: same };
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  return (policy ??= factory?.createPolicy("consent", rules) ?? rules);
}

/** The value in the form that a script's attribute of this name (or its text) takes. */
export function insertable(name: string, value: string): string {
  if (name === "src") return usePolicy().createScriptURL(value);
  return name === "text" || name.startsWith("on") ? usePolicy().createScript(value) : value;
}
