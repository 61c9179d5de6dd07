import type { Listener, Policy } from "./objects.ts";

const KNOWN = /^gateway\.nuncio\.dev\/tls-(min|max)-version$/;
const VERSION = /^1\.[0-3]$/;

/**
 * Whether a listener has options that it cannot have. What there is is for implementations to say
 * (ListenerTLSConfig.options): ours has two, where it ends TLS, and refuses others by name.
 */
export function hasWrongOptions({ tls }: Listener): boolean {
  return Object.entries(tls?.options ?? {}).some(
    ([name, value]) => tls?.mode === "Passthrough" || !KNOWN.test(name) || !VERSION.test(value),
  );
}

/** The same of a policy (BackendTLSPolicySpec.options): there are none. */
export function hasOptions({ options = {} }: Policy): boolean {
  return Object.keys(options).length > 0;
}
