import type { HeaderMap } from "@nuncio/codec";
import { compareText } from "../../base/compare-text.ts";
import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import { isPipe } from "../../transport/address.ts";
import { cookie } from "../route/matchers/cookie-matcher.ts";
import { queryParameter } from "../route/matchers/query-parameter-matcher.ts";
import { buildSubstitute } from "../route/regex/substitute.ts";
import type { HashPolicyConfig, HashSourceConfig, SessionCookieConfig } from "./model.ts";

/** Makes cookies for clients that have none. */
export interface CookieGenerator {
  /** The value of a cookie that the response will set; always the same for a connection. */
  generateCookie(name: string, config: SessionCookieConfig): string;
}

/** Adds what it finds in a request to an empty hash; false when it finds nothing. */
type HashSource = (
  headers: HeaderMap,
  info: StreamInfo,
  cookies: CookieGenerator | null,
  hash: Hash64,
) => boolean;

/** The hash policies of one route or cluster on a worker, in their order. */
export class HashPolicies {
  /** What they were made of. */
  readonly configs: readonly HashPolicyConfig[];
  readonly #policies: readonly { readonly source: HashSource; readonly terminal: boolean }[];

  constructor(configs: readonly HashPolicyConfig[]) {
    this.configs = configs;
    this.#policies = configs.map((config) => ({
      source: buildSource(config),
      terminal: config.terminal === true,
    }));
  }

  /**
   * Sets `hash` to that of a request: what the policies find, each hash rotated by a bit before the next one is mixed in,
   * so that equal ones do not cancel each other out. False when no policy finds anything. Without `cookies` none is made.
   */
  hash(
    headers: HeaderMap,
    info: StreamInfo,
    cookies: CookieGenerator | null,
    hash: Hash64,
  ): boolean {
    hash.set(0, 0);
    let found = false;
    for (let i = 0; i < this.#policies.length; i++) {
      const { source, terminal } = this.#policies[i]!;
      PART.set(0, 0);
      if (source(headers, info, cookies, PART)) {
        hash.rotate(1);
        hash.xor(PART.high, PART.low);
        found = true;
      }
      if (terminal && found) break;
    }
    return found;
  }
}

/** Used by one call at a time. */
const PART = new Hash64();

/** Null where there are no policies. */
export function buildHashPolicies(
  configs: readonly HashPolicyConfig[] | undefined,
): HashPolicies | null {
  return configs === undefined || configs.length === 0 ? null : new HashPolicies(configs);
}

function buildSource(config: HashSourceConfig): HashSource {
  switch (config.kind) {
    case "header": {
      const { name } = config;
      const rewrite = config.rewrite === undefined ? null : buildSubstitute(config.rewrite);
      return (headers, _info, _cookies, hash) => hashHeader(headers, name, rewrite, hash);
    }
    case "cookie": {
      const { name, generate } = config;
      return (headers, _info, cookies, hash) => {
        let value = cookie(headers, name) ?? "";
        if (value === "" && generate !== undefined && cookies !== null)
          value = cookies.generateCookie(name, generate);
        return hashText(value, hash);
      };
    }
    case "query_parameter": {
      const { name } = config;
      return (headers, _info, _cookies, hash) => {
        const value = queryParameter(headers.path, name);
        if (value === null) return false;
        xxHash64(value, hash);
        return true;
      };
    }
    case "source_ip":
      return (_headers, info, _cookies, hash) => {
        const address = info.remoteAddress ?? info.downstream?.directRemoteAddress;
        return address !== undefined && !isPipe(address) && hashText(address.ip, hash);
      };
    case "filter_state": {
      const { key } = config;
      return (_headers, info, _cookies, hash) => {
        const value = info.filterState?.get(key);
        return typeof value === "string" && hashText(value, hash);
      };
    }
  }
}

function hashText(text: string, hash: Hash64): boolean {
  if (text === "") return false;
  xxHash64(text, hash);
  return true;
}

/** Repeated lines count whatever their order: their values are hashed one upon the other, in the order of their bytes. */
function hashHeader(
  headers: HeaderMap,
  name: string,
  rewrite: ((text: string) => string) | null,
  hash: Hash64,
): boolean {
  const first = headers.get(name);
  if (first === undefined) return false;
  if (!isRepeated(headers, name)) {
    xxHash64(rewrite === null ? first : rewrite(first), hash);
    return true;
  }
  const values = headers.getAll(name);
  const texts = rewrite === null ? values : values.map((value) => rewrite(value));
  for (const text of texts.toSorted(compareText)) xxHash64(text, hash);
  return true;
}

/** Asked first because most headers are not, and a list of values costs. */
function isRepeated({ entries }: HeaderMap, name: string): boolean {
  let lines = 0;
  for (let i = 0; i < entries.length; i += 2) if (entries[i] === name) lines++;
  return lines > 1;
}
