import { DEFAULT_SOCKET_PATH } from "@nuncio/proxy";
import type { Flag } from "./flags.ts";

/** Where the configuration comes from. */
export const SOURCE_FLAGS: readonly Flag[] = [
  {
    name: "config-path",
    short: "c",
    value: "FILE",
    help: "configuration: .yaml, .yml, .json, .pb, .pb_text",
  },
  { name: "config-yaml", value: "YAML", help: "inline configuration, merged over --config-path" },
];

export const ALLOW_UNIMPLEMENTED_FLAG: Flag = {
  name: "allow-unimplemented",
  help: "warn about configuration that nuncio does not have yet, instead of refusing it",
};

/** Where a proxy and its successor find each other. */
export const SOCKET_PATH_FLAG: Flag & { readonly standard: string } = {
  name: "socket-path",
  value: "PATH",
  help: `control socket of hot restart, the base id is added; default ${DEFAULT_SOCKET_PATH}`,
  standard: DEFAULT_SOCKET_PATH,
};

/** Who this proxy is. */
export const NODE_FLAGS: readonly Flag[] = [
  { name: "service-cluster", value: "NAME", help: "cluster name of this node" },
  { name: "service-node", value: "NAME", help: "name of this node" },
  { name: "service-zone", value: "NAME", help: "zone of this node" },
];
