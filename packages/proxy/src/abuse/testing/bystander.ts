import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";

/** Somebody else's clients, one of HTTP/1 and one of HTTP/2, who want nothing but their answers. */
export class Bystander {
  readonly #port: number;
  readonly #agent: http.Agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #session: http2.ClientHttp2Session;
  /** Requests that were answered. */
  served = 0;

  constructor(port: number) {
    this.#port = port;
    this.#session = http2.connect(`http://127.0.0.1:${port}`);
    this.#session.on("error", () => {});
  }

  /** A request on each connection; both are answered with 200. */
  async isServed(): Promise<void> {
    const [first, second] = await Promise.all([this.#overHttp1(), this.#overHttp2()]);
    assert.deepEqual([first, second], [200, 200]);
    this.served += 2;
  }

  close(): void {
    this.#agent.destroy();
    this.#session.destroy();
  }

  async #overHttp1(): Promise<number | undefined> {
    const request = http.get({ port: this.#port, agent: this.#agent, path: "/ok" });
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    response.resume();
    await once(response, "end");
    return response.statusCode;
  }

  async #overHttp2(): Promise<number | undefined> {
    const stream = this.#session.request({ ":path": "/ok" });
    stream.resume();
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    await once(stream, "end");
    return headers[":status"] as unknown as number;
  }
}
