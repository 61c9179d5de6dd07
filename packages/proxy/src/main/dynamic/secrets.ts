import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { RemoteSecret, SecretSource } from "../../config/context.ts";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { SharedResource } from "./shared-resource.ts";
import { sourceKey } from "./source-key.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/** Makes the TLS contexts that use a secret anew; what stands against it, and then nothing has changed. */
export type UseSecret = (secret: RemoteSecret) => readonly string[];

/** The secrets that come by SDS from control planes; those in files are read where they are used. */
export class RemoteSecrets implements SecretSource {
  readonly #entries = new Map<string, Entry>();
  #parts: LiveParts | null = null;
  #use: UseSecret = () => [];

  /** From now on what is needed is asked for. */
  start(parts: LiveParts, use: UseSecret): void {
    this.#parts = parts;
    this.#use = use;
  }

  of(secretName: string, source: ConfigSource): RemoteSecret {
    const key = `${sourceKey(source)} ${secretName}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const owner: EntryOwner = {
        parts: () => this.#parts!,
        use: (secret) => this.#use(secret),
        end: () => this.#entries.delete(key),
      };
      entry = new Entry(secretName, source, owner);
      this.#entries.set(key, entry);
    }
    return entry.hold();
  }
}

interface EntryOwner {
  parts(): LiveParts;
  readonly use: UseSecret;
  end(): void;
}

class Entry extends SharedResource implements RemoteSecret {
  readonly name: string;
  current: Secret | null = null;
  readonly #secretName: string;
  readonly #source: ConfigSource;
  readonly #owner: EntryOwner;

  constructor(secretName: string, source: ConfigSource, owner: EntryOwner) {
    super();
    this.name = `secret '${secretName}'`;
    this.#secretName = secretName;
    this.#source = source;
    this.#owner = owner;
  }

  protected subscribe(): Watch {
    const parts = this.#owner.parts();
    const prefix = `sds.${this.#secretName.replaceAll(":", "_")}.`;
    const scope = parts.registry.scope(prefix, SUBSCRIPTION_STATS);
    return parts.subscriptions.watch({
      typeUrl: TYPE_URL,
      source: this.#source,
      names: [this.#secretName],
      stats: countSubscription(scope, SUBSCRIPTION_STATS, parts),
      callbacks: {
        // A secret that is taken away stays in use, as in Envoy.
        onConfigUpdate: ({ added }) => {
          const rejections = added.flatMap((resource) => this.#take(resource));
          // An answer it is, also where it is refused.
          if (added.length > 0) this.answer();
          return rejections;
        },
        onFetchTimeout: () => this.answer(),
      },
    });
  }

  protected ended(): void {
    this.#owner.end();
  }

  #take(resource: ReceivedResource): Rejection[] {
    const { name } = resource;
    const { context, allowUnimplemented } = this.#owner.parts();
    const compiled = compileResource<Secret, Secret>(
      resource,
      context,
      allowUnimplemented,
      (message) => message,
    );
    if ("error" in compiled) return [{ name, message: compiled.error }];
    const before = this.current;
    this.current = compiled.plain;
    const problems = this.#owner.use(this);
    if (problems.length > 0) {
      this.current = before;
      this.#owner.use(this);
      return [{ name, message: problems.join("\n") }];
    }
    return [];
  }
}
