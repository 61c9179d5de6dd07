/** What a listener or route without a name has: all. */
const ANY = "*";

/** Whether all names of one are names of the other, in which `*.` stands for one label or more. */
export function covers(wide = ANY, narrow = ANY): boolean {
  const [outer, inner] = [wide.toLowerCase(), narrow.toLowerCase()];
  if (outer === ANY || outer === inner) return true;
  return outer.startsWith("*.") && inner.endsWith(outer.slice(1));
}

/** Of those whose names cover one the narrowest; of equal ones the first. */
export function narrowest<T extends { readonly hostname?: string | undefined }>(
  all: readonly T[],
  name: string,
): T | undefined {
  return all
    .filter(({ hostname }) => covers(hostname, name))
    .toSorted((a, b) => (width(a) === width(b) ? 0 : width(b) - width(a)))[0];
}

/** The names that two have in common; undefined: none. */
export function common(a: string | undefined, b: string | undefined): string | undefined {
  if (covers(a, b)) return (b ?? ANY).toLowerCase();
  return covers(b, a) ? (a ?? ANY).toLowerCase() : undefined;
}

function width({ hostname = ANY }: { readonly hostname?: string | undefined }): number {
  if (hostname === ANY) return 0;
  return hostname.startsWith("*.") ? hostname.length : Infinity;
}
