import { create, type Message } from "@bufbuild/protobuf";
import { AnySchema, timestampFromMs, type Any, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { WatchedResource, WatchedType, XdsClientStatus } from "@nuncio/xds";
import { make } from "./dump-messages.ts";

/** Fields of a dump's item. */
type Item = Record<string, unknown>;

/** What came from control planes and files, in the forms of /config_dump. */
export class DynamicResources {
  readonly #types: readonly WatchedType[];
  /** What a time of the client's clock is in milliseconds since the epoch. */
  readonly #offsetMs: number;

  /** @param wallMs milliseconds since the epoch, now */
  constructor({ nowMs, sources }: XdsClientStatus, wallMs: number) {
    this.#types = sources.flatMap(({ types }) => types);
    this.#offsetMs = wallMs - nowMs;
  }

  /** Of the last response that was taken whole. */
  versionOf(typeName: string): string {
    return this.#ofType(typeName)[0]?.version ?? "";
  }

  /** The resources in use, the message as `field`; of clusters, those that wait for something are warming. */
  items(typeName: string, field: string, which: "all" | "active" | "warming"): Item[] {
    const items: Item[] = [];
    for (const resource of this.#resources(typeName)) {
      const { name, content, version, waitsFor } = resource;
      if (content === null || (which !== "all" && (waitsFor !== null) !== (which === "warming")))
        continue;
      const item = {
        ...(field === "secret" ? { name } : {}),
        versionInfo: version,
        [field]: any(typeName, content),
      };
      items.push({ ...item, ...this.#update(resource), ...this.#error(resource) });
    }
    return items;
  }

  listeners(): Message[] {
    return this.#resources(LISTENER).map((resource) => {
      const { name, content, version, waitsFor } = resource;
      const state =
        content === null
          ? null
          : make("ListenersConfigDump.DynamicListenerState", {
              versionInfo: version,
              listener: any(LISTENER, content),
              ...this.#update(resource),
            });
      return make("ListenersConfigDump.DynamicListener", {
        name,
        ...(state === null ? {} : { [waitsFor === null ? "activeState" : "warmingState"]: state }),
        ...this.#error(resource),
      });
    });
  }

  /** Names of what is wanted and has not come. */
  missing(typeName: string): string[] {
    return this.#resources(typeName)
      .filter(({ content }) => content === null)
      .map(({ name }) => name);
  }

  #ofType(typeName: string): WatchedType[] {
    return this.#types.filter(({ typeUrl }) => typeUrl === typeUrlOf(typeName));
  }

  #resources(typeName: string): WatchedResource[] {
    return this.#ofType(typeName).flatMap(({ resources }) => [...resources]);
  }

  #update({ acceptedAtMs }: WatchedResource): { lastUpdated?: Timestamp } {
    return acceptedAtMs === null ? {} : { lastUpdated: this.#time(acceptedAtMs) };
  }

  /** As `envoy.admin.v3.UpdateFailureState` tells it. */
  #error({ error }: WatchedResource): Item {
    if (error === null) return {};
    const { message: details, version: versionInfo, atMs } = error;
    const lastUpdateAttempt = this.#time(atMs);
    return { errorState: make("UpdateFailureState", { details, versionInfo, lastUpdateAttempt }) };
  }

  #time(clientMs: number): Timestamp {
    return timestampFromMs(Math.round(this.#offsetMs + clientMs));
  }
}

const LISTENER = "envoy.config.listener.v3.Listener";

function typeUrlOf(typeName: string): string {
  return `type.googleapis.com/${typeName}`;
}

function any(typeName: string, value: Uint8Array): Any {
  return create(AnySchema, { typeUrl: typeUrlOf(typeName), value });
}
