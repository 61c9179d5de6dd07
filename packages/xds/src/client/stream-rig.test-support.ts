import { create } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Any } from "@bufbuild/protobuf/wkt";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
  Resource,
} from "../types/discovery-messages.ts";
import { shortNameOfUrl, typeUrlOf } from "../types/resource-type.ts";
import type {
  ConfigUpdate,
  Rejection,
  SubscriptionCallbacks,
  SubscriptionStats,
  Watch,
  WatchOptions,
} from "./callbacks.ts";
import { DeltaSession } from "./delta-session.ts";
import type { AnyRequest, AnyResponse, DiscoveryStreamOptions } from "./discovery-stream.ts";
import { DiscoveryStream } from "./discovery-stream.ts";
import { SotwSession } from "./sotw-session.ts";
import type { StreamConnection, StreamEvents, StreamTransport } from "./stream-transport.ts";

/** A stream whose other end is the test. */
class ScriptedStream<Request, Response> implements StreamConnection<Request> {
  readonly events: StreamEvents<Response>;
  isClosed = false;
  #requests: Request[] = [];

  constructor(events: StreamEvents<Response>) {
    this.events = events;
  }

  send(request: Request): void {
    this.#requests.push(request);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The requests since the last call. */
  take(): Request[] {
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }
}

/** Opens streams when the test says so. */
export class ScriptedTransport<Request, Response> implements StreamTransport<Request, Response> {
  readonly streams: ScriptedStream<Request, Response>[] = [];

  connect(events: StreamEvents<Response>): ScriptedStream<Request, Response> {
    const stream = new ScriptedStream<Request, Response>(events);
    this.streams.push(stream);
    return stream;
  }

  get last(): ScriptedStream<Request, Response> {
    const last = this.streams.at(-1);
    if (last === undefined) throw new Error("no stream was asked for");
    return last;
  }
}

/** An owner that writes down what it is told, and refuses what the test says. */
export class RecordingOwner implements SubscriptionCallbacks, SubscriptionStats {
  /** `+a@1 -b`: what came and went, by version. */
  told: string[] = [];
  timeouts = 0;
  failures: string[] = [];
  /** Names that are refused, with their reason; null refuses everything. */
  refuse: ReadonlyMap<string | null, string> = new Map();
  onTold: ((update: ConfigUpdate) => void) | null = null;
  readonly counts = { attempt: 0, success: 0, failure: 0, rejected: 0, timeout: 0 };
  version: string | null = null;

  onConfigUpdate(update: ConfigUpdate): readonly Rejection[] {
    const added = update.added.map(({ name, version }) => `+${name}@${version}`);
    this.told.push([...added, ...update.removed.map((name) => `-${name}`)].join(" "));
    this.onTold?.(update);
    return Array.from(this.refuse, ([name, message]) => ({ name, message })).filter(
      ({ name }) => name === null || update.added.some((one) => one.name === name),
    );
  }

  onFetchTimeout(): void {
    this.timeouts += 1;
  }

  onConnectionFailure(reason: string): void {
    this.failures.push(reason);
  }

  updateAttempt(): void {
    this.counts.attempt += 1;
  }

  updateSuccess(version: string): void {
    this.counts.success += 1;
    this.version = version;
  }

  updateFailure(): void {
    this.counts.failure += 1;
  }

  updateRejected(): void {
    this.counts.rejected += 1;
  }

  initFetchTimeout(): void {
    this.counts.timeout += 1;
  }

  /** What was told since the last call. */
  take(): string[] {
    const told = this.told;
    this.told = [];
    return told;
  }
}

/** A node of one name. */
export function nodeCalled(id: string): Node {
  return newMessage("envoy.config.core.v3.Node", { id }) as Node;
}

/** A message of the API; its fields as protobuf-es spells them. */
export function newMessage(typeName: string, fields: object): Message {
  return create(envoyTypes().getMessage(typeName)!, fields as never);
}

/** A serialized resource: its name where all types have it, and some content. */
export function resourceBytes(name: string, content = ""): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(name);
  return writer.tag(1000, WireType.LengthDelimited).string(content).finish();
}

/** `a=x`: a resource called a with the content x. */
export function anyOf(typeUrl: string, text: string): Any {
  const [name = "", content] = text.split("=");
  return { $typeName: "google.protobuf.Any", typeUrl, value: resourceBytes(name, content) };
}

/** A wrapped resource, as the delta protocol has them; without content a heartbeat. */
export function wrapped(
  typeUrl: string,
  text: string,
  version: string,
  rest: { ttlMs?: number; aliases?: string[]; isEmpty?: boolean } = {},
): Resource {
  const [name = ""] = text.split("=");
  return create(discoverySchemas().resource, {
    name,
    version,
    aliases: rest.aliases ?? [],
    ...(rest.isEmpty === true ? {} : { resource: anyOf(typeUrl, text) }),
    ...(rest.ttlMs === undefined ? {} : { ttl: durationOf(rest.ttlMs) }),
  });
}

/** The Any of a wrapped resource, for the state-of-the-world protocol. */
export function anyWrapped(...args: Parameters<typeof wrapped>): Any {
  return anyPack(discoverySchemas().resource, wrapped(...args));
}

