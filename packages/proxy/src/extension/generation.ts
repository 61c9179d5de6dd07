/** What one configuration was built to, and those who use it. It is closed with the last of them once there is another one. */
export class Generation<Factory extends { close?(): void }> {
  readonly factory: Factory;
  #users = 0;
  #retired = false;

  constructor(factory: Factory) {
    this.factory = factory;
  }

  /** Somebody uses it; pair with `leave`. */
  join(): void {
    this.#users++;
  }

  leave(): void {
    if (--this.#users === 0 && this.#retired) this.factory.close?.();
  }

  /** Nobody new comes. Idempotent. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#users === 0) this.factory.close?.();
  }
}
