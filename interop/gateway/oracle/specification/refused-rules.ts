import type { Filter, Rule } from "./objects.ts";

/**
 * Whether a rule asks for what it may not (HTTPHeaderFilter: one action for each header), or for what sessions here do not
 * have (SessionPersistence.absoluteTimeout, but for permanent cookies). Such a rule is dropped, and told of.
 */
export function isRefused({ filters = [], backendRefs = [], sessionPersistence }: Rule): boolean {
  const all = [...filters, ...backendRefs.flatMap((ref) => ref.filters ?? [])];
  const { type = "Cookie", absoluteTimeout, cookieConfig } = sessionPersistence ?? {};
  const isPermanent = type === "Cookie" && cookieConfig?.lifetimeType === "Permanent";
  return all.some(hasTwoActions) || (absoluteTimeout !== undefined && !isPermanent);
}

function hasTwoActions({ requestHeaderModifier, responseHeaderModifier }: Filter): boolean {
  return [requestHeaderModifier, responseHeaderModifier].some((modifier) => {
    const { set = [], add = [], remove = [] } = modifier ?? {};
    const names = [...[...set, ...add].map(({ name }) => name), ...remove];
    return new Set(names.map((name) => name.toLowerCase())).size < names.length;
  });
}
