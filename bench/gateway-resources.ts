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

/** Whether each route has a host name of its own, or all have the same and differ in their paths. */
export type GatewayHosts = "each" | "one";

/** Where requests of a route go. */
export function placeOfRoute(index: number, hosts: GatewayHosts): { host: string; path: string } {
  return hosts === "each"
    ? { host: `route-${index}.bench.test`, path: "/" }
    : { host: "bench.test", path: `/route-${index}` };
}

/** Which routes there are. */
export interface GatewayRoutes {
  readonly routes: number;
  readonly hosts: GatewayHosts;
}

/** Writes a Gateway, two Services and so many HTTPRoutes, a file each, into a folder. */
export function writeGatewayResources(
  folder: string,
  { routes, hosts }: GatewayRoutes,
  places: Places,
): void {
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
  for (let index = 1; index <= routes; index += 1) writeRoute(folder, { index, hosts }, "first");
}

/** Puts another route into the place of what was there, in one step. */
export function writeRoute(
  folder: string,
  { index, hosts }: { readonly index: number; readonly hosts: GatewayHosts },
  backend: RouteBackend,
): void {
  const { host, path } = placeOfRoute(index, hosts);
  const route = object(API, "HTTPRoute", `route-${index}`, {
    spec: {
      parentRefs: [{ name: "bench" }],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
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
