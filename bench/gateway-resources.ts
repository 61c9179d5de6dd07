import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Places } from "./places.ts";

/** Which Service a route sends requests to. */
export type RouteBackend = "first" | "other";

const API = "gateway.networking.k8s.io/v1";
const SERVICES = [
  ["first", "backendPort"],
  ["other", "otherBackendPort"],
] as const;

/** The host name of a route. */
export function hostOfRoute(index: number): string {
  return `route-${index}.bench.test`;
}

/** Writes a Gateway, two Services and so many HTTPRoutes, a file each, into a folder. */
export function writeGatewayResources(folder: string, routes: number, places: Places): void {
  mkdirSync(folder, { recursive: true });
  const documents = [
    object(API, "Gateway", "bench", {
      spec: {
        gatewayClassName: "nuncio",
        addresses: [{ type: "IPAddress", value: "127.0.0.1" }],
        listeners: [{ name: "http", protocol: "HTTP", port: places.proxyPort }],
      },
    }),
    ...SERVICES.flatMap(([name, port]) => [
      object("v1", "Service", name, { spec: { ports: [{ name: "http", port: 80 }] } }),
      {
        ...object("discovery.k8s.io/v1", "EndpointSlice", name, {
          addressType: "IPv4",
          ports: [{ name: "http", port: places[port] }],
          endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
        }),
        metadata: {
          name,
          namespace: "default",
          labels: { "kubernetes.io/service-name": name },
        },
      },
    ]),
  ];
  const text = documents.map((document) => stringify(document)).join("---\n");
  writeFileSync(join(folder, "gateway.yaml"), text);
  for (let index = 1; index <= routes; index += 1) writeRoute(folder, index, "first");
}

/** Puts another route into the place of what was there, in one step. */
export function writeRoute(folder: string, index: number, backend: RouteBackend): void {
  const route = object(API, "HTTPRoute", `route-${index}`, {
    spec: {
      parentRefs: [{ name: "bench" }],
      hostnames: [hostOfRoute(index)],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ name: backend, port: 80 }],
        },
      ],
    },
  });
  const file = join(folder, `route-${index}.yaml`);
  writeFileSync(`${file}.new`, stringify(route));
  renameSync(`${file}.new`, file);
}

function object(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, namespace: "default" }, ...rest };
}
