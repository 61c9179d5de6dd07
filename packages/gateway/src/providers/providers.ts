import type { Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { Arrivals, type KnownArrivals } from "./arrivals.ts";
import { DEFAULTS, ProvidedObjects } from "./provided-objects.ts";
import type { Provider, ProviderSink, ProviderState, StatusChanges } from "./provider.ts";

export interface ProvidersOptions {
  readonly store: ResourceStore;
  /** Are there unless a provider has another one of that kind and name. */
  readonly defaults: readonly Resource[];
  /** When objects came that say nothing of their age, from before this start; none: nobody noted it. */
  readonly arrivals?: KnownArrivals | undefined;
  /** Now, as milliseconds since 1970. */
  readonly now?: () => number;
  /** Some objects may be others now. Not called before all providers have begun. */
  readonly onChange: () => void;
  /** What is wrong with a source that was just read, a line each with its place: none when all is well again. */
  readonly onProblems: (source: string, problems: readonly string[]) => void;
  /** A connection came, or was lost. */
  readonly onState?: (provider: string, state: ProviderState) => void;
}

/** All places that objects come from, into one store. */
export class Providers {
  readonly #providers: readonly Provider[];
  readonly #options: ProvidersOptions;
  readonly #objects: ProvidedObjects;
  readonly #states = new Map<string, ProviderState>();
  #hasStarted = false;

  constructor(providers: readonly Provider[], options: ProvidersOptions) {
    this.#providers = providers;
    this.#options = options;
    const { store, arrivals: known, now } = options;
    this.#objects = new ProvidedObjects(store, new Arrivals({ known, now }));
  }

  /** The last state of each provider that has a connection, by its name. */
  get states(): ReadonlyMap<string, ProviderState> {
    return this.#states;
  }

  /**
   * Resolves when each provider has handed on all that it had.
   *
   * @throws what a provider that can never begin throws
   */
  async start(): Promise<void> {
    this.#objects.update(DEFAULTS, {
      objects: this.#options.defaults,
      refused: [],
      complete: true,
    });
    await Promise.all(this.#providers.map((provider) => provider.start(this.#sinkOf(provider))));
    this.#hasStarted = true;
    this.#settle();
  }

  writeStatuses(changed: StatusChanges): void {
    if (changed.size === 0) return;
    for (const provider of this.#providers) provider.writeStatuses?.(changed);
  }

  async close(): Promise<void> {
    await Promise.all(this.#providers.map((provider) => provider.close()));
  }

  #settle(): void {
    this.#objects.settled();
    this.#options.onChange();
  }

  #sinkOf(provider: Provider): ProviderSink {
    const { onProblems, onState } = this.#options;
    return {
      update: (source, content, problems = []) =>
        onProblems(source, [...problems, ...this.#objects.update(source, content)]),
      problems: onProblems,
      changed: () => {
        if (this.#hasStarted) this.#settle();
      },
      state: (state) => {
        this.#states.set(provider.name, state);
        onState?.(provider.name, state);
      },
    };
  }
}
