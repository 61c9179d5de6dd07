import { createSecureContext } from "node:tls";
import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type CallOptions } from "@connectrpc/connect";
import type { KeyValue, RangeResponse, TxnResponse, WatchResponse } from "../api/messages.ts";
import type { EtcdServices } from "../api/services.ts";
import { Endpoint } from "./endpoint.ts";
import { checkEndpoint, type EtcdOptions } from "./options.ts";

type RangeInit = Exclude<MessageInitShape<EtcdServices["KV"]["method"]["range"]["input"]>, Message>;
interface PagesInit {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly limit: bigint;
}
export type TxnInit = MessageInitShape<EtcdServices["KV"]["method"]["txn"]["input"]>;
type WatchInit = MessageInitShape<EtcdServices["Watch"]["method"]["watch"]["input"]>;

const CALL_TIMEOUT_MS = 5000;

/** Calls of etcd's v3 API. Whatever fails on one member is tried on the next one, each once. */
export class EtcdClient {
  readonly #options: EtcdOptions;
  readonly #endpoints: readonly Endpoint[];
  readonly #timeoutMs: number;
  readonly #closed = new AbortController();
  /** The member that is asked. */
  #at = 0;
  /** What etcd knows the user by for a while. */
  #token: string | undefined;

  /** @throws when an endpoint, a certificate or a key cannot be used */
  constructor(options: EtcdOptions) {
    this.#options = options;
    // Else it would be found when etcd is asked, again and again.
    createSecureContext(options.tls ?? {});
    this.#timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
    this.#endpoints = options.endpoints.map(
      (url) =>
        new Endpoint(checkEndpoint(url), options, (next) => (request) => {
          if (this.#token !== undefined) request.header.set("token", this.#token);
          return next(request);
        }),
    );
    if (this.#endpoints.length === 0) throw new Error("expected an endpoint of etcd, got none");
  }

  /** The URL of the member that is asked. */
  get endpoint(): string {
    return this.#current.url;
  }

  range(request: RangeInit): Promise<RangeResponse> {
    return this.#call((endpoint, options) => endpoint.kv.range(request, options));
  }

  /** All keys of a range, so many at once as its limit says, and all as they were when the first came. */
  async *pages(request: PagesInit): AsyncIterable<KeyValue> {
    for await (const { kvs } of this.rangePages(request)) yield* kvs;
  }

  /** The same, with all that etcd says of each page. */
  async *rangePages({ rangeEnd, limit, key: first }: PagesInit): AsyncIterable<RangeResponse> {
    let key = first;
    // Zero: as things are now.
    let revision = 0n;
    for (;;) {
      const page = await this.range({ key, rangeEnd, limit, revision });
      if (revision === 0n) revision = page.header?.revision ?? 0n;
      yield page;
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) return;
      key = Buffer.concat([last.key, Uint8Array.of(0)]);
    }
  }

  /** May be applied more than once, so it has to compare. */
  txn(request: TxnInit): Promise<TxnResponse> {
    return this.#call((endpoint, options) => endpoint.kv.txn(request, options));
  }

  /** Resolves to the id of a lease of so many seconds. */
  async leaseGrant(ttlSeconds: number): Promise<bigint> {
    const request = { TTL: BigInt(ttlSeconds) };
    const { ID } = await this.#call((endpoint, options) =>
      endpoint.lease.leaseGrant(request, options),
    );
    return ID;
  }

  /** False when the lease is no more. */
  leaseKeepAlive(id: bigint): Promise<boolean> {
    return this.#call(async (endpoint, options) => {
      for await (const { TTL } of endpoint.lease.leaseKeepAlive(once({ ID: id }), options))
        return TTL > 0n;
      throw new ConnectError("the stream ended without an answer", Code.Unavailable);
    });
  }

  async leaseRevoke(id: bigint): Promise<void> {
    await this.#call((endpoint, options) => endpoint.lease.leaseRevoke({ ID: id }, options));
  }

  /**
   * What becomes of keys, until it is left or fails; then the next member is the one that is asked.
   *
   * @throws ConnectError, and when the watch is not there in time
   */
  async *watch(create: WatchInit, signal: AbortSignal): AsyncIterable<WatchResponse> {
    const endpoint = this.#current;
    const end = new AbortController();
    const late = setTimeout(
      () => end.abort(new ConnectError("no answer in time", Code.DeadlineExceeded)),
      this.#timeoutMs,
    );
    const stop = AbortSignal.any([signal, this.#closed.signal, end.signal]);
    try {
      // What etcd says of an old token here is no error of the call.
      await this.#authenticate(endpoint, true);
      // A member that is cut off from the others would be silent for ever.
      const options = { signal: stop, headers: { hasleader: "true" } };
      for await (const response of endpoint.watch.watch(lasting(create, stop), options)) {
        clearTimeout(late);
        yield response;
      }
      throw new ConnectError("the watch ended", Code.Unavailable);
    } catch (error) {
      this.#leave(endpoint);
      throw end.signal.aborted ? end.signal.reason : error;
    } finally {
      clearTimeout(late);
      end.abort();
    }
  }

  close(): void {
    this.#closed.abort();
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  get #current(): Endpoint {
    return this.#endpoints[this.#at]!;
  }

  #leave(endpoint: Endpoint): void {
    if (this.#current === endpoint) this.#at = (this.#at + 1) % this.#endpoints.length;
  }

  async #call<T>(run: (endpoint: Endpoint, options: CallOptions) => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      const endpoint = this.#current;
      try {
        return await this.#callOne(endpoint, run);
      } catch (error) {
        if (!isOfMember(error) || this.#closed.signal.aborted) throw error;
        this.#leave(endpoint);
        if (tried >= this.#endpoints.length) throw error;
      }
    }
  }

  async #callOne<T>(
    endpoint: Endpoint,
    run: (endpoint: Endpoint, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const options = (): CallOptions => ({
      timeoutMs: this.#timeoutMs,
      signal: this.#closed.signal,
    });
    await this.#authenticate(endpoint, false);
    try {
      return await run(endpoint, options());
    } catch (error) {
      if (this.#options.user === undefined || !isAboutToken(error)) throw error;
      await this.#authenticate(endpoint, true);
      return run(endpoint, options());
    }
  }

  async #authenticate(endpoint: Endpoint, anew: boolean): Promise<void> {
    if (this.#options.user === undefined || (this.#token !== undefined && !anew)) return;
    this.#token = undefined;
    const options = { timeoutMs: this.#timeoutMs, signal: this.#closed.signal };
    const { token } = await endpoint.auth.authenticate(this.#options.user, options);
    this.#token = token;
  }
}

async function* once<T>(request: T): AsyncIterable<T> {
  yield request;
}

/** A stream of requests that stays open. */
async function* lasting<T>(request: T, signal: AbortSignal): AsyncIterable<T> {
  yield request;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Another member may do what this one does not. */
function isOfMember(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  return (
    code === Code.Unavailable ||
    code === Code.DeadlineExceeded ||
    code === Code.Aborted ||
    code === Code.Internal ||
    code === Code.Unknown
  );
}

/** Tokens end, and a change of users makes them old. */
function isAboutToken(error: unknown): boolean {
  const { code, rawMessage } = ConnectError.from(error);
  return (
    code === Code.Unauthenticated ||
    (code === Code.InvalidArgument && /user name is empty|auth store is old/.test(rawMessage))
  );
}
