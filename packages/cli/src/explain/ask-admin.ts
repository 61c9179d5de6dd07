import { get } from "node:http";
import type { Explanation, RequestText } from "@nuncio/proxy";
import { UsageError } from "../usage-error.ts";

/**
 * Has a running proxy explain a request.
 *
 * @param admin its admin interface: `http://127.0.0.1:9901`
 * @throws UsageError when it cannot be reached, or has no answer
 */
export async function askAdmin(admin: string, request: RequestText): Promise<Explanation> {
  const url = URL.parse("/explain", admin.includes("://") ? admin : `http://${admin}`);
  if (url?.protocol !== "http:") throw new UsageError(`--admin: expected a URL, got "${admin}"`);
  const { searchParams: query } = url;
  query.set("format", "json");
  query.set("url", request.url);
  for (const name of ["method", "source", "listener"] as const) {
    const value = request[name] ?? "";
    if (value !== "") query.set(name, value);
  }
  for (const [name, value] of request.headers ?? []) query.append("header", `${name}: ${value}`);
  // The admin interface reads `+` as it is.
  url.search = query.toString().replaceAll("+", "%20");
  const { status, body } = await answerOf(url);
  if (status !== 200)
    throw new UsageError(`${url.origin}: ${body.split("\n")[0] || `status ${status}`}`);
  return JSON.parse(body) as Explanation;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function answerOf(url: URL): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(new UsageError(`${url.origin}: no answer (${code ?? message})`)),
    );
  });
}
