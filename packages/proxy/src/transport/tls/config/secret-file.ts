import { readFileSync } from "node:fs";
import {
  checkImplemented,
  load,
  mergeImplemented,
  unpack,
  validate,
  type Loaded,
} from "@nuncio/api";
import type {
  SdsSecretConfig,
  Secret,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { DiscoveryResponse } from "@nuncio/api/types/envoy/service/discovery/v3/discovery_pb";
import { implemented } from "./implemented.ts";
import type { SecretReader } from "./secret-reader.ts";

/** A secret with the reader of its file. */
export interface FileSecret {
  readonly secret: Secret;
  readonly reader: SecretReader;
}

/**
 * The secret of a `path_config_source`: a file with a DiscoveryResponse. Null when the file does not bring it, which is said
 * to the file's reader; `typeName` is for texts: `TlsCertificate`.
 */
export function readSecretFile(
  config: SdsSecretConfig,
  typeName: string,
  reader: SecretReader,
): FileSecret | null {
  const { problems, node } = reader.ctx;
  if (node.id === "" || node.cluster === "") {
    const text = `${typeName}SdsApi: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.`;
    problems.error(config, "sds_config", text);
    return null;
  }
  const source = config.sdsConfig!.configSourceSpecifier;
  // Other sources were refused by the table of implemented fields.
  if (source.case !== "path" && source.case !== "pathConfigSource") return null;
  const path = source.case === "path" ? source.value : source.value.path;
  reader.addFile(path, config.sdsConfig!);
  const content = readContent(path);
  if (typeof content !== "string")
    return findSecret(config.name, loadResponse(path, content), reader);
  problems.error(config, "sds_config", content);
  return null;
}

/** The text says what is wrong. */
function readContent(path: string): Buffer | string {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? `paths must refer to an existing path in the system: '${path}' does not exist`
      : `Invalid path: ${path} (${code})`;
  }
}

function findSecret(
  name: string,
  loaded: Loaded<DiscoveryResponse>,
  reader: SecretReader,
): FileSecret | null {
  const { problems, message } = loaded;
  const inner = reader.inFile(problems, name);
  if (problems.hasErrors) return null;
  const secrets = message.resources.map((resource) => unpack<Secret>(resource));
  const secret = secrets.find((candidate) => candidate?.name === name);
  if (secret !== undefined) return { secret, reader: inner };
  const names = secrets.map((candidate) => candidate?.name ?? "").join(", ");
  const text = `expected a secret named ${name}, got ${names === "" ? "none" : names}`;
  problems.error(message, "resources", text);
  return null;
}

const table = {
  "envoy.service.discovery.v3.DiscoveryResponse": ["version_info", "resources"],
} as const;

function loadResponse(path: string, content: Buffer): Loaded<DiscoveryResponse> {
  const loaded = load<DiscoveryResponse>("envoy.service.discovery.v3.DiscoveryResponse", [
    { name: path, content },
  ]);
  validate(loaded);
  checkImplemented(loaded.message, mergeImplemented([table, implemented]), loaded.problems);
  return loaded;
}
