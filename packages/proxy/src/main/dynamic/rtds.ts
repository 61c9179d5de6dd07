import type { JsonObject } from "@bufbuild/protobuf";
import type { Runtime } from "@nuncio/api/types/envoy/service/runtime/v3/rtds_pb";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import type {
  RuntimeLayerConfig,
  RuntimeLayerSource,
  RuntimeLayerTarget,
} from "../../runtime/layer.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.service.runtime.v3.Runtime";

/** Layers of the runtime that a control plane gives. */
export class RtdsApi implements RuntimeLayerSource {
  readonly #parts: LiveParts;
  readonly #watches: Watch[] = [];
  readonly #answers: Promise<void>[] = [];

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  follow(
    { resourceName, configSource }: RuntimeLayerConfig & { readonly kind: "rtds" },
    target: RuntimeLayerTarget,
  ): void {
    const { registry, subscriptions } = this.#parts;
    const scope = registry.scope("runtime.", SUBSCRIPTION_STATS);
    let onAnswer!: () => void;
    this.#answers.push(new Promise((resolve) => (onAnswer = resolve)));
    const watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source: configSource ?? null,
      names: [resourceName],
      stats: countSubscription(scope, SUBSCRIPTION_STATS, this.#parts),
      callbacks: {
        onConfigUpdate: ({ added, removed }) => {
          if (removed.length > 0) target.remove();
          const rejections = added.flatMap((resource) => this.#take(resource, target));
          onAnswer();
          return rejections;
        },
        onFetchTimeout: onAnswer,
      },
    });
    this.#watches.push(watch);
  }

  /** Resolves when each layer has come, or did not in its time. */
  async answered(): Promise<void> {
    await Promise.all(this.#answers);
  }

  close(): void {
    for (const watch of this.#watches) watch.cancel();
  }

  #take(resource: ReceivedResource, target: RuntimeLayerTarget): Rejection[] {
    const { name } = resource;
    const { context, allowUnimplemented } = this.#parts;
    const compiled = compileResource<Runtime, JsonObject>(
      resource,
      context,
      allowUnimplemented,
      ({ layer = {} }) => layer,
    );
    if ("error" in compiled) return [{ name, message: compiled.error }];
    try {
      target.set(compiled.plain);
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [{ name, message: error.message }];
    }
  }
}
