import { lowerAscii } from "../matchers/ascii.ts";

/**
 * Finds what belongs to a host: its exact domain, else the longest `*suffix`, else the longest `prefix*`, else `*`.
 * A wildcard stands for one character at least.
 */
export class DomainIndex<T> {
  readonly #ignorePort: boolean;
  readonly #exact = new Map<string, T>();
  readonly #suffixes = new WildcardIndex<T>((host, length) => host.slice(host.length - length));
  readonly #prefixes = new WildcardIndex<T>((host, length) => host.slice(0, length));
  #default: T | null = null;
  /** Of domains other than `*`. */
  #count = 0;

  constructor(ignorePort: boolean) {
    this.#ignorePort = ignorePort;
  }

  /** `domain` is lower case and not there yet. */
  add(domain: string, value: T): void {
    if (domain === "*") {
      this.#default = value;
      return;
    }
    this.#count += 1;
    if (domain.startsWith("*")) this.#suffixes.add(domain.slice(1), value);
    else if (domain.endsWith("*")) this.#prefixes.add(domain.slice(0, -1), value);
    else this.#exact.set(domain, value);
  }

  /** `domain` is lower case and there. Returns what it had. */
  delete(domain: string): T | null {
    const value = this.#get(domain);
    if (domain === "*") {
      this.#default = null;
      return value;
    }
    this.#count -= 1;
    if (domain.startsWith("*")) this.#suffixes.delete(domain.slice(1));
    else if (domain.endsWith("*")) this.#prefixes.delete(domain.slice(0, -1));
    else this.#exact.delete(domain);
    return value;
  }

  #get(domain: string): T | null {
    if (domain === "*") return this.#default;
    if (domain.startsWith("*")) return this.#suffixes.get(domain.slice(1)) ?? null;
    if (domain.endsWith("*")) return this.#prefixes.get(domain.slice(0, -1)) ?? null;
    return this.#exact.get(domain) ?? null;
  }

  /** Without an authority there is nothing to choose by, unless there is no choice: as in Envoy. */
  find(authority: string | undefined): T | null {
    if (this.#count === 0) return this.#default;
    if (authority === undefined) return null;
    const host = lowerAscii(this.#ignorePort ? withoutPort(authority) : authority);
    return (
      this.#exact.get(host) ??
      this.#suffixes.find(host) ??
      this.#prefixes.find(host) ??
      this.#default
    );
  }
}

/** One side of wildcard domains, by length, so that a look-up is one per length and not one per domain. */
class WildcardIndex<T> {
  readonly #cut: (host: string, length: number) => string;
  /** Longest first. */
  readonly #byLength: { readonly length: number; readonly values: Map<string, T> }[] = [];

  constructor(cut: (host: string, length: number) => string) {
    this.#cut = cut;
  }

  add(text: string, value: T): void {
    const { length } = text;
    let group = this.#byLength.find((candidate) => candidate.length === length);
    if (group === undefined) {
      group = { length, values: new Map() };
      this.#byLength.push(group);
      this.#byLength.sort((a, b) => b.length - a.length);
    }
    group.values.set(text, value);
  }

  get(text: string): T | undefined {
    return this.#byLength.find(({ length }) => length === text.length)?.values.get(text);
  }

  delete(text: string): void {
    const index = this.#byLength.findIndex(({ length }) => length === text.length);
    const values = this.#byLength[index]?.values;
    values?.delete(text);
    if (values?.size === 0) this.#byLength.splice(index, 1);
  }

  find(host: string): T | undefined {
    for (const { length, values } of this.#byLength) {
      if (length >= host.length) continue;
      const value = values.get(this.#cut(host, length));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Cuts at the last colon, whatever is behind it, unless that is inside of an IPv6 address. */
function withoutPort(authority: string): string {
  const colon = authority.lastIndexOf(":");
  return colon < 0 || authority.indexOf("]", colon) >= 0 ? authority : authority.slice(0, colon);
}
