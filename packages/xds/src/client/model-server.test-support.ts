import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../types/discovery-messages.ts";
import { WILDCARD } from "../types/resource-name.ts";
import { resourceTypeOfUrl, shortNameOfUrl } from "../types/resource-type.ts";
import { deltaResponse, response } from "./stream-rig.test-support.ts";

/** What a control plane has: resources by name, of one type. Each change has a version of its own. */
export class World {
  readonly typeUrl: string;
  readonly contents = new Map<string, { readonly content: string; readonly version: number }>();
  version = 0;

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl;
  }

  set(name: string, content: string | null): void {
    this.version += 1;
    if (content === null) this.contents.delete(name);
    else this.contents.set(name, { content, version: this.version });
  }
}

/** One stream of a control plane that does no more than the protocol demands of it. */
export interface ModelStream<Request, Response> {
  receive(request: Request): Response[];
  /** What it sends because its world changed: `names` did. */
  changed(names: readonly string[]): Response[];
}

/** State of the world: answers no request that is stale, and leaves out what the version says that the client has. */
export class ModelSotwStream implements ModelStream<DiscoveryRequest, DiscoveryResponse> {
  readonly #world: World;
  #names: string[] | null = null;
  #hasNamed = false;
  #nonce = 0;

  constructor(world: World) {
    this.#world = world;
  }

  receive(request: DiscoveryRequest): DiscoveryResponse[] {
    const isFirst = this.#names === null;
    if (!isFirst && request.responseNonce !== this.#lastNonce()) return [];
    this.#hasNamed ||= request.resourceNames.length > 0;
    const names = this.#hasNamed ? request.resourceNames : [WILDCARD];
    const isNewInterest = names.some((name) => this.#names?.includes(name) !== true);
    this.#names = names;
    const isCurrent = request.versionInfo === String(this.#world.version);
    if (isFirst) return isCurrent ? [] : [this.#everything()];
    return isNewInterest ? [this.#everything()] : [];
  }

  changed(names: readonly string[]): DiscoveryResponse[] {
    if (this.#names === null) return [];
    const isFull = resourceTypeOfUrl(this.#world.typeUrl)?.fullState === true;
    return [isFull ? this.#everything() : this.#respond(names)];
  }

  #everything(): DiscoveryResponse {
    return this.#respond([...this.#world.contents.keys()]);
  }

  #respond(candidates: readonly string[]): DiscoveryResponse {
    const wanted = this.#names ?? [];
    const resources: string[] = [];
    for (const name of candidates) {
      const entry = this.#world.contents.get(name);
      const isWanted = wanted.includes(name) || wanted.includes(WILDCARD);
      if (entry !== undefined && isWanted) resources.push(`${name}=${entry.content}`);
    }
    this.#nonce += 1;
    const type = shortNameOfUrl(this.#world.typeUrl);
    return response(type, String(this.#world.version), this.#lastNonce(), resources);
  }

  #lastNonce(): string {
    return this.#nonce === 0 ? "" : `n${this.#nonce}`;
  }
}

/** Delta: sends what the client has not, as far as the client's claims and its own messages tell. */
export class ModelDeltaStream implements ModelStream<
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse
> {
  readonly #world: World;
  readonly #names = new Set<string>();
  /** Versions that the client has, for all that the server knows. */
  readonly #sent = new Map<string, string>();
  #isFirst = true;
  #nonce = 0;

  constructor(world: World) {
    this.#world = world;
  }

  receive(request: DeltaDiscoveryRequest): DeltaDiscoveryResponse[] {
    const due = new Set<string>();
    if (this.#isFirst) {
      for (const [name, version] of Object.entries(request.initialResourceVersions))
        this.#sent.set(name, version);
      if (request.resourceNamesSubscribe.length === 0) this.#names.add(WILDCARD);
    }
    for (const name of request.resourceNamesSubscribe) {
      this.#names.add(name);
      if (name === WILDCARD) continue;
      // Named anew: sent whatever the client has, unless it says so in the same breath.
      if (!this.#isFirst) this.#sent.delete(name);
      due.add(name);
    }
    for (const name of request.resourceNamesUnsubscribe) {
      this.#names.delete(name);
      if (name === WILDCARD) {
        for (const sent of this.#sent.keys()) if (!this.#names.has(sent)) this.#sent.delete(sent);
      } else if (this.#names.has(WILDCARD)) {
        this.#sent.delete(name);
        due.add(name);
      } else this.#sent.delete(name);
    }
    const isAsked = due.size > 0 || this.#isFirst || request.resourceNamesSubscribe.length > 0;
    this.#isFirst = false;
    return isAsked ? this.#respond(due) : [];
  }

  changed(): DeltaDiscoveryResponse[] {
    return this.#isFirst ? [] : this.#respond(new Set());
  }

  /** @param due names that have to be answered even when there is nothing */
  #respond(due: ReadonlySet<string>): DeltaDiscoveryResponse[] {
    const resources: string[] = [];
    const removed = new Set<string>();
    for (const [name, { content, version }] of this.#world.contents) {
      const isWanted = this.#names.has(name) || this.#names.has(WILDCARD);
      if (!isWanted || this.#sent.get(name) === String(version)) continue;
      resources.push(`${name}=${content}@${version}`);
      this.#sent.set(name, String(version));
    }
    for (const name of [...this.#sent.keys(), ...due]) {
      if (this.#world.contents.has(name)) continue;
      removed.add(name);
      this.#sent.delete(name);
    }
    if (resources.length === 0 && removed.size === 0 && this.#nonce > 0) return [];
    this.#nonce += 1;
    const type = shortNameOfUrl(this.#world.typeUrl);
    return [deltaResponse(type, `n${this.#nonce}`, resources, [...removed])];
  }
}
