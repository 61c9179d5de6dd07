import type { CompiledScope } from "./scope-compiler.ts";

/**
 * What stands against scopes that come together: two with one key, in Envoy's words; null for nothing. `kept` are those
 * that are there and stay, unless one of their name comes.
 */
export function keyConflict(
  kept: readonly CompiledScope[],
  added: readonly CompiledScope[],
): string | null {
  const replaced = new Set(added.map(({ name }) => name));
  const byKey = new Map<string, string>();
  for (const { name, key } of kept) if (!replaced.has(name)) byKey.set(key, name);
  for (const { name, key } of added) {
    const first = byKey.get(key);
    if (first !== undefined && first !== name)
      return `Error adding/updating scoped route(s): scope key conflict found, first scope is '${first}', second scope is '${name}'`;
    byKey.set(key, name);
  }
  return null;
}
