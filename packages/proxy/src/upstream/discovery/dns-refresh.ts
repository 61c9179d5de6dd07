import type { DnsConfig } from "../definition.ts";
import type { DiscoveryRuntime } from "./discovery.ts";
import type { DnsAnswer, DnsResolver } from "./dns-resolver.ts";

/** Asks for one name again and again, as `DnsConfig` says, until it is stopped. */
export class DnsRefresh {
  readonly #name: string;
  readonly #config: DnsConfig;
  readonly #runtime: DiscoveryRuntime;
  readonly #resolver: DnsResolver;
  readonly #onAsk: () => void;
  readonly #onAnswer: (answer: DnsAnswer) => void;
  #cancel: () => void = () => {};
  #stopped = false;
  /** The next wait after a failure is a random part of this. */
  #backoffMs = 0;

  constructor(
    name: string,
    config: DnsConfig,
    runtime: DiscoveryRuntime,
    callbacks: { readonly onAsk: () => void; readonly onAnswer: (answer: DnsAnswer) => void },
  ) {
    this.#name = name;
    this.#config = config;
    this.#runtime = runtime;
    this.#resolver = runtime.resolver(config.resolver);
    this.#onAsk = callbacks.onAsk;
    this.#onAnswer = callbacks.onAnswer;
  }

  start(): void {
    this.#onAsk();
    this.#cancel = this.#resolver.resolve(this.#name, this.#config.lookupFamily, (answer) => {
      if (this.#stopped) return;
      this.#onAnswer(answer);
      const waitMs =
        answer.status === "completed" ? this.#waitAfter(answer) : this.#waitAfterFailure();
      this.#cancel = this.#runtime.after(waitMs, () => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #waitAfter(answer: Extract<DnsAnswer, { status: "completed" }>): number {
    const { refreshRateMs, minRefreshRateMs, respectTtl, jitterMs } = this.#config;
    this.#backoffMs = 0;
    const ttlMs = 1000 * Math.min(...answer.addresses.map(({ ttlS }) => ttlS));
    const byTtl = respectTtl && answer.addresses.length > 0 && ttlMs > 0;
    const waitMs = byTtl ? Math.max(ttlMs, minRefreshRateMs) : refreshRateMs;
    return waitMs + Math.floor(this.#runtime.random() * jitterMs);
  }

  #waitAfterFailure(): number {
    const { failureBackoff, refreshRateMs } = this.#config;
    if (failureBackoff === null) return refreshRateMs;
    const backoffMs = this.#backoffMs === 0 ? failureBackoff.baseMs : this.#backoffMs;
    this.#backoffMs = Math.min(2 * backoffMs, failureBackoff.maxMs);
    return Math.floor(this.#runtime.random() * backoffMs);
  }
}
