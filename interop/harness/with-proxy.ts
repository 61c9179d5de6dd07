import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePorts } from "./free-ports.ts";
import { startProxy, type ProxyKind, type RunningProxy } from "./proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "./temp-folder.ts";
import { loopback } from "./typed-config.ts";

/** The part of a bootstrap that a test writes itself. */
export interface StaticResources {
  readonly listeners: readonly object[];
  readonly clusters: readonly object[];
}

/** Runs `use` while a proxy serves a configuration, with its own admin listener. */
export async function withProxy<T>(
  kind: ProxyKind,
  resources: StaticResources,
  use: (proxy: RunningProxy) => Promise<T>,
): Promise<T> {
  const folder = makeTempFolder("proxy");
  try {
    const [adminPort] = (await freePorts(1)) as [number];
    const file = join(folder, "envoy.yaml");
    const bootstrap = { admin: { address: loopback(adminPort) }, static_resources: resources };
    writeFileSync(
      file,
      stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
    );
    const proxy = await startProxy(kind, file, adminPort);
    try {
      return await use(proxy);
    } finally {
      await proxy.stop();
    }
  } finally {
    removeTempFolder(folder);
  }
}