/** A response; `resources` as `anyOf` takes them, or made already. */
export function response(
  type: string,
  version: string,
  nonce: string,
  resources: readonly (string | Any)[],
): DiscoveryResponse {
  const typeUrl = typeUrlOf(type);
  return create(discoverySchemas().response, {
    typeUrl,
    versionInfo: version,
    nonce,
    resources: resources.map((one) => (typeof one === "string" ? anyOf(typeUrl, one) : one)),
  });
}

/** A delta response; `resources` as `name=content@version`, or made already. */
export function deltaResponse(
  type: string,
  nonce: string,
  resources: readonly (string | Resource)[],
  removed: readonly string[] = [],
): DeltaDiscoveryResponse {
  const typeUrl = typeUrlOf(type);
  return create(discoverySchemas().deltaResponse, {
    typeUrl,
    nonce,
    systemVersionInfo: `s${nonce}`,
    removedResources: [...removed],
    resources: resources.map((one) => {
      if (typeof one !== "string") return one;
      const [text = "", version = ""] = one.split("@");
      return wrapped(typeUrl, text, version);
    }),
  });
}

function durationOf(ms: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1e6 };
}

/** A request in one line: `CDS node v=1 n=2 [a,b] error=...`; what is empty is left out. */
export function requestText(request: DiscoveryRequest | DeltaDiscoveryRequest): string {
  const parts = [shortNameOfUrl(request.typeUrl)];
  if (request.node !== undefined) parts.push("node");
  if (request.$typeName === "envoy.service.discovery.v3.DiscoveryRequest") {
    if (request.versionInfo !== "") parts.push(`v=${request.versionInfo}`);
    parts.push(`[${request.resourceNames.toSorted().join(",")}]`);
  } else {
    parts.push(...request.resourceNamesSubscribe.toSorted().map((name) => `+${name}`));
    parts.push(...request.resourceNamesUnsubscribe.toSorted().map((name) => `-${name}`));
    const versions = Object.entries(request.initialResourceVersions);
    const held = versions.map((pair) => pair.join("@")).toSorted();
    if (held.length > 0) parts.push(`have=${held.join(",")}`);
  }
  if (request.responseNonce !== "") parts.push(`n=${request.responseNonce}`);
  if (request.errorDetail !== undefined) parts.push(`error=${request.errorDetail.message}`);
  return parts.join(" ");
}

type Overrides<Request extends AnyRequest, Response extends AnyResponse> = Partial<
  DiscoveryStreamOptions<Request, Response>
>;

/** A stream of one protocol between a client under test and the test. */
export class StreamRig<
  Request extends (DiscoveryRequest | DeltaDiscoveryRequest) & AnyRequest,
  Response extends AnyResponse,
> {
  readonly clock = new ManualClock();
  readonly transport = new ScriptedTransport<Request, Response>();
  readonly stream: DiscoveryStream<Request, Response>;

  constructor(
    newSession: DiscoveryStreamOptions<Request, Response>["newSession"],
    overrides: Overrides<Request, Response>,
  ) {
    this.stream = new DiscoveryStream({
      transport: this.transport,
      newSession,
      node: nodeCalled("test"),
      setNodeOnFirstMessageOnly: true,
      clock: this.clock,
      random: () => 0.5,
      backOff: { baseIntervalMs: 500, maxIntervalMs: 30_000 },
      requestLimit: null,
      stats: undefined,
      ...overrides,
    });
  }

  watch(type: string, names: readonly string[], more: Partial<WatchOptions> = {}): RecordedWatch {
    const owner = new RecordingOwner();
    const options = { names, callbacks: owner, stats: owner, ...more };
    const watch = this.stream.subscription(typeUrlOf(type)).watch(options);
    return { ...watch, owner };
  }

  /** Opens the stream that was asked for last. */
  open(): string[] {
    this.transport.last.events.onOpen();
    return this.requests();
  }

  /** Sends a response and returns what the client answers at once. */
  respond(message: Response): string[] {
    this.transport.last.events.onMessage(message);
    return this.requests();
  }

  /** Lets what waits for its turn have it, and returns what the client sends. */
  turn(): string[] {
    this.clock.advance(0);
    return this.requests();
  }

  /** Ends the stream, waits for the next one, and opens it. */
  reconnect(): string[] {
    const before = this.transport.streams.length;
    this.transport.last.events.onClose("gone");
    this.clock.advance(30_000);
    if (this.transport.streams.length === before) throw new Error("no new stream was asked for");
    return this.open();
  }

  requests(): string[] {
    return this.transport.last.take().map(requestText);
  }
}

/** A watch with its owner. */
export interface RecordedWatch extends Watch {
  readonly owner: RecordingOwner;
}

/** A rig of the state-of-the-world protocol. */
export function sotwRig(
  overrides: Overrides<DiscoveryRequest, DiscoveryResponse> = {},
): StreamRig<DiscoveryRequest, DiscoveryResponse> {
  return new StreamRig((subscription) => new SotwSession(subscription), overrides);
}

/** A rig of the delta protocol. */
export function deltaRig(
  overrides: Overrides<DeltaDiscoveryRequest, DeltaDiscoveryResponse> = {},
): StreamRig<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  return new StreamRig((subscription) => new DeltaSession(subscription), overrides);
}
