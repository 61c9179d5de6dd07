import type { AuthServers, Told } from "./auth-servers.ts";
import { route, type Feature } from "./feature.ts";

/** What each request has. */
const HEADERS = { authorization: "Basic x", "x-a": "1", "x-b": "2", cookie: "c=d" };
/** Headers that one who is told all is told, and of what a backend gets. */
const TOLD = [...Object.keys(HEADERS), ":path"];
const GIVEN = ["x-user", "x-team", "content-type", "content-length", "keep-alive", "host"];

/** Filters of rules, by the beginning of their paths. */
const RULES = {
  "/grpc": { protocol: "GRPC", grpc: {} },
  "/grpc-a": { protocol: "GRPC", grpc: { allowedHeaders: ["X-A"] } },
  "/grpc-ab": { protocol: "GRPC", grpc: { allowedHeaders: ["x-b", "x-a"] } },
  "/grpc-ba": { protocol: "GRPC", grpc: { allowedHeaders: ["X-A", "X-B"] } },
  "/grpc-body": { protocol: "GRPC", grpc: {}, forwardBody: { maxSize: 8 } },
  "/http": { protocol: "HTTP", http: { allowedResponseHeaders: ["X-User"] } },
  "/http-b": { protocol: "HTTP", http: { path: "/asked", allowedHeaders: ["x-b", "Host"] } },
  "/http-body": { protocol: "HTTP", http: {}, forwardBody: { maxSize: 8 } },
} as const;

/** Paths, and what is posted there. */
const REQUESTS: readonly (readonly [path: string, body?: string])[] = [
  ["/free"],
  ...Object.keys(RULES).flatMap((path): [string, string][] => [
    [path, "12345678"],
    [`${path}/denied`, "12345678"],
  ]),
  ["/grpc-body/long", "123456789"],
  ["/http-body/long", "123456789"],
];

/** Services that are asked whether requests may come in: what they are told, and what becomes of what they say. */
export function externalAuth(servers: AuthServers): Feature {
  return {
    name: "external authorization",
    services: {},
    objects: [
      ...Object.entries(servers.ports).map(([name, port]) => backend(name, port)),
      route("HTTPRoute", [
        rule("/free"),
        ...Object.entries(RULES).map(([path, { protocol, ...more }]) => {
          const backendRef = referenceTo(protocol.toLowerCase());
          return rule(path, { protocol, backendRef, ...more });
        }),
      ]),
    ],
    ask: async (port) => {
      const seen: Record<string, string> = {};
      for (const [path, body] of REQUESTS) seen[path] = await post(port, path, body, servers);
      return seen;
    },
    expected: EXPECTED,
  };
}

const ALL = "authorization=Basic x x-a=1 x-b=2 cookie=c=d";
const CREDENTIALS = "authorization=Basic x";
const OWN = "content-type=text/asked content-length=8 host=127.0.0.1";
const ONE_HEADER = `200 x-user=alice ${OWN}`;
const ALL_HEADERS = `200 x-user=alice x-team=shop ${OWN}`;

/** What was told, as `<method> <path> <host> [<body>] <headers> ->`, the status, and headers that the backend got. */
const EXPECTED: Readonly<Record<string, string>> = {
  "/free": "200 content-type=text/asked content-length=0 host=127.0.0.1",
  "/grpc": `POST /grpc 127.0.0.1 [] ${ALL} :path=/grpc -> ${ONE_HEADER}`,
  "/grpc/denied": `POST /grpc/denied 127.0.0.1 [] ${ALL} :path=/grpc/denied -> 401 no`,
  "/grpc-a": `POST /grpc-a 127.0.0.1 [] x-a=1 -> ${ONE_HEADER}`,
  "/grpc-a/denied": "POST /grpc-a/denied 127.0.0.1 [] x-a=1 -> 401 no",
  "/grpc-ab": `POST /grpc-ab 127.0.0.1 [] x-a=1 x-b=2 -> ${ONE_HEADER}`,
  "/grpc-ab/denied": "POST /grpc-ab/denied 127.0.0.1 [] x-a=1 x-b=2 -> 401 no",
  "/grpc-ba": `POST /grpc-ba 127.0.0.1 [] x-a=1 x-b=2 -> ${ONE_HEADER}`,
  "/grpc-ba/denied": "POST /grpc-ba/denied 127.0.0.1 [] x-a=1 x-b=2 -> 401 no",
  "/grpc-body": `POST /grpc-body 127.0.0.1 [12345678] ${ALL} :path=/grpc-body -> ${ONE_HEADER}`,
  "/grpc-body/denied": `POST /grpc-body/denied 127.0.0.1 [12345678] ${ALL} :path=/grpc-body/denied -> 401 no`,
  "/grpc-body/long": "413 Payload Too Large",
  "/http": `POST /http 127.0.0.1 [] ${CREDENTIALS} -> ${ONE_HEADER}`,
  "/http/denied": `POST /http/denied 127.0.0.1 [] ${CREDENTIALS} -> 401 no`,
  "/http-b": `POST /asked/http-b 127.0.0.1 [] ${CREDENTIALS} x-b=2 -> ${ALL_HEADERS}`,
  "/http-b/denied": `POST /asked/http-b/denied 127.0.0.1 [] ${CREDENTIALS} x-b=2 -> 401 no`,
  "/http-body": `POST /http-body 127.0.0.1 [12345678] ${CREDENTIALS} -> ${ALL_HEADERS}`,
  "/http-body/denied": `POST /http-body/denied 127.0.0.1 [12345678] ${CREDENTIALS} -> 401 no`,
  "/http-body/long": "413 Payload Too Large",
};

async function post(
  port: number,
  path: string,
  body: string | undefined,
  servers: AuthServers,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { ...HEADERS, "content-type": "text/asked" },
    body: body ?? "",
  });
  const answer = await response.text();
  const got = response.status === 200 ? some(JSON.parse(answer), GIVEN, port) : answer;
  const told = servers.take();
  if (told === undefined) return `${response.status} ${got}`;
  const question = `${told.method} ${told.path} ${told.host.replace(`:${port}`, "")} [${told.body}]`;
  return `${question} ${some(told.headers, TOLD, port)} -> ${response.status} ${got}`;
}

/** Those headers that are there. */
function some(headers: Told["headers"], names: readonly string[], port: number): string {
  const there = names.filter((name) => headers[name] !== undefined);
  return there.map((name) => `${name}=${headers[name]!.replace(`:${port}`, "")}`).join(" ");
}

function rule(path: string, auth?: object): object {
  return {
    matches: [{ path: { type: "PathPrefix", value: path } }],
    backendRefs: [referenceTo("echo")],
    ...(auth !== undefined && { filters: [{ type: "ExternalAuth", externalAuth: auth }] }),
  };
}

function referenceTo(name: string): object {
  return { group: "gateway.nuncio.dev", kind: "Backend", name };
}

function backend(name: string, port: number): object {
  return {
    apiVersion: "gateway.nuncio.dev/v1alpha1",
    kind: "Backend",
    metadata: { name, namespace: "default" },
    spec: { endpoints: [{ ip: { address: "127.0.0.1", port } }] },
  };
}
