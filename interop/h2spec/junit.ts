/** One case of h2spec. */
export interface SpecCase {
  /** Its section of the specification and its place there, as in `http2/5.1/3`. */
  readonly id: string;
  readonly text: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What was expected and seen, when it failed. */
  readonly detail: string;
}

/** Reads the report that h2spec writes with `-j`. Its form is always the same: no XML parser is needed. */
export function readJunit(xml: string): SpecCase[] {
  const cases: SpecCase[] = [];
  const places = new Map<string, number>();
  const pattern = /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, attributes = "", inner = ""] of xml.matchAll(pattern)) {
    const section = attribute(attributes, "package");
    const place = (places.get(section) ?? 0) + 1;
    places.set(section, place);
    const outcome = /<(?:failure|error)\b/.test(inner)
      ? "failed"
      : inner.includes("<skipped")
        ? "skipped"
        : "passed";
    const said = inner.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
    cases.push({
      id: `${section}/${place}`,
      text: attribute(attributes, "classname"),
      outcome,
      detail: outcome === "failed" ? unescapeXml(said).trim() : "",
    });
  }
  return cases;
}

function attribute(text: string, name: string): string {
  return unescapeXml(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "");
}

function unescapeXml(text: string): string {
  const named: { readonly [name: string]: string } = {
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    amp: "&",
  };
  return text.replaceAll(/&(?:#x?([0-9A-Fa-f]+)|(\w+));/g, (all, code: string, name: string) => {
    if (name !== undefined) return named[name] ?? all;
    return String.fromCodePoint(Number.parseInt(code, all.startsWith("&#x") ? 16 : 10));
  });
}
