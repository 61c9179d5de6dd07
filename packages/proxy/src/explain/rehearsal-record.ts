import type { HeaderMap } from "@nuncio/codec";
import type { HttpFilterConfig } from "../http/connection-manager/model.ts";
import type { HashPolicies } from "../http/hash-policy/hash-policies.ts";
import type { RouteEntry } from "../http/route/entry.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import type { HeaderLine } from "./model.ts";

/** What was seen of a request on its way through a rehearsal. Headers are copies. */
export class RehearsalRecord {
  /** The route when the filters began; undefined when none was looked for. */
  route: RouteEntry | null | undefined = undefined;
  /** The request's headers then; null when it was answered before. */
  routed: HeaderMap | null = null;
  /** What routes read of the stream then. */
  info: StreamInfo = new StreamInfo();
  clientAddress = "";
  internal = false;
  readonly filters: FilterRecord[] = [];
  /** What filters asked on the way. */
  readonly asked: UpstreamRecord[] = [];
  readonly upstream: UpstreamRecord[] = [];
  /** What the client got: of the proxy itself, or of an upstream that answers 200 with nothing. */
  response: ResponseRecord | null = null;
  flags = "-";
  details = "";
  /** The cluster that the router asked for. */
  clusterName = "";
  /** What filters threw. */
  readonly exceptions: unknown[] = [];
}

/** One HTTP filter that was made for the stream. */
export interface FilterRecord {
  readonly chain: readonly HttpFilterConfig[];
  /** In the chain. */
  readonly index: number;
  readonly before: HeaderMap;
  /** The same as `before` when the filter has no business with requests. */
  after: HeaderMap;
  stopped: boolean;
}

/** One request that left. */
export interface UpstreamRecord {
  readonly cluster: string;
  readonly priority: "default" | "high";
  readonly headers: HeaderMap;
  /** The chosen host's. */
  readonly address: string;
  /** Null for a load balancer that does not hash. */
  readonly hashing: HashingRecord | null;
}

/** How a host was chosen by a hash. */
export interface HashingRecord {
  readonly algorithm: string;
  /** Of the cluster or its load balancer; null: those of the route count. */
  readonly policies: HashPolicies | null;
}

/** A reply as the client reads it. */
export interface ResponseRecord {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
}

/** The first final response in what a connection wrote; null when there is none. */
export function readResponse(written: string): ResponseRecord | null {
  let rest = written;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return null;
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    rest = rest.slice(end + 4);
    const status = Number(first.split(" ")[1]);
    if (status < 200 && status !== 101) continue;
    const headers = lines.map((line): HeaderLine => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    return { status, headers, body: Buffer.from(rest, "latin1").toString("utf8") };
  }
}
