import type { Http1Options } from "@nuncio/codec";
import { buildStringMatcher } from "../../route/matchers/string-matcher.ts";
import type { HttpConnectionManagerConfig } from "../model.ts";

/** The codec's options with the test that `ignore_http_11_upgrade` asks for. */
export function withIgnoredUpgrades({
  http1,
  ignoredUpgrades,
}: Pick<HttpConnectionManagerConfig, "http1" | "ignoredUpgrades">): Http1Options {
  if (ignoredUpgrades.length === 0) return http1;
  const tests = ignoredUpgrades.map(buildStringMatcher);
  return { ...http1, ignoresUpgrade: (token) => tests.some((matches) => matches(token)) };
}
