import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { startProxy, type ProxyKind, type RunningProxy } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { loopback } from "../harness/typed-config.ts";

// What examples that need a management server have in common; the project's own stands in for that of the example.

interface Endpoint {
  address: object;
}

/** A cluster, as far as it is looked at. */
export interface ExampleCluster {
  /** Where it was dumped. */
  readonly "@type"?: string;
  readonly name: string;
  readonly load_assignment: {
    readonly endpoints: readonly {
      readonly lb_endpoints: readonly { readonly endpoint: Endpoint }[];
    }[];
  };
}

/** A bootstrap, as far as it is looked at. */
export interface ExampleBootstrap {
  admin: { address: object };
  readonly static_resources: {
    readonly listeners?: readonly { address: object }[];
    readonly clusters: readonly ExampleCluster[];
  };
}

/** Reads an example's bootstrap and puts its admin on this machine. */
export function readBootstrap(folder: string, adminPort: number): ExampleBootstrap {
  const bootstrap = parse(readFileSync(join(folder, "envoy.yaml"), "utf8")) as ExampleBootstrap;
  bootstrap.admin = { address: loopback(adminPort) };
  return bootstrap;
}

/** The cluster's only endpoint is on this machine. */
export function moveTo({ load_assignment: { endpoints } }: ExampleCluster, port: number): void {
  endpoints[0]!.lb_endpoints[0]!.endpoint.address = loopback(port);
}

/** Runs `use` while a proxy serves the bootstrap. */
export async function withBootstrap(
  kind: ProxyKind,
  bootstrap: ExampleBootstrap,
  adminPort: number,
  flags: readonly string[],
  use: (proxy: RunningProxy) => Promise<void>,
): Promise<void> {
  const folder = makeTempFolder("example");
  try {
    const file = join(folder, "envoy.yaml");
    writeFileSync(file, stringify(bootstrap));
    const proxy = await startProxy(kind, file, adminPort, flags);
    try {
      await use(proxy);
    } finally {
      await proxy.stop();
    }
  } finally {
    removeTempFolder(folder);
  }
}
