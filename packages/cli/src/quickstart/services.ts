import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A running demo service. */
export interface DemoService {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a service that answers every request with its name and what it was asked, as text.
 *
 * @param port 0 for any
 * @throws the system's error when the port cannot be had
 */
export async function startService(name: string, port: number): Promise<DemoService> {
  const server = createServer((request, response) => answer(name, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: async () => close(server) };
}

function answer(name: string, request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => {
    const headers = Object.entries(request.headers).map(
      ([key, value]) => `  ${key}: ${String(value)}\n`,
    );
    response.setHeader("content-type", "text/plain");
    response.end(
      `${name} saw ${request.method} ${request.url} with ${bytes} bytes\n${headers.join("")}`,
    );
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
