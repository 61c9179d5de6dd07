import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text, type AdminAnswer, type AdminPage } from "./page.ts";

/** All pages by their path. */
export type AdminPages = Readonly<Record<string, AdminPage>>;

export interface ListeningAdmin {
  /** `127.0.0.1:19000` */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves pages to whoever looks in. Rejects when the address cannot be had. */
export async function listenAdmin(
  pages: AdminPages,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ListeningAdmin> {
  const server = createServer((request, response) => {
    send(request, response, answerTo(pages, request));
  });
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address() as AddressInfo;
  const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return {
    address: `${name}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(pages: AdminPages, { method = "", url = "/" }: IncomingMessage): AdminAnswer {
  if (method !== "GET" && method !== "HEAD")
    return text(`expected GET or HEAD, got ${method}\n`, 405);
  const asked = URL.parse(url, "http://admin");
  const path = asked?.pathname ?? "";
  if (path === "/") return text(listOf(pages));
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined)
    return text(`expected one of ${Object.keys(pages).join(", ")}; got ${path}\n`, 404);
  try {
    return page.answer(asked!.searchParams);
  } catch (error) {
    return text(`${(error as Error).message}\n`, 500);
  }
}

function listOf(pages: AdminPages): string {
  const width = Math.max(...Object.keys(pages).map(({ length }) => length)) + 2;
  return Object.entries(pages)
    .map(([path, { help }]) => `${path.padEnd(width)}${help}\n`)
    .join("");
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: AdminAnswer,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    ...(status === 405 && { allow: "GET, HEAD" }),
  });
  response.end(method === "HEAD" ? undefined : body);
}
