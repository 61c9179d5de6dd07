import type { SessionOptions } from "../harness/http2/session.ts";
import type { Config } from "./config-value.ts";
import type { FrameScript } from "./frame-script.ts";
import type { ClientTls } from "./tls/client-tls.ts";
import type { UpstreamTls } from "./tls/upstream-tls.ts";
import type { UpstreamScript } from "./upstream-script.ts";

/** What a group of cases, and each case, may say about the configuration and the upstreams. */
export interface Setup {
  /** Merged over the HTTP connection manager of base.yaml; null removes a field. */
  hcm?: Config;
  /** Instead of the one route of base.yaml, in its virtual host `*`. */
  routes?: Config[];
  /** Instead of the one virtual host of base.yaml. */
  virtual_hosts?: Config[];
  /** HTTP filters before the router. */
  http_filters?: Config[];
  /** The router's own configuration. */
  router?: Config;
  /** Network filters instead of the HTTP connection manager. */
  filters?: Config[];
  /**
   * Merged over a UDP proxy to the cluster `up`, which takes the place of everything else on the listener; the steps are those
   * of UDP, and clients close their sockets when all is done.
   */
  udp?: Config;
  /** Merged over the listener. */
  listener?: Config;
  /** More listeners, each merged over the case's own. */
  listeners?: Config[];
  /** Merged over the cluster `up`. */
  cluster?: Config;
  /** More clusters, by name, merged over base.yaml's cluster. */
  clusters?: { [name: string]: Config };
  /** More fields of the access log line. */
  log?: { [field: string]: string };
  /** What the upstream of cluster `up` does. */
  upstream?: UpstreamScript;
  /** What the upstreams of `clusters` do, by name. */
  upstreams?: { [name: string]: UpstreamScript };
  /** The client speaks HTTP/2 from its first byte on, without TLS. */
  client?: "h2c" | SessionOptions;
  /** Clients speak TLS. */
  tls?: ClientTls;
  /** The `DownstreamTlsContext` of the listener's filter chains, merged over one with the certificate `server`. */
  server_tls?: Config;
  /** The `UpstreamTlsContext` of the cluster `up`. */
  cluster_tls?: Config;
  /** `static_resources.secrets`; all cases share them, so names begin with `${id}`. */
  secrets?: Config[];
  /** Upstreams speak TLS; by name of the cluster, `up` among them. */
  upstream_tls?: { [name: string]: UpstreamTls };
  /** The clusters speak HTTP/2, unless they have protocol options of their own. Upstreams tell by the first bytes. */
  upstream_protocol?: "h2c";
  /** How upstreams behave on HTTP/2 connections. */
  upstream_http2?: SessionOptions;
  /** Compare which upstream connection carried which request, and what became of it. */
  upstream_connections?: boolean;
  /**
   * A header that every request has: several are under way at once, and what upstreams got and logs say is compared in the
   * order of its values, and not as it came. The log has it as a field of the same name.
   */
  order_by?: string;
  /** How long a step waits for what it awaits, in milliseconds. */
  patience_ms?: number;
  /** Quiet time before the fate of a connection is noted, in milliseconds. */
  settle_ms?: number;
  /** Merged over the bootstrap. The process has no other case. */
  bootstrap?: Config;
  /** The steps go to the admin listener, and the process has no other case. */
  admin?: true;
  /** `layered_runtime.layers`; the process has no other case. `${runtime}` is the link to a folder of values. */
  runtime?: Config[];
  /** What stands in that folder when the process starts, by path. */
  runtime_folder?: { [path: string]: string };
  /** Nothing is run: only the verdict on the configuration is compared (`--mode validate`). Takes no steps. */
  validate?: true;
  /** Facets left out because chance or time decides them; `*` stands for any text. */
  ignore?: string[];
  /** How often the whole list of steps is done. */
  repeat?: number;
}

/** One thing the client does. Exactly one of the verbs is set. */
export interface Step {
  /** Which client connection; opened on first use. Default 1. */
  on?: number;
  /** How this connection speaks TLS, merged over the case's own; looked at when it is opened. */
  tls?: ClientTls;
  /** `GET /path`: a well-formed request. Takes headers, body, body_bytes, host and version. */
  request?: string;
  /** Over HTTP/2 a pseudo header takes the place of the request's own. */
  headers?: string[];
  /** Over HTTP/1 sent with a content-length, unless `headers` frame it themselves. */
  body?: string;
  /** A body of so many bytes. */
  body_bytes?: number;
  /** The Host header; null leaves it out. Default a.test. */
  host?: string | null;
  /** Default 1.1. */
  version?: string;
  /** HTTP/2: which stream; default the next one for `request`, else the last one. */
  stream?: number;
  /** HTTP/2: of a request. Default http. */
  scheme?: string;
  /** HTTP/2: the stream is not ended. */
  open?: true;
  /** HTTP/2: more of the last request's body. Takes trailers, open. */
  data?: string;
  /** HTTP/2: trailers behind a body, or alone. */
  trailers?: string[];
  /** HTTP/2: resets the stream with an error code. */
  rst?: string | number;
  /** HTTP/2: exact frames. */
  frames?: FrameScript[];
  /** HTTP/2: sent in one piece with the connection's next step, which waits for both. */
  together?: true;
  /** Exact bytes, Latin-1; a list has [text, count] parts. */
  raw?: string | (string | [string, number])[];
  /** UDP: one datagram, Latin-1. Takes wait: so many datagrams are awaited. */
  datagram?: string;
  /** Send in pieces of so many bytes, each in a segment of its own. */
  split?: number;
  /** How many final responses to await after sending. Default 1; over HTTP/2 those of the streams that the step ends. */
  wait?: number;
  /** HTTP/2: go on when an upstream got one more request, or there is an answer to this one. */
  seen?: true;
  /** Await so many bytes (of a protocol that is not HTTP). */
  wait_bytes?: number;
  /** Just connect. */
  connect?: true;
  /** From now on what comes is left in the kernel, so that the proxy cannot write on; and again as before. */
  stop_reading?: true;
  resume_reading?: true;
  /** Sets values of the runtime by the admin interface; an empty one is taken away. */
  runtime_modify?: { [key: string]: string };
  /** Replaces the folder of the runtime by one with these files. */
  runtime_files?: { [path: string]: string };
  /** Do nothing for so many milliseconds. */
  pause_ms?: number;
  /** Half-close, close, or reset the connection. */
  end?: true;
  close?: true;
  reset?: true;
}

/** One case as the harness runs it: the group's setup with the case's own merged over it. */
export interface DiffCase extends Setup {
  name: string;
  steps: Step[];
}
