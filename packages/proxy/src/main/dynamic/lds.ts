import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { InitTarget } from "../../config/context.ts";
import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  Watch,
} from "../../config/subscriptions.ts";
import { compileListener, type ListenerCompiler } from "../../listener/config.ts";
import type { ListenerConfig } from "../../listener/model.ts";
import { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import type { LiveListeners } from "./live-listeners.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.listener.v3.Listener";

/** Listeners that a control plane gives (Envoy's `LdsApi`). Those of the bootstrap stay what they are. */
export class LdsApi {
  readonly #parts: LiveParts;
  readonly #listeners: LiveListeners;
  readonly #compiler: ListenerCompiler;
  readonly #static: ReadonlySet<string>;
  #watch: Watch | null = null;
  #onAnswer: (() => void) | null = null;

  constructor(
    parts: LiveParts,
    listeners: LiveListeners,
    compiler: ListenerCompiler,
    staticNames: ReadonlySet<string>,
  ) {
    this.#parts = parts;
    this.#listeners = listeners;
    this.#compiler = compiler;
    this.#static = staticNames;
  }

  /** Calls back once: with the listeners of the first answer in place, or when none came in its time. */
  start(source: ConfigSource | null, names: readonly string[], onAnswer: () => void): void {
    const { registry, subscriptions } = this.#parts;
    const scope = registry.scope("listener_manager.lds.", SUBSCRIPTION_STATS);
    this.#onAnswer = onAnswer;
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names,
      stats: countSubscription(scope, SUBSCRIPTION_STATS, this.#parts),
      callbacks: {
        onConfigUpdate: (update) => this.#take(update),
        onFetchTimeout: () => this.#answered([]),
      },
    });
  }

  close(): void {
    this.#watch?.cancel();
  }

  #take({ added, removed }: ConfigUpdate): Rejection[] {
    // First those that go: another one may want their address.
    for (const name of removed) if (!this.#static.has(name)) this.#listeners.remove(name);
    const rejections: Rejection[] = [];
    const places: Promise<void>[] = [];
    for (const resource of added) {
      if (this.#static.has(resource.name)) continue;
      const result = this.#add(resource);
      if (result instanceof Promise)
        places.push(result.catch((error) => this.#failed(resource, error)));
      else rejections.push(result);
    }
    this.#answered(places);
    return rejections;
  }

  #add(resource: ReceivedResource): Promise<void> | Rejection {
    const { name } = resource;
    const targets: InitTarget[] = [];
    const compiled = compileResource<Listener, ListenerConfig | null>(
      resource,
      { ...this.#parts.context, targets },
      this.#parts.allowUnimplemented,
      (message, ctx) => compileListener(message, ctx, this.#compiler),
    );
    if ("error" in compiled) return { name, message: compiled.error };
    const refusal = this.#listeners.refusal(compiled.plain!);
    if (refusal !== null) {
      for (const target of targets) target.release();
      return { name, message: refusal };
    }
    return this.#listeners.set(compiled.plain!, targets, (reason) =>
      this.#watch?.setWaitsFor(name, reason),
    );
  }

  #failed({ name }: ReceivedResource, { message }: Error): void {
    this.#parts.warn(`error adding listener '${name}': ${message}`);
  }

  #answered(places: readonly Promise<void>[]): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = null;
    if (onAnswer !== null) void Promise.all(places).then(onAnswer);
  }
}
