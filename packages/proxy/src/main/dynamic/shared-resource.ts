import type { InitTarget } from "../../config/context.ts";

/** What runs as long as somebody needs the resource. */
interface Subscribed {
  cancel(): void;
}

/** One resource that several may need: it is asked for as long as anybody does, and gone when all have released it. */
export abstract class SharedResource implements InitTarget {
  abstract readonly name: string;
  #users = 0;
  #watch: Subscribed | null = null;
  /** It came, or did not in its time. */
  #answered = false;
  #waiting: (() => void)[] = [];

  /** One more needs it. */
  hold(): this {
    this.#users += 1;
    return this;
  }

  whenReady(onReady: () => void): void {
    this.#watch ??= this.subscribe();
    if (this.#answered) onReady();
    else this.#waiting.push(onReady);
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#watch?.cancel();
    this.#watch = null;
    this.ended();
  }

  protected abstract subscribe(): Subscribed;

  /** Nobody needs it any more. */
  protected abstract ended(): void;

  protected answer(): void {
    this.#answered = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const onReady of waiting) onReady();
  }
}
