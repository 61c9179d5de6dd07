import type { Clock, Timer } from "../types/clock.ts";
import { WILDCARD, canonicalResourceName } from "../types/resource-name.ts";
import type { ConfigUpdate, Rejection, WatchOptions } from "./callbacks.ts";
import { DEFAULT_INITIAL_FETCH_TIMEOUT_MS } from "./callbacks.ts";

/** One watch as its subscription sees it: what it wants, and whether it has heard anything. */
export class ActiveWatch {
  /** Of the names it began with: those that stand for all below them. */
  readonly namespaces: ReadonlySet<string>;
  names: ReadonlySet<string>;
  isActive = true;
  /** It was told what there is, even if that was nothing. */
  hasHeard = false;
  /** Names of which it is told in a moment what was here before it asked. */
  readonly unheard = new Set<string>();
  catchUp: Timer | null = null;
  readonly #options: WatchOptions;
  #fetchTimer: Timer | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.names = canonicalNames(options.names);
    this.namespaces = options.matchNamespace === true ? this.names : new Set();
  }

  get isWildcard(): boolean {
    return this.names.has(WILDCARD);
  }

  /** Starts to wait for the first update. */
  start(clock: Clock, onTimeout: () => void): void {
    this.#options.stats?.updateAttempt();
    const timeoutMs = this.#options.initialFetchTimeoutMs ?? DEFAULT_INITIAL_FETCH_TIMEOUT_MS;
    if (timeoutMs === 0) return;
    this.#fetchTimer = clock.setTimer(timeoutMs, () => {
      this.#fetchTimer = null;
      this.#options.stats?.initFetchTimeout();
      this.#options.stats?.updateAttempt();
      onTimeout();
      this.#options.callbacks.onFetchTimeout();
    });
  }

  cancel(): void {
    this.isActive = false;
    this.catchUp?.cancel();
    this.#endFetch();
  }

  /** True when a name stands for all below it: no control plane is asked for such a name. */
  isNamespace(name: string): boolean {
    return this.namespaces.has(name) && this.names.has(name);
  }

  /** Hands an update to the owner; its exceptions are rejections. */
  deliver(update: ConfigUpdate, nowMs: () => number): readonly Rejection[] {
    const startMs = nowMs();
    let rejections: readonly Rejection[];
    try {
      rejections = this.#options.callbacks.onConfigUpdate(update) ?? [];
    } catch (error) {
      rejections = [
        { name: null, message: error instanceof Error ? error.message : String(error) },
      ];
    }
    if (rejections.length === 0) this.succeeded(update.version, nowMs() - startMs);
    else this.rejected();
    return rejections;
  }

  /** A response concerned the watch and was accepted. */
  succeeded(version: string, durationMs: number): void {
    this.#endFetch();
    this.#options.stats?.updateSuccess(version, durationMs);
    this.#options.stats?.updateAttempt();
  }

  /** A response was refused. */
  rejected(): void {
    this.#endFetch();
    this.#options.stats?.updateRejected();
    this.#options.stats?.updateAttempt();
  }

  /** A response came that cannot be used at all. Where it is the first one, it is as good as none. */
  unusable(): void {
    const isFirst = !this.hasHeard;
    this.rejected();
    if (isFirst) this.#options.callbacks.onFetchTimeout();
  }

  connectionFailed(reason: string): void {
    this.#options.stats?.updateFailure();
    this.#options.stats?.updateAttempt();
    this.#options.callbacks.onConnectionFailure?.(reason);
  }

  #endFetch(): void {
    this.hasHeard = true;
    this.#fetchTimer?.cancel();
    this.#fetchTimer = null;
  }
}

/** Names in the spelling that resources are looked up by. */
export function canonicalNames(names: Iterable<string>): ReadonlySet<string> {
  return new Set(Array.from(names, canonicalResourceName));
}
