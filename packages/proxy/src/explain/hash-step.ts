import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../base/hash64.ts";
import { HashPolicies, type CookieGenerator } from "../http/hash-policy/hash-policies.ts";
import type { HashPolicyConfig } from "../http/hash-policy/model.ts";
import { sessionCookieValue } from "../http/hash-policy/session-cookie.ts";
import { cookie } from "../http/route/matchers/cookie-matcher.ts";
import { queryParameter } from "../http/route/matchers/query-parameter-matcher.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import type { HashPolicyStep, HashStep } from "./model.ts";
import type { RehearsalRecord, UpstreamRecord } from "./rehearsal-record.ts";
import { orAbsent, quoted, valuesOf } from "./route-criteria.ts";

/** What a host was chosen by; null where nothing is hashed. A mirror knows nothing of the client and its route. */
export function hashStep(
  { headers, address, hashing }: UpstreamRecord,
  record: RehearsalRecord,
  isMirror: boolean,
): HashStep | null {
  if (hashing === null) return null;
  const ofRoute = isMirror ? null : (record.route?.hashPolicies ?? null);
  const policies = hashing.policies ?? ofRoute;
  const info = isMirror ? NO_CLIENT : record.info;
  const cookies: CookieGenerator | null =
    isMirror || info.downstream === null ? null : cookiesOf(info);
  const hash = policies === null ? null : hashOf(policies, headers, info, cookies);
  return {
    algorithm: hashing.algorithm,
    policies: stepsOf(policies, headers, info, cookies),
    hash,
    endpoint: hash === null ? null : address,
  };
}

const NO_CLIENT = new StreamInfo();

function cookiesOf({ downstream }: StreamInfo): CookieGenerator {
  return { generateCookie: () => sessionCookieValue(downstream!) };
}

function hashOf(
  policies: HashPolicies,
  headers: HeaderMap,
  info: StreamInfo,
  cookies: CookieGenerator | null,
): string | null {
  const hash = new Hash64();
  return policies.hash(headers, info, cookies, hash) ? hash.toHex() : null;
}

/** Up to the terminal one that ends the search. Whether a policy finds anything is its own to say. */
function stepsOf(
  policies: HashPolicies | null,
  headers: HeaderMap,
  info: StreamInfo,
  cookies: CookieGenerator | null,
): HashPolicyStep[] {
  const steps: HashPolicyStep[] = [];
  for (const config of policies?.configs ?? []) {
    const held = hashOf(new HashPolicies([config]), headers, info, cookies) !== null;
    steps.push({ policy: policyText(config), seen: seen(config, headers, info, held), held });
    if (config.terminal === true && steps.some((step) => step.held)) break;
  }
  return steps;
}

function policyText(config: HashPolicyConfig): string {
  const terminal = config.terminal === true ? ", terminal" : "";
  switch (config.kind) {
    case "header":
    case "cookie":
    case "query_parameter":
      return `${config.kind} ${config.name}${terminal}`;
    case "filter_state":
      return `filter_state ${config.key}${terminal}`;
    case "source_ip":
      return `source_ip${terminal}`;
  }
}

function seen(
  config: HashPolicyConfig,
  headers: HeaderMap,
  info: StreamInfo,
  held: boolean,
): string {
  switch (config.kind) {
    case "header":
      return valuesOf(headers, config.name);
    case "cookie": {
      const value = cookie(headers, config.name) ?? "";
      if (value !== "") return quoted(value);
      return held ? "absent, so the client gets one" : "absent";
    }
    case "query_parameter":
      return orAbsent(queryParameter(headers.path, config.name));
    case "filter_state":
      return JSON.stringify(info.filterState?.get(config.key)) ?? "absent";
    case "source_ip":
      return held ? (info.remoteAddress ?? info.downstream!.directRemoteAddress).ip : "absent";
  }
}
