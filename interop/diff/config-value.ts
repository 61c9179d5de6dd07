/** Free-form configuration in Envoy's YAML shape. */
export type Config = { [key: string]: unknown };

/** Merges `over` into a copy of `base`: objects key by key, null removes, everything else replaces. */
export function merge(base: Config, over: Config | undefined): Config {
  const result: Config = structuredClone(base);
  for (const [key, value] of Object.entries(over ?? {})) {
    const old = result[key];
    if (value === null) delete result[key];
    else if (isConfig(old) && isConfig(value)) result[key] = merge(old, value);
    else result[key] = structuredClone(value);
  }
  return result;
}

export function isConfig(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy of `value` in which `replace` was applied to every string, keys included. */
export function mapStrings(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, replace));
  if (!isConfig(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [String(replace(key)), mapStrings(item, replace)]),
  );
}
