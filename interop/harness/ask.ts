import { request, type IncomingHttpHeaders } from "node:http";

/** Between two signs of life. */
const WITHIN_MS = 10_000;

/** What somebody at a port answered. */
export interface TextAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request to a port of 127.0.0.1, on a connection of its own; rejects when nobody answers, or takes too long. */
export function ask(port: number, path: string, method = "GET"): Promise<TextAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, agent: false, timeout: WITHIN_MS };
    const sent = request(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      let body = "";
      response.setEncoding("utf8").on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve({ status, headers, body }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`port ${port} did not answer ${path}`)));
    sent.on("error", reject);
    sent.end();
  });
}
