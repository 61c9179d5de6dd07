/** What `/etc/resolv.conf` says about names that are not complete. */
export interface SearchConfig {
  readonly domains: readonly string[];
  /** A name with at least this many dots is tried as it is first. */
  readonly ndots: number;
}

/** resolv.conf(5): the last `search` or `domain` line counts. */
export function parseSearchConfig(text: string): SearchConfig {
  let domains: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword = "", ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "search") domains = values;
    else if (keyword === "domain") domains = values.slice(0, 1);
    else if (keyword === "options") {
      for (const option of values) {
        const match = /^ndots:(\d+)$/.exec(option);
        if (match !== null) ndots = Math.min(15, Number(match[1]));
      }
    }
  }
  return { domains: domains.filter((domain) => domain !== "."), ndots };
}

/** The names to ask for in turn until one has an address. A final dot says that a name is complete. */
export function candidateNames(name: string, { domains, ndots }: SearchConfig): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const dots = name.split(".").length - 1;
  const completed = domains.map((domain) => `${name}.${domain.replace(/\.$/, "")}`);
  return dots >= ndots ? [name, ...completed] : [...completed, name];
}
