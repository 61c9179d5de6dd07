import { shortNameOfUrl, typeUrlOf } from "@nuncio/xds";
import type {
  Clock,
  RefusedResource,
  ResourceOfClient,
  XdsCallbacks,
  XdsServer,
} from "@nuncio/xds";
import type { Cells } from "../incremental/cells.ts";
import { Index } from "../incremental/index-cells.ts";
import type { Table } from "../incremental/table.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { IrListener } from "../ir/listener.ts";
import type { ObjectKey } from "../resources/object.ts";
import type { DataPlaneState, RefusedListener } from "../status/data-plane-state.ts";
import type { GatewayResource } from "../xds/xds-stages.ts";
import { PortRetries } from "./port-retries.ts";

const LDS = typeUrlOf("LDS");
/** A message tells of so many refusals. */
const TOLD_MAX = 3;

export interface DataPlaneStatesOptions {
  readonly server: () => XdsServer;
  readonly clock: Clock;
  readonly infrastructure: Cells<IrInfrastructure>;
  readonly listeners: Cells<IrListener>;
  readonly resources: readonly Cells<GatewayResource>[];
  /** The data planes that serve a gateway. */
  readonly groupOf: (gateway: ObjectKey) => string;
  /** Where a gateway that asks for no address can be reached. */
  readonly addresses: () => DataPlaneState["addresses"];
  /** What is found out goes there. */
  readonly states: Table<DataPlaneState>;
  /** A data plane has said something: `update` has something to do. */
  readonly onNews: () => void;
}

/**
 * What data planes say to what they are sent, by gateway: it is programmed when all of its listeners were accepted and
 * nothing else of it is refused.
 */
export class DataPlaneStates {
  readonly #options: DataPlaneStatesOptions;
  readonly #listenersOf: Index<IrListener>;
  readonly #due = new Set<ObjectKey>();
  /** Why the data plane of a gateway does not run. */
  readonly #failures = new Map<ObjectKey, string>();
  readonly #ports: PortRetries;
  #refusals: readonly RefusedResource[] = [];
  #told = false;

