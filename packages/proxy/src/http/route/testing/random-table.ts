import type { HeaderMap } from "@nuncio/codec";
import { sampleHeaders } from "../../../observe/format/sample-context.ts";
import { StreamInfo } from "../../../observe/stream-info.ts";
import { parseUriTemplate } from "../compile/uri-template.ts";
import type { CookieMatcherConfig } from "../matchers/cookie-matcher.ts";
import type { HeaderMatcherConfig } from "../matchers/header-matcher.ts";
import type { QueryParameterMatcherConfig } from "../matchers/query-parameter-matcher.ts";
import type { StringMatcherConfig } from "../matchers/string-matcher.ts";
import type {
  PathMatchConfig,
  RouteConfig,
  RouteMatchConfig,
  RouteTableConfig,
  VirtualHostConfig,
} from "../model.ts";

const words = (text: string): string[] => text.split(" ");

const DOMAINS = words(
  "a.test b.test x.a.test a.test:80 x.b.test:8080 [::1] [::1]:80 a. * " +
    "*.test *a.test *.a.test *.test:80 *x.a.test *t a.* x.* x.a* a.test* [::* y*",
);
const HOSTS = [
  "",
  ...words(
    "a.test A.Test b.test x.a.test y.x.a.test xa.test a.test:80 a.test:81 " +
      "b.test: x.b.test:8080 [::1] [::1]:80 [::2]:80 a. a.b y yy t",
  ),
];
const PATHS = ["/", "/a", "/a/", "/ab", "/a/b", "/A/b", "/a/b/c", "/b", "/b/", "a", "", "/é"];
const PIECES = ["/", "/a", "/A", "/ab", "/b", "/b/", ";p=1", ";p", "/c", "x", "%61", "é"];
const REGEXES = words("/a.* /a/[^/]+ /[ab] .*b /a/(b|b/c) (?i)/A/b /(a+)+ /a|/b /.*/b.*");
const TEMPLATES = ["/a/*", "/**", "/{x}/b", "/a{x}", "/a/{y=**}", "/*b", "/a/b"];
const QUERIES = ["", "", "?", "?q", "?q=1", "?r&q=2", "?q=1&q=2", "?r=1", "?&&q", "?Q=1"];
const VALUES = ["", "a", "A", "ab", "b", "1", "-5", "007", "12", "a,b", "+3", "x1"];
const REGEX_VALUES = ["a.*", "[0-9]+", "", "(a|b)b?", "(?i)A"];

