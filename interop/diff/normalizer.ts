const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const HTTP_DATE =
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b/g;

const ONLY_DIGITS = /^\d+$/;

/** Replaces what differs between any two runs by a name, and nothing else. */
export class Normalizer {
  readonly #names: readonly (readonly [string | RegExp, string])[];
  readonly #sent: string;

  /** `names`: exact texts and what to call them. `sent`: what the client sent; ids in it are no accident and stay. */
  constructor(names: ReadonlyMap<string, string>, sent: string) {
    // The longest first: an address before its port, a cluster's name before its case's.
    this.#names = [...names]
      .filter(([text]) => text !== "")
      .sort(([a], [b]) => b.length - a.length)
      .map(([text, name]) => [ONLY_DIGITS.test(text) ? wholeNumber(text) : text, name]);
    this.#sent = sent;
  }

  apply(value: string): string {
    let text = value
      .replaceAll(HTTP_DATE, "<date>")
      // Before the names: an id may contain the digits of a port.
      .replaceAll(UUID, (id, version: string) =>
        this.#sent.includes(id) ? id : `<uuid ${version}>`,
      );
    for (const [from, to] of this.#names) text = text.replaceAll(from, to);
    return text;
  }
}

/** A port may begin like a larger number that has nothing to do with it. */
function wholeNumber(digits: string): RegExp {
  return new RegExp(`(?<!\\d)${digits}(?!\\d)`, "g");
}
