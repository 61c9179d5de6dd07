import type { Answer } from "../probes/send.ts";
import { route, rule, type Feature } from "./feature.ts";
import { get } from "./get.ts";

const REQUESTS = 12;
const SERVERS = 4;

/** Clients stay with the server that they had first. */
export const SESSIONS: Feature = {
  name: "sessions",
  services: { shop: SERVERS },
  objects: [
    route("HTTPRoute", [
      rule("/cookie", "shop", { sessionPersistence: { sessionName: "stay" } }),
      rule("/permanent", "shop", {
        sessionPersistence: {
          sessionName: "stay-long",
          absoluteTimeout: "1h",
          cookieConfig: { lifetimeType: "Permanent" },
        },
      }),
      rule("/header", "shop", { sessionPersistence: { sessionName: "x-stay", type: "Header" } }),
    ]),
  ],
  ask: async (port) => ({
    cookie: await stay(port, "/cookie", cookieOf),
    permanent: await stay(port, "/permanent", cookieOf),
    header: await stay(port, "/header", ({ headers }) => ({
      kept: { "x-stay": String(headers["x-stay"]) },
      attributes: "",
    })),
  }),
  expected: {
    cookie: { servers: 1, attributes: "Path=/cookie; HttpOnly" },
    permanent: { servers: 1, attributes: "Max-Age=3600; Path=/permanent; HttpOnly" },
    header: { servers: 1, attributes: "" },
  },
};

interface Kept {
  /** What the client sends from then on. */
  readonly kept: Readonly<Record<string, string>>;
  readonly attributes: string;
}

/** How many servers a client comes to that keeps what it was given. */
async function stay(
  port: number,
  path: string,
  keep: (answer: Answer) => Kept,
): Promise<{ servers: number; attributes: string }> {
  const first = await get(port, path);
  const { kept, attributes } = keep(first);
  const servers = new Set([first.headers["x-backend"]]);
  for (let sent = 0; sent < REQUESTS; sent += 1)
    servers.add((await get(port, path, kept)).headers["x-backend"]);
  return { servers: servers.size, attributes };
}

function cookieOf({ headers }: Answer): Kept {
  const [cookie = ""] = headers["set-cookie"] ?? [];
  const [pair = "", ...attributes] = cookie.split("; ");
  return { kept: { cookie: pair }, attributes: attributes.join("; ") };
}