/** As paths are on the wire. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A generator of random route tables and requests: the same seed gives the same (mulberry32). */
export class RandomTables {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  table(): RouteTableConfig {
    const left = new Set(DOMAINS);
    const virtualHosts: VirtualHostConfig[] = [];
    for (let i = this.#below(5); i >= 0; i--) {
      const wanted = this.#several(DOMAINS, 4);
      if (i === 0 && this.#chance(0.7)) wanted.push("*");
      const domains = wanted.filter((domain) => left.delete(domain));
      virtualHosts.push({
        name: `v${virtualHosts.length}`,
        domains,
        requireTls: "none",
        includeRequestAttemptCount: false,
        includeAttemptCountInResponse: false,
        routes: Array.from({ length: this.#below(20) }, (_, at) =>
          this.#route(`${virtualHosts.length}/${at}`),
        ),
      });
    }
    return {
      name: "random",
      virtualHosts,
      internalOnlyHeaders: [],
      mostSpecificHeaderMutationsWins: false,
      ignorePortInHostMatching: this.#chance(0.3),
      ignorePathParameters: this.#chance(0.3),
      ...(this.#chance(0.1) && { virtualHostHeader: "x-host" }),
    };
  }

  request(): { readonly headers: HeaderMap; readonly info: StreamInfo; readonly random: number } {
    const connect = this.#chance(0.03);
    const text = this.#chance(0.5) ? this.#one(PATHS) : this.#several(PIECES, 4).join("");
    const path = connect ? "" : bytes(text) + this.#one(QUERIES);
    const pairs: string[] = [];
    for (const name of ["x-a", "x-a", "x-b"])
      if (this.#chance(0.5)) pairs.push(name, this.#one(VALUES));
    if (this.#chance(0.4)) pairs.push("x-host", this.#one(HOSTS));
    if (this.#chance(0.3)) pairs.push("cookie", this.#cookies());
    if (this.#chance(0.2)) pairs.push("cookie", this.#cookies());
    if (this.#chance(0.2)) pairs.push("content-type", this.#one(["application/grpc", "x"]));
    const method = connect ? "CONNECT" : this.#one(["GET", "POST"]);
    const headers = sampleHeaders(":method", method, ":authority", this.#one(HOSTS), ...pairs);
    // A path that begins elsewhere is nothing that a client can send.
    headers.path = connect || path.startsWith("/") ? path : `/${path}`;
    return { headers, info: this.#info(), random: this.next() };
  }

  #info(): StreamInfo {
    const info = new StreamInfo();
    if (this.#chance(0.3)) info.dynamicMetadata = { f: { k: this.#chance(0.5) } };
    if (this.#chance(0.3)) info.filterState = new Map([["k", this.#one(VALUES)]]);
    return info;
  }

  #cookies(): string {
    return this.#several(["c=a", "c=b", 'c="a"', "d=1", " e", "c"], 3).join(this.#one(["; ", ";"]));
  }

  #route(name: string): RouteConfig {
    return {
      name,
      match: this.#match(),
      action: { kind: "direct_response", status: 200, body: "" },
    };
  }

  #match(): RouteMatchConfig {
    return {
      path: this.#path(),
      ...(this.#chance(0.3) && { headers: this.#upTo(2, () => this.#header()) }),
      ...(this.#chance(0.2) && { queryParameters: this.#upTo(2, () => this.#query()) }),
      ...(this.#chance(0.15) && { cookies: this.#upTo(2, () => this.#cookie()) }),
      ...(this.#chance(0.05) && { grpc: true as const }),
      ...(this.#chance(0.1) && {
        runtimeFraction: { numerator: this.#below(101), denominator: 100 },
      }),
      ...(this.#chance(0.05) && { tlsContext: { presented: this.#chance(0.3) } }),
      ...(this.#chance(0.05) && {
        dynamicMetadata: [
          {
            path: ["f", "k"],
            value: { kind: "bool" as const, value: this.#chance(0.5) },
            invert: this.#chance(0.3),
          },
        ],
      }),
      ...(this.#chance(0.05) && {
        filterState: [{ key: "k", test: { kind: "string" as const, string: this.#string() } }],
      }),
    };
  }

  #path(): PathMatchConfig {
    const kind = this.#one(["exact", "prefix", "separated_prefix", "regex", "template", "other"]);
    if (kind === "regex") return { kind, value: this.#one(REGEXES) };
    if (kind === "template") {
      const template = this.#one(TEMPLATES);
      const parsed = parseUriTemplate(template);
      return "error" in parsed
        ? { kind: "nothing", value: "", template }
        : { kind: "regex", value: parsed.pattern, template };
    }
    if (kind === "other") return { kind: this.#one(["connect", "nothing"]), value: "" };
    const value = bytes(this.#one(PATHS));
    return this.#chance(0.3)
      ? { kind, value: value.replace(/[A-Z]/g, (c) => c.toLowerCase()), ignoreCase: true }
      : { kind, value };
  }

  #header(): HeaderMatcherConfig {
    return {
      name: this.#one(["x-a", "x-a", "x-b", "x-none", ":method", ":authority", ":path"]),
      invert: this.#chance(0.3),
      missingAsEmpty: this.#chance(0.2),
      test: this.#one([
        { kind: "present", present: this.#chance(0.7) },
        { kind: "range", start: BigInt(this.#below(20) - 10), end: BigInt(this.#below(20)) },
        { kind: "string", string: this.#string() },
        { kind: "string", string: this.#string() },
      ]),
    };
  }

  #query(): QueryParameterMatcherConfig {
    const name = this.#one(["q", "r"]);
    return this.#chance(0.5)
      ? { name, present: this.#chance(0.6), string: null }
      : { name, present: true, string: this.#string() };
  }

  #cookie(): CookieMatcherConfig {
    return { name: this.#one(["c", "d"]), invert: this.#chance(0.3), string: this.#string() };
  }

  #string(): StringMatcherConfig {
    const kind = this.#one(["exact", "prefix", "suffix", "contains", "regex"]);
    if (kind === "regex") return { kind, value: this.#one(REGEX_VALUES), ignoreCase: false };
    const ignoreCase = this.#chance(0.3);
    const value = this.#one(VALUES);
    return { kind, value: ignoreCase ? value.toLowerCase() : value, ignoreCase };
  }

  #one<const T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  /** Up to `most` of them, at least one. */
  #several<T>(values: readonly T[], most: number): T[] {
    return Array.from({ length: 1 + this.#below(most) }, () => this.#one(values));
  }

  #upTo<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.#below(most) }, make);
  }

  #below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  #chance(probability: number): boolean {
    return this.next() < probability;
  }
}
