import type { HeaderSpelling } from "./http1/header-spelling.ts";

/**
 * The headers of one message: pseudo headers in fields of their own, the rest as a flat, ordered list of
 * lower-case names and values. Duplicates are kept in order.
 *
 * One class serves requests, responses and trailers, so that every call site sees one hidden class.
 * Values may be slices of the received head: nothing of a header map may outlive its request.
 */
export class HeaderMap {
  /** `:method`; empty on responses and trailers. */
  method = "";
  /** `:scheme`; empty when unknown. */
  scheme = "";
  /** `:authority` (`Host` in HTTP/1); empty on responses and trailers. */
  authority = "";
  /** A request without `:authority`. An empty one is one, so that is told apart here. */
  authorityMissing = false;
  /** `:path`, query included; empty on responses and trailers. */
  path = "";
  /** `:protocol` of an extended CONNECT (RFC 8441); else empty. */
  protocol = "";
  /** `:status`; 0 on requests and trailers. */
  status = 0;
  /** How the sender spelled the names, where that is remembered. */
  spelling: HeaderSpelling | null = null;
  /**
   * Names of fields that their sender wants to have in no table of header compression, not even behind us (RFC 7541 6.2.3);
   * null for none.
   */
  neverIndexed: readonly string[] | null = null;
  /** name, value, name, value … Names are lower case. */
  readonly entries: string[] = [];

  /** The number of header lines, pseudo headers not counted. */
  get size(): number {
    return this.entries.length >> 1;
  }

  /** The first value of `name` (lower case, pseudo headers included), or undefined. */
  get(name: string): string | undefined {
    const entries = this.entries;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === name) return entries[i + 1];
    }
    return name.charCodeAt(0) === COLON ? this.#pseudo(name) : undefined;
  }

  /** Every value of `name`, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    const entries = this.entries;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === name) values.push(entries[i + 1]!);
    }
    if (values.length === 0 && name.charCodeAt(0) === COLON) {
      const value = this.#pseudo(name);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Appends a line, whatever is there already. Not for pseudo headers. */
  add(name: string, value: string): void {
    this.entries.push(name, value);
  }

  /** Replaces every line of `name` by one; appends it when there is none. Takes pseudo headers. */
  set(name: string, value: string): void {
    if (name.charCodeAt(0) === COLON) {
      this.#setPseudo(name, value);
      return;
    }
    const entries = this.entries;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === name) {
        entries[i + 1] = value;
        this.#removeFrom(i + 2, name);
        return;
      }
    }
    entries.push(name, value);
  }

  /** Removes every line of `name`; says whether there was one. */
  remove(name: string): boolean {
    return this.#removeFrom(0, name);
  }

  /** Removes every line for which `test` holds. */
  removeIf(test: (name: string, value: string) => boolean): void {
    const entries = this.entries;
    let to = 0;
    for (let i = 0; i < entries.length; i += 2) {
      const name = entries[i]!;
      const value = entries[i + 1]!;
      if (test(name, value)) continue;
      entries[to++] = name;
      entries[to++] = value;
    }
    entries.length = to;
  }

  /** A copy that shares nothing mutable with this one. */
  clone(): HeaderMap {
    const copy = new HeaderMap();
    copy.method = this.method;
    copy.scheme = this.scheme;
    copy.authority = this.authority;
    copy.authorityMissing = this.authorityMissing;
    copy.path = this.path;
    copy.protocol = this.protocol;
    copy.status = this.status;
    copy.spelling = this.spelling;
    copy.neverIndexed = this.neverIndexed;
    for (const text of this.entries) copy.entries.push(text);
    return copy;
  }

  #removeFrom(start: number, name: string): boolean {
    const entries = this.entries;
    let to = start;
    for (let i = start; i < entries.length; i += 2) {
      if (entries[i] === name) continue;
      if (to !== i) {
        entries[to] = entries[i]!;
        entries[to + 1] = entries[i + 1]!;
      }
      to += 2;
    }
    if (to === entries.length) return false;
    entries.length = to;
    return true;
  }

  #pseudo(name: string): string | undefined {
    switch (name) {
      case ":method":
        return this.method || undefined;
      case ":scheme":
        return this.scheme || undefined;
      case ":authority":
        return this.authority || (this.method === "" || this.authorityMissing ? undefined : "");
      case ":path":
        return this.path || undefined;
      case ":protocol":
        return this.protocol || undefined;
      case ":status":
        return this.status === 0 ? undefined : String(this.status);
      default:
        return undefined;
    }
  }

  #setPseudo(name: string, value: string): void {
    switch (name) {
      case ":method":
        this.method = value;
        break;
      case ":scheme":
        this.scheme = value;
        break;
      case ":authority":
        this.authority = value;
        this.authorityMissing = false;
        break;
      case ":path":
        this.path = value;
        break;
      case ":protocol":
        this.protocol = value;
        break;
      case ":status":
        this.status = Number(value);
        break;
    }
  }
}

const COLON = 58;
