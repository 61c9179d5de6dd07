import { formatProblem, load, toJson } from "@nuncio/api";
import type { PollResult, PollTransport } from "../client/rest-subscription.ts";
import type { DiscoveryRequest, DiscoveryResponse } from "../types/discovery-messages.ts";
import { postJson, type HttpConnection, type HttpResponse } from "./post-json.ts";

/** Where a control plane is polled, and how. */
export interface RestEndpoint extends HttpConnection {
  /** `http://127.0.0.1:18080/v3/discovery:clusters` */
  readonly url: string;
  /** A poll that takes longer has failed; milliseconds. */
  readonly requestTimeoutMs: number;
  /** A longer answer is a failure; 64 MiB unless given. */
  readonly responseBytesMax?: number;
}

const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** Polls by HTTP POST: proto3 JSON both ways. */
export class RestTransport implements PollTransport {
  readonly #endpoint: RestEndpoint;

  constructor(endpoint: RestEndpoint) {
    this.#endpoint = endpoint;
  }

  poll(request: DiscoveryRequest, onEnd: (result: PollResult) => void): { cancel(): void } {
    const abort = new AbortController();
    void this.#poll(request, abort.signal).then((result) => {
      if (!abort.signal.aborted) onEnd(result);
    });
    return { cancel: () => abort.abort() };
  }

  /** Never rejects. */
  async #poll(request: DiscoveryRequest, signal: AbortSignal): Promise<PollResult> {
    const { url, requestTimeoutMs, responseBytesMax = RESPONSE_BYTES_MAX } = this.#endpoint;
    try {
      const ends = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
      const body = JSON.stringify(toJson(request));
      const response = await postJson(new URL(url), body, this.#endpoint, ends);
      const content = await contentOf(response, responseBytesMax);
      if (response.status === 200) return readBody(url, content);
      if (response.status === 304) return { kind: "not-modified" };
      return { kind: "failed", reason: `expected status 200 or 304, got ${response.status}` };
    } catch (error) {
      return { kind: "failed", reason: reasonOf(error) };
    }
  }
}

function readBody(url: string, content: Uint8Array): PollResult {
  const { message, problems } = load<DiscoveryResponse>(
    "envoy.service.discovery.v3.DiscoveryResponse",
    [{ name: url, content, format: "json" }],
  );
  const errors = problems.list.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return { kind: "response", response: message };
  return { kind: "unreadable", problem: errors.map(formatProblem).join("\n") };
}

async function contentOf({ content }: HttpResponse, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new Error(`expected at most ${bytesMax} bytes, got more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** That a request was given up says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
