import { createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { etcdServices, type EtcdServices } from "../api/services.ts";
import type { EtcdOptions } from "./options.ts";

const RESPONSE_BYTES_MAX = 1024 * 1024 * 1024;
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5000;

/** One member of etcd: its services, all on one connection. */
export class Endpoint {
  readonly url: string;
  readonly kv: Client<EtcdServices["KV"]>;
  readonly watch: Client<EtcdServices["Watch"]>;
  readonly lease: Client<EtcdServices["Lease"]>;
  readonly auth: Client<EtcdServices["Auth"]>;
  readonly #sessions: Http2SessionManager;

  /** @throws when a certificate or key cannot be used */
  constructor(url: string, options: EtcdOptions, interceptor: Interceptor) {
    this.url = url;
    const { pingIntervalMs = PING_INTERVAL_MS, pingTimeoutMs = PING_TIMEOUT_MS } = options;
    this.#sessions = new Http2SessionManager(
      url,
      { pingIntervalMs, pingTimeoutMs },
      options.tls ?? {},
    );
    const transport = createGrpcTransport({
      baseUrl: url,
      sessionManager: this.#sessions,
      interceptors: [interceptor],
      readMaxBytes: options.responseBytesMax ?? RESPONSE_BYTES_MAX,
      // etcd knows none.
      acceptCompression: [],
    });
    const services = etcdServices();
    this.kv = createClient(services.KV, transport);
    this.watch = createClient(services.Watch, transport);
    this.lease = createClient(services.Lease, transport);
    this.auth = createClient(services.Auth, transport);
  }

  close(): void {
    this.#sessions.abort();
  }
}
