import { request as requestHttp, type IncomingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";
import type { RoutedRequest } from "../oracle/routing.ts";
import { PROBE_HEADER } from "./backends.ts";

const WITHIN_MS = 10_000;

/** Where a request goes. */
export interface Target {
  readonly port: number;
  readonly host: string;
  /** HTTPS: the name that the client asks for, if it asks for one. */
  readonly tls?: { readonly serverName?: string };
}

/** What a client gets. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** A listener that is accepted listens when it has its routes. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** One request on a connection of its own. */
export function send(target: Target, request: RoutedRequest, probe: string): Promise<Answer> {
  const { port, host, tls } = target;
  const { method, path, headers, queryParams } = request;
  const query = new URLSearchParams(queryParams).toString();
  const options = {
    host: "127.0.0.1",
    port,
    method,
    path: query === "" ? path : `${path}?${query}`,
    headers: { ...headers, host, [PROBE_HEADER]: probe },
    agent: false as const,
    timeout: WITHIN_MS,
  };
  return new Promise((resolve, reject) => {
    const sent =
      tls === undefined
        ? requestHttp(options)
        : requestHttps({
            ...options,
            servername: tls.serverName ?? "",
            rejectUnauthorized: false,
          });
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers }),
      );
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end();
  });
}
