import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  CREATE,
  DELETE,
  type LeaseKeepAliveRequest,
  type RangeRequest,
  type TxnRequest,
  type WatchRequest,
} from "../../providers/etcd/api/messages.ts";
import { etcdServices, type EtcdServices } from "../../providers/etcd/api/services.ts";
import {
  EtcdStore,
  rangeTest,
  type StoreChange,
  type StoredEvent,
  type StoredKey,
} from "./etcd-store.ts";

type RangeAnswer = MessageInitShape<EtcdServices["KV"]["method"]["range"]["output"]>;
type WatchAnswer = MessageInitShape<EtcdServices["Watch"]["method"]["watch"]["output"]>;
type TxnAnswer = MessageInitShape<EtcdServices["KV"]["method"]["txn"]["output"]>;
type OpAnswer = NonNullable<TxnAnswer["responses"]>[number];

const USER = "reader";
const PASSWORD = "secret";

/** A member of etcd on a free port: the part of the v3 API that is used, over a store that tests change and break. */
export class FakeEtcd {
  store: EtcdStore;
  /** Only whoever has a token is served; it is that of the last `authenticate`. */
  needsToken = false;
  /** Whether the last watch was to end where a member is cut off from the others. */
  watchNeedsLeader = false;
  /** Methods that were called, in order. */
  readonly calls: string[] = [];
  /** Calls of these methods fail with this. */
  readonly failures: Map<string, ConnectError> = new Map();
  readonly leases: Set<bigint> = new Set();
  #token = 0;
  #nextLease = 100n;
  #server: http2.Http2Server | undefined;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #waiting = new Set<() => void>();

  constructor(store: EtcdStore = new EtcdStore()) {
    this.store = store;
  }

