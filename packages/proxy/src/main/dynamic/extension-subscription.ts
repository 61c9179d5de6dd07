import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { CompileContext, ExtensionUse, InitTarget } from "../../config/context.ts";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import type { ExtensionConfig } from "../../extension/model.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { ECDS_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ExtensionPlace } from "./extension-configs.ts";
import { InitTargets } from "./init-targets.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource, type CompiledResource } from "./resource-compiler.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
const STATS = ECDS_STATS.at;

type TypedExtensionConfig = Message & { readonly typedConfig?: Any };

/** What a resource is at one place. */
interface CompiledPlace {
  readonly place: ExtensionPlace;
  readonly config: ExtensionConfig | null;
  readonly targets: readonly InitTarget[];
}

/** One filter configuration of one source, and the places that take it: all of them, or none. */
export class ExtensionSubscription {
  readonly #parts: LiveParts;
  readonly #scope: ScopeSlots;
  readonly #places = new Set<ExtensionPlace>();
  readonly #watch: Watch;
  readonly #end: () => void;
  /** What was taken last; null when there is none, or none any more. */
  #resource: ReceivedResource | null = null;
  /** Something came, or nothing in its time. */
  #answered = false;

  /** @param end called when nobody uses it any more */
  constructor(
    { kind, name, source }: Pick<ExtensionUse, "kind" | "name" | "source">,
    parts: LiveParts,
    end: () => void,
  ) {
    this.#parts = parts;
    this.#end = end;
    const { registry, subscriptions } = parts;
    const prefix = `extension_config_discovery.${kind}.${name.replaceAll(":", "_")}.`;
    this.#scope = registry.scope(prefix, ECDS_STATS);
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [name],
      stats: countSubscription(this.#scope, ECDS_STATS, parts),
      callbacks: {
        onConfigUpdate: ({ added, removed }) => {
          this.#answered = true;
          if (removed.length > 0) this.#remove();
          return added.flatMap((resource) => this.#take(resource));
        },
        onFetchTimeout: () => this.#failed(),
      },
    });
  }

  /** One more place takes it: at once what there is, where that suits. */
  add(place: ExtensionPlace): void {
    this.#places.add(place);
    if (this.#resource !== null) {
      const compiled = this.#compile(this.#resource, [place]);
      if ("error" in compiled) this.#count("config_conflict");
      else takeAll(compiled.plain);
    }
    if (this.#answered) place.giveUp();
  }

  remove(place: ExtensionPlace): void {
    this.#places.delete(place);
    if (this.#places.size > 0) return;
    this.#watch.cancel();
    this.#end();
  }

  #take(resource: ReceivedResource): Rejection[] {
    const compiled = this.#compile(resource, this.#places);
    if ("error" in compiled) {
      this.#failed();
      return [{ name: resource.name, message: compiled.error }];
    }
    this.#resource = resource;
    this.#count("config_reload");
    takeAll(compiled.plain);
    return [];
  }

  #remove(): void {
    this.#resource = null;
    for (const place of this.#places) place.take(null, new InitTargets([]));
  }

  #failed(): void {
    this.#answered = true;
    this.#count("config_fail");
    for (const place of this.#places) place.giveUp();
  }

  #compile(
    resource: ReceivedResource,
    places: Iterable<ExtensionPlace>,
  ): CompiledResource<TypedExtensionConfig, readonly CompiledPlace[]> {
    const { context, allowUnimplemented } = this.#parts;
    return compileResource<TypedExtensionConfig, readonly CompiledPlace[]>(
      resource,
      { ...context, targets: [] },
      allowUnimplemented,
      (message, ctx) =>
        Array.from(places, (place) => compileFor(place, resource.name, message, ctx)),
    );
  }

  #count(stat: keyof typeof STATS): void {
    this.#parts.stats.slots[this.#scope.base + STATS[stat]]! += 1;
  }
}

function compileFor(
  place: ExtensionPlace,
  name: string,
  message: TypedExtensionConfig,
  ctx: CompileContext,
): CompiledPlace {
  const targets: InitTarget[] = [];
  const { typedConfig } = message;
  // Without it a rule of the API is broken, and nothing is compiled.
  const config = place.use.compile(
    typedConfig!,
    { name, message, field: "typed_config" },
    { ...ctx, targets },
  );
  ctx.targets.push(...targets);
  return { place, config, targets };
}

function takeAll(compiled: readonly CompiledPlace[]): void {
  for (const { place, config, targets } of compiled) place.take(config, new InitTargets(targets));
}