  constructor(options: DataPlaneStatesOptions) {
    this.#options = options;
    const { server, clock } = options;
    this.#ports = new PortRetries({
      clock,
      retry: ({ name }) => server().retryRefused(LDS, name),
      isUnderWay: ({ name, stream }) =>
        server()
          .statusOf(LDS, name)
          .some((one) => one.stream.id === stream.id && one.state === "sent"),
    });
    this.#listenersOf = new Index("listeners by gateway", options.listeners, ({ gateway }) => [
      gateway,
    ]);
    options.listeners.onChange((_, value, before) => {
      for (const piece of [value, before]) if (piece !== undefined) this.#plan([piece.gateway]);
    });
    options.infrastructure.onChange((gateway) => this.#plan([gateway]));
  }

  /** For the server: whom its clients answer. */
  readonly callbacks: XdsCallbacks = {
    onRequest: (stream, request) => {
      // A client that asks for more of another type has said nothing of what it has.
      const mayMatter =
        request.typeUrl === LDS || request.errorDetail !== undefined || this.#refusals.length > 0;
      if (mayMatter) this.#planGroup(stream.node?.cluster ?? request.node?.cluster);
    },
    onStreamClosed: ({ node }) => this.#planGroup(node?.cluster),
  };

  /** The data plane of a gateway cannot run, or runs again (undefined). */
  failed(gateway: ObjectKey, why: string | undefined): void {
    if (why === undefined) this.#failures.delete(gateway);
    else this.#failures.set(gateway, why);
    this.#plan([gateway]);
    this.#tell();
  }

  close(): void {
    this.#ports.close();
  }

  #planGroup(group: string | undefined): void {
    const gateways = Array.from(this.#options.infrastructure.entries(), ([gateway]) => gateway);
    this.#plan(gateways.filter((gateway) => this.#options.groupOf(gateway) === group));
    this.#tell();
  }

  #plan(gateways: Iterable<ObjectKey>): void {
    for (const gateway of gateways) this.#due.add(gateway);
  }

  /** The server tells before it has done what it is about to do. */
  #tell(): void {
    if (this.#told || this.#due.size === 0) return;
    this.#told = true;
    setImmediate(() => {
      this.#told = false;
      this.#options.onNews();
    });
  }

  /** Brings `states` up to date. Returns whether one of them is another one now. Not while stages compute. */
  update(): boolean {
    const { states, infrastructure } = this.#options;
    const refusals = this.#options.server().refusals();
    this.#refusals = [...refusals, ...this.#ports.update(refusals.filter(isOfPort))];
    let changed = false;
    for (const gateway of this.#due) {
      const differs =
        infrastructure.peek(gateway) === undefined
          ? states.delete(gateway)
          : states.set(gateway, this.#stateOf(gateway));
      changed ||= differs;
    }
    this.#due.clear();
    return changed;
  }

  #stateOf(gateway: ObjectKey): DataPlaneState {
    const before = this.#options.states.peek(gateway);
    const addresses = this.#options.addresses();
    const shared = addresses === undefined ? {} : { addresses };
    const failure = this.#failures.get(gateway);
    if (failure !== undefined)
      return { ...shared, programmed: false, reason: "Pending", message: failure };
    const refused = this.#refusedListeners(gateway);
    const others = this.#otherRefusals(gateway);
    if (others.length > TOLD_MAX)
      others.splice(TOLD_MAX, Infinity, `and ${others.length - TOLD_MAX} more`);
    if (others.length > 0)
      return {
        ...shared,
        programmed: false,
        reason: "Invalid",
        message: others.join("; "),
        refused,
      };
    if (this.#isTaken(gateway))
      return {
        ...shared,
        programmed: true,
        reason: "Programmed",
        message: "it is served",
        refused,
      };
    // What is served goes on being served until the data plane has answered.
    if (before?.programmed === true) return before;
    return { ...shared, programmed: false, reason: "Pending", message: "waits for a data plane" };
  }

  #refusedListeners(gateway: ObjectKey): RefusedListener[] {
    return this.#refusalsOf(gateway)
      .filter(({ typeUrl }) => typeUrl === LDS)
      .map(({ name, refusal: { message } }) => ({
        listener: name,
        reason: reasonOf(message),
        message: wordsOf(name, message),
      }));
  }

  #otherRefusals(gateway: ObjectKey): string[] {
    return this.#refusalsOf(gateway)
      .filter(({ typeUrl }) => typeUrl !== LDS)
      .map(
        ({ typeUrl, name, refusal }) =>
          `${shortNameOfUrl(typeUrl)} ${name}: ${wordsOf(name, refusal.message)}`,
      );
  }

  #refusalsOf(gateway: ObjectKey): RefusedResource[] {
    return this.#refusals.filter(({ name, typeUrl }) =>
      this.#options.resources.some((cells) => {
        const found = cells.peek(name);
        return found?.gateway === gateway && found.resource.typeUrl === typeUrl;
      }),
    );
  }

  /** Whether each listener was answered by all data planes that serve the gateway. */
  #isTaken(gateway: ObjectKey): boolean {
    const { server, groupOf } = this.#options;
    const group = groupOf(gateway);
    for (const listener of this.#listenersOf.peek(gateway) ?? []) {
      const clients = server()
        .statusOf(LDS, listener)
        .filter(({ stream }) => stream.node?.cluster === group);
      if (clients.length === 0) return false;
      if (clients.some((client) => !this.#hasAnswered(client))) return false;
    }
    return true;
  }

  /** What is refused together with others is asked again, one by one. */
  #hasAnswered({ name, state }: ResourceOfClient): boolean {
    if (state !== "refused") return state === "accepted";
    return this.#refusals.some((refused) => refused.typeUrl === LDS && refused.name === name);
  }
}

/** The words of a data plane without the name of what they are about. */
function wordsOf(name: string, message: string): string {
  return message.replace("Error adding/updating listener(s) ", "").replace(`${name}: `, "").trim();
}

function reasonOf(message: string): RefusedListener["reason"] {
  if (ADDRESS_PROBLEM.test(message)) return "AddressNotUsable";
  return PORT_PROBLEM.test(message) ? "PortUnavailable" : "Invalid";
}

/** EADDRNOTAVAIL in the words of Nuncio and of Envoy: the second ones are the C library's. */
const ADDRESS_PROBLEM = /cannot bind.*(address not available|cannot assign requested address)/i;
const PORT_PROBLEM = /cannot bind|address already in use|EADDRINUSE|EACCES/i;

function isOfPort({ typeUrl, refusal }: RefusedResource): boolean {
  return typeUrl === LDS && PORT_PROBLEM.test(refusal.message);
}