  /** Resolves to the URL. The port of before is taken again. */
  async listen(port = 0, tls?: http2.SecureServerOptions): Promise<string> {
    this.store.onChange = () => this.#wake();
    const handler = connectNodeAdapter({
      routes: (router) => this.#routes(router),
      connect: false,
    });
    const server =
      tls === undefined ? http2.createServer(handler) : http2.createSecureServer(tls, handler);
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("error", () => {});
      session.once("close", () => this.#sessions.delete(session));
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    this.#server = server;
    const { port: taken } = server.address() as AddressInfo;
    return `${tls === undefined ? "http" : "https"}://127.0.0.1:${taken}`;
  }

  /** Ends all connections, and takes no more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const session of this.#sessions) session.destroy();
    this.#wake();
    await closed;
  }

  /** A lease ends, and its keys with it. */
  expire(lease: bigint): void {
    this.leases.delete(lease);
    const gone = [...this.store.keys.values()].filter((each) => each.lease === lease);
    this.store.apply(gone.map(({ key }) => ({ key })));
  }

  /** Tokens that were given are none any more. */
  endTokens(): void {
    this.#token++;
  }

  #routes(router: ConnectRouter): void {
    const { KV, Watch, Lease, Auth } = etcdServices();
    router.service(KV, {
      range: (request, context) => this.#guard("range", context, () => this.#range(request)),
      txn: (request, context) => this.#guard("txn", context, () => this.#txn(request)),
    });
    router.service(Watch, { watch: (requests, context) => this.#watch(requests, context) });
    router.service(Lease, {
      leaseGrant: (_, context) =>
        this.#guard("leaseGrant", context, () => {
          const ID = this.#nextLease++;
          this.leases.add(ID);
          return { ID };
        }),
      leaseRevoke: ({ ID }, context) =>
        this.#guard("leaseRevoke", context, () => {
          this.expire(ID);
          return {};
        }),
      leaseKeepAlive: (requests, context) => this.#keepAlive(requests, context),
    });
    router.service(Auth, {
      authenticate: ({ name, password }) => {
        this.calls.push("authenticate");
        if (name !== USER || password !== PASSWORD)
          throw new ConnectError(
            "etcdserver: authentication failed, invalid user ID or password",
            Code.InvalidArgument,
          );
        return { token: `token-${++this.#token}` };
      },
    });
  }

  #guard<T>(method: string, { requestHeader }: HandlerContext, run: () => T): T {
    this.calls.push(method);
    const failure = this.failures.get(method);
    if (failure !== undefined) throw failure;
    if (this.needsToken && requestHeader.get("token") !== `token-${this.#token}`)
      throw new ConnectError("etcdserver: invalid auth token", Code.Unauthenticated);
    return run();
  }

  get #header(): { clusterId: bigint; revision: bigint } {
    return { clusterId: this.store.clusterId, revision: this.store.revision };
  }

  #range({ key, rangeEnd, limit, revision }: RangeRequest): RangeAnswer {
    if (revision !== 0n && revision < this.store.compacted)
      throw new ConnectError(
        "etcdserver: mvcc: required revision has been compacted",
        Code.OutOfRange,
      );
    const all = this.store.range(key, rangeEnd);
    const some = limit === 0n ? all : all.slice(0, Number(limit));
    return {
      header: this.#header,
      kvs: some.map(wire),
      more: some.length < all.length,
      count: BigInt(all.length),
    };
  }

  #txn({ compare, success, failure }: TxnRequest): TxnAnswer {
    const succeeded = compare.every(({ key, target, targetUnion }) => {
      const found = this.store.keys.get(Buffer.from(key).toString());
      const seen = (target === CREATE ? found?.createRevision : found?.modRevision) ?? 0n;
      return seen === (targetUnion.value ?? 0n);
    });
    const responses: OpAnswer[] = [];
    const changes: StoreChange[] = [];
    for (const { request } of succeeded ? success : failure) {
      if (request.case === "requestRange") {
        responses.push({ response: { case: "responseRange", value: this.#range(request.value) } });
      } else if (request.case !== undefined) {
        const key = Buffer.from(request.value.key).toString();
        const isPut = request.case === "requestPut";
        changes.push(
          isPut ? { key, value: request.value.value, lease: request.value.lease } : { key },
        );
      }
    }
    if (changes.length > 0) this.store.apply(changes);
    return { header: this.#header, succeeded, responses };
  }

  async *#keepAlive(
    requests: AsyncIterable<LeaseKeepAliveRequest>,
    context: HandlerContext,
  ): AsyncIterable<{ TTL: bigint }> {
    for await (const { ID } of requests)
      yield this.#guard("leaseKeepAlive", context, () => ({ TTL: this.leases.has(ID) ? 10n : 0n }));
  }

  async *#watch(
    requests: AsyncIterable<WatchRequest>,
    context: HandlerContext,
  ): AsyncIterable<WatchAnswer> {
    this.#guard("watch", context, () => {});
    this.watchNeedsLeader = context.requestHeader.get("hasleader") === "true";
    for await (const { requestUnion } of requests) {
      if (requestUnion.case !== "createRequest") continue;
      const { key, rangeEnd, startRevision } = requestUnion.value;
      const inRange = rangeTest(key, rangeEnd);
      const store = this.store;
      yield { header: this.#header, created: true };
      let next = startRevision;
      while (!context.signal.aborted && this.store === store) {
        if (next <= store.compacted) {
          yield { header: this.#header, canceled: true, compactRevision: store.compacted };
          return;
        }
        const events = store.events.filter((one) => one.revision >= next && inRange(one.key));
        next = store.revision + 1n;
        if (events.length > 0) yield { header: this.#header, events: events.map(wireEvent) };
        if (store.revision >= next) continue;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function wire({ key, ...rest }: StoredKey): NonNullable<RangeAnswer["kvs"]>[number] {
  return { ...rest, key: Buffer.from(key) };
}

function wireEvent({
  key,
  revision,
  now,
}: StoredEvent): NonNullable<WatchAnswer["events"]>[number] {
  return now === undefined
    ? { type: DELETE, kv: { key: Buffer.from(key), modRevision: revision } }
    : { type: 0, kv: wire(now) };
}
