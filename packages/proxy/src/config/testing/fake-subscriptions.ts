import assert from "node:assert/strict";
import type {
  ReceivedResource,
  Rejection,
  SubscriptionOptions,
  Subscriptions,
  Watch,
} from "../subscriptions.ts";

interface FakeWatch {
  readonly options: SubscriptionOptions;
  readonly waitsFor: Map<string, string>;
}

/** A control plane that says what the test says. Watches are told at once, and count as the real ones do. */
export class FakeSubscriptions implements Subscriptions {
  /** Those that run, by each of their names. */
  readonly #watches = new Map<string, Set<FakeWatch>>();
  /** Set: sources cannot be used, for this reason. */
  unusable = "";

  watch(options: SubscriptionOptions): Watch {
    if (this.unusable !== "") throw new Error(this.unusable);
    const watch = { options, waitsFor: new Map<string, string>() };
    for (const name of options.names) {
      const watches = this.#watches.get(name) ?? new Set();
      this.#watches.set(name, watches.add(watch));
    }
    options.stats?.updateAttempt();
    return {
      // Nobody who is tested with this asks for more than it began with.
      addNames: (names) => assert.fail(`asked for ${names.join(", ")}`),
      removeNames: (names) => assert.fail(`gave up ${names.join(", ")}`),
      setWaitsFor(name, reason) {
        if (reason === null) watch.waitsFor.delete(name);
        else watch.waitsFor.set(name, reason);
      },
      cancel: () => {
        for (const name of options.names) this.#watches.get(name)!.delete(watch);
      },
    };
  }

  /** What is watched: `ClusterLoadAssignment c`. */
  get watched(): string[] {
    const watches = new Set([...this.#watches.values()].flatMap((each) => [...each]));
    return [...watches].map(
      ({ options }) => `${options.typeUrl.split(".").at(-1)} ${options.names.join(" ")}`,
    );
  }

  /** A response for one name; without a value it says that there is none. Returns what was not taken. */
  send(
    name: string,
    value: Uint8Array | null,
    version = "1",
    removed: readonly string[] = [],
  ): readonly Rejection[] {
    const rejections: Rejection[] = [];
    for (const { options } of this.#of(name)) {
      const { typeUrl, callbacks, stats } = options;
      const added: ReceivedResource[] =
        value === null ? [] : [{ name, version, typeUrl, value, aliases: [] }];
      const refused = callbacks.onConfigUpdate({ added, removed, version });
      rejections.push(...refused);
      if (refused.length > 0) stats?.updateRejected();
      else stats?.updateSuccess(version, 0);
    }
    return rejections;
  }

  /** `initial_fetch_timeout` passes for that name. */
  timeOut(name: string): void {
    for (const { options } of this.#of(name)) {
      options.stats?.initFetchTimeout();
      options.callbacks.onFetchTimeout();
    }
  }
  /** A watch may be cancelled by what it is told. */
  #of(name: string): FakeWatch[] {
    return Array.from(this.#watches.get(name) ?? []);
  }
}
