import type { Filter, Rule } from "./objects.ts";

/** What is done with requests that are sent on: a redirect sends none. */
const OF_FORWARDING = new Set(["URLRewrite", "RequestMirror"]);

const HEADER_NAME = /^[\w!#$%&'*+\-.^`|~]+$/;

/**
 * Why a rule is dropped, and told of, as reasons that may be said: it asks for what it may not (HTTPHeaderFilter: one action
 * for each header, by its name), for what sessions here do not have (SessionPersistence.absoluteTimeout, but for permanent cookies), or
 * for filters that exclude each other (RouteReasonIncompatibleFilters). None: it is served.
 */
export function refusals({ filters = [], backendRefs = [], sessionPersistence }: Rule): string[] {
  const ofBackends = backendRefs.map((ref) => ref.filters ?? []);
  const { type = "Cookie", absoluteTimeout, cookieConfig } = sessionPersistence ?? {};
  const isPermanent = type === "Cookie" && cookieConfig?.lifetimeType === "Permanent";
  const isWrong =
    [...filters, ...ofBackends.flat()].some(hasWrongHeaders) ||
    (absoluteTimeout !== undefined && !isPermanent);
  const isRedirectedAndSent =
    excludeEachOther(filters, filters) ||
    ofBackends.some((own) => excludeEachOther(own, [...filters, ...own]));
  return [
    ...(isWrong ? ["UnsupportedValue"] : []),
    ...(isRedirectedAndSent ? ["IncompatibleFilters"] : []),
  ];
}

export function isRefused(rule: Rule): boolean {
  return refusals(rule).length > 0;
}

function excludeEachOther(own: readonly Filter[], all: readonly Filter[]): boolean {
  return (
    own.some(({ type }) => type === "RequestRedirect") &&
    all.some(({ type }) => OF_FORWARDING.has(type))
  );
}

/** Names of headers to remove are the ones that the CRDs do not look at. */
function hasWrongHeaders({ requestHeaderModifier, responseHeaderModifier }: Filter): boolean {
  return [requestHeaderModifier, responseHeaderModifier].some((modifier) => {
    const { set = [], add = [], remove = [] } = modifier ?? {};
    const names = [...[...set, ...add].map(({ name }) => name), ...remove];
    return (
      remove.some((name) => !HEADER_NAME.test(name)) ||
      new Set(names.map((name) => name.toLowerCase())).size < names.length
    );
  });
}
