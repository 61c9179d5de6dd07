/** Pings that find a dead connection. */
export interface PingSettings {
  readonly intervalMs: number;
  /** For the answer; the connection is given up behind it. */
  readonly timeoutMs: number;
}

/** The pings of one connection, the first of them after an interval. They keep no process alive. */
export class KeepalivePings {
  readonly #settings: PingSettings;
  readonly #ping: () => void;
  readonly #onTimeout: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: PingSettings, ping: () => void, onTimeout: () => void) {
    this.#settings = settings;
    this.#ping = ping;
    this.#onTimeout = onTimeout;
    this.answered();
  }

  answered(): void {
    this.#arm(this.#settings.intervalMs, () => {
      this.#arm(this.#settings.timeoutMs, this.#onTimeout);
      this.#ping();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(ms: number, call: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(call, ms).unref();
  }
}
