import type { FlagConfig, FractionConfig, NumberConfig } from "./model.ts";
import type { Runtime, Share } from "./snapshot.ts";

// What the path of a request asks. Each keeps its answer until the runtime changes: until then a question costs a comparison.

/** A share of requests (`RuntimeFractionalPercent`). */
export class RuntimeFraction {
  readonly #config: FractionConfig;
  readonly #runtime: Runtime;
  #generation = -1;
  #now: Share;

  constructor(config: FractionConfig, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
    this.#now = config;
  }

  /** As the runtime has it now. */
  get now(): Share {
    if (this.#generation !== this.#runtime.generation) this.#refresh();
    return this.#now;
  }

  /** Whether the request that drew this whole number is among them. */
  holds(random: number): boolean {
    const { numerator, denominator } = this.now;
    return random % denominator < numerator;
  }

  #refresh(): void {
    this.#generation = this.#runtime.generation;
    this.#now = this.#runtime.fraction(this.#config.key ?? "", this.#config);
  }
}

/** A number: `integer` ones are whole, and a fraction in the runtime is no value for them (`RuntimeUInt32`). */
export class RuntimeNumber {
  readonly #config: NumberConfig;
  readonly #runtime: Runtime;
  readonly #integer: boolean;
  #generation = -1;
  #value = 0;

  constructor(config: NumberConfig, runtime: Runtime, kind: "integer" | "double") {
    this.#config = config;
    this.#runtime = runtime;
    this.#integer = kind === "integer";
  }

  get value(): number {
    if (this.#generation !== this.#runtime.generation) this.#refresh();
    return this.#value;
  }

  #refresh(): void {
    this.#generation = this.#runtime.generation;
    const { key = "", value } = this.#config;
    this.#value = this.#integer
      ? this.#runtime.integer(key, value)
      : this.#runtime.double(key, value);
  }
}

/** A switch (`RuntimeFeatureFlag`). */
export class RuntimeFlag {
  readonly #config: FlagConfig;
  readonly #runtime: Runtime;
  #generation = -1;
  #enabled = false;

  constructor(config: FlagConfig, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
  }

  get enabled(): boolean {
    if (this.#generation !== this.#runtime.generation) this.#refresh();
    return this.#enabled;
  }

  #refresh(): void {
    this.#generation = this.#runtime.generation;
    this.#enabled = this.#runtime.boolean(this.#config.key ?? "", this.#config.enabled);
  }
}
