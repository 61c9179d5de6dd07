import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import { addProxyStatus } from "./proxy-status/proxy-status.ts";
import { appendList } from "./request-headers.ts";

/** Makes the response's headers fit for the client (Envoy's `ConnectionManagerUtility::mutateResponseHeaders`). */
export class ResponseHeaderRules {
  readonly #config: HeaderRulesConfig;
  #dateSecond = -1;
  #date = "";

  constructor(config: HeaderRulesConfig) {
    this.#config = config;
  }

  /** `internal` says that the request's `x-envoy-force-trace` counts, `keepAlive` that another request may follow. */
  apply(
    headers: HeaderMap,
    request: HeaderMap | null,
    internal: boolean,
    wallMs: number,
    info: StreamInfo,
    keepAlive: boolean,
  ): void {
    const config = this.#config;
    let hasDate = false;
    let hasServer = false;
    const { entries } = headers;
    for (let i = 0; i < entries.length; i += 2) {
      const name = entries[i]!;
      if (name === "date") hasDate = true;
      else if (name === "server") hasServer = true;
    }
    if (!hasDate) headers.add("date", this.#dateAt(wallMs));
    this.#setServer(headers, hasServer);
    if (
      config.alwaysSetRequestIdInResponse ||
      (internal && request?.has("x-envoy-force-trace") === true)
    ) {
      const requestId = request?.get("x-request-id");
      if (requestId !== undefined) headers.set("x-request-id", requestId);
    }
    if (config.via !== "") appendList(headers, "via", config.via);
    if (config.proxyStatus !== null) addProxyStatus(headers, info, config.proxyStatus);
    if (!keepAlive) tellClose(headers, request);
  }

  #setServer(headers: HeaderMap, present: boolean): void {
    const { serverHeaderTransformation, serverName } = this.#config;
    if (serverHeaderTransformation === "pass_through") return;
    if (!present) headers.add("server", serverName);
    else if (serverHeaderTransformation === "overwrite") headers.set("server", serverName);
  }

  /** IMF-fixdate, made once per second. */
  #dateAt(wallMs: number): string {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(wallMs).toUTCString();
    }
    return this.#date;
  }
}

/** The codec writes this line anyway; here it is for logs. A tunnel's `connection` is the upstream's to say. */
function tellClose(headers: HeaderMap, request: HeaderMap | null): void {
  const { status } = headers;
  const tunnel = status === 101 || (status < 300 && request?.method === "CONNECT");
  if (!tunnel) headers.set("connection", "close");
}
