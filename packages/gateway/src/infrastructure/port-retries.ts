import { BackOff } from "@nuncio/xds";
import type { Clock, RefusedResource, Timer } from "@nuncio/xds";

const BACK_OFF = { baseIntervalMs: 2_000, maxIntervalMs: 30_000 };

interface PortRetriesOptions {
  readonly clock: Clock;
  /** Asks data planes once more. */
  readonly retry: (refused: RefusedResource) => void;
  /** Whether a data plane has been asked, and has not answered. */
  readonly isUnderWay: (refused: RefusedResource) => boolean;
}

/** Has data planes try again to bind ports that somebody else had: nobody tells when a port gets free. */
export class PortRetries {
  readonly #options: PortRetriesOptions;
  readonly #backOff = new BackOff(BACK_OFF, Math.random);
  #refused: readonly RefusedResource[] = [];
  #timer: Timer | undefined;

  constructor(options: PortRetriesOptions) {
    this.#options = options;
  }

  /**
   * Takes the listeners that are refused for their port. Returns those that were and are asked again: they are refused until
   * the answer is another one.
   */
  update(refused: readonly RefusedResource[]): readonly RefusedResource[] {
    const names = new Set(refused.map(({ name }) => name));
    const asked = this.#refused.filter(
      (before) => !names.has(before.name) && this.#options.isUnderWay(before),
    );
    this.#refused = [...refused, ...asked];
    if (this.#refused.length === 0) this.close();
    else this.#timer ??= this.#options.clock.setTimer(this.#backOff.nextMs(), () => this.#retry());
    return asked;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#backOff.reset();
  }

  #retry(): void {
    this.#timer = undefined;
    for (const refused of this.#refused) this.#options.retry(refused);
  }
}
