import { isDeepStrictEqual } from "node:util";
import type { Host } from "../../upstream/host.ts";
import type { HostPredicateConfig } from "./model.ts";

const LB = "envoy.lb";

/** The hosts that the retries of one request do not go to, as long as there are others (`retry_host_predicate`). */
export class HostAvoidance {
  readonly #predicates: readonly HostPredicateConfig[];
  readonly #attempted: Host[] = [];

  constructor(predicates: readonly HostPredicateConfig[]) {
    this.#predicates = predicates;
  }

  onAttempt(host: Host): void {
    this.#attempted.push(host);
  }

  avoids(host: Host): boolean {
    return this.#predicates.some((predicate) => this.#refuses(predicate, host));
  }

  #refuses(predicate: HostPredicateConfig, host: Host): boolean {
    switch (predicate.kind) {
      case "previous_hosts":
        // The address, because a host may be another object by now.
        return this.#attempted.some(({ address }) => address.text === host.address.text);
      case "omit_canary_hosts":
        return host.canary;
      case "omit_host_metadata":
        return hasLabels(host, predicate.labels);
    }
  }
}

type Labels = Readonly<Record<string, unknown>>;

function labelsOf({ metadata }: Host): Labels | undefined {
  return metadata?.[LB] as Labels | undefined;
}

/** All of them; a host may have a list of values for one. */
function hasLabels(host: Host, labels: Labels): boolean {
  const own = labelsOf(host);
  return Object.entries(labels).every(([name, wanted]) => {
    const value = own?.[name];
    return Array.isArray(value)
      ? value.some((one) => isDeepStrictEqual(one, wanted))
      : value !== undefined && isDeepStrictEqual(value, wanted);
  });
}
