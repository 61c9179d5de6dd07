/** The domain of a listener or route that names none: all. */
const ANY_DOMAIN = "*";

/** A host name as domains are compared: lower case, `*` for none. */
export function domainOf(hostname: string | undefined): string {
  return hostname === undefined || hostname === "" ? ANY_DOMAIN : hostname.toLowerCase();
}

/** Each name of the narrow domain is one of the wide domain: `*.example.com` covers `a.b.example.com`, not `example.com`. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === ANY_DOMAIN || wide === narrow) return true;
  return wide.startsWith("*.") && narrow.length >= wide.length && narrow.endsWith(wide.slice(1));
}

/** The names that two domains have in common; undefined: none. */
export function intersection(a: string, b: string): string | undefined {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : undefined;
}

/** All domains that cover this one and are not the same, the narrowest first. */
export function widerDomains(domain: string): string[] {
  const wider: string[] = [];
  const labels = domain.split(".").slice(1);
  if (domain.startsWith("*.")) labels.shift();
  for (; labels.length > 0; labels.shift()) wider.push(`*.${labels.join(".")}`);
  if (domain !== ANY_DOMAIN) wider.push(ANY_DOMAIN);
  return wider;
}
