import assert from "node:assert/strict";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import { formatProblem } from "../format-problem.ts";
import { load } from "./load.ts";
import type { Loaded } from "./load.ts";

export const bootstrapName = "envoy.config.bootstrap.v3.Bootstrap";
export const clusterName = "envoy.config.cluster.v3.Cluster";
export const tlsContext = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

/** The problems of a load as lines. */
export function problemsOf(loaded: Loaded): string[] {
  return loaded.problems.list.map(formatProblem);
}

/** Loads YAML as the file e.yaml. */
export function loadYaml(typeName: string, content: string): Loaded {
  return load(typeName, [{ name: "e.yaml", content }]);
}

/** The problems of one cluster's YAML as lines. */
export function clusterProblems(content: string): string[] {
  return problemsOf(loadYaml(clusterName, content));
}

/** A cluster from YAML without problems. */
export function cluster(content: string): Cluster {
  const { message, problems } = load<Cluster>(clusterName, [{ name: "e.yaml", content }]);
  assert.deepEqual(problems.list.map(formatProblem), []);
  return message;
}

/** The YAML of a cluster whose transport socket has this configuration, on the third line. */
export function socketYaml(config: string): string {
  return `transport_socket:\n  name: t\n  typed_config: ${config}`;
}

/** The cluster's first typed extension option. */
export function typedConfig(message: Cluster): Any {
  const { configType } = message.transportSocket!;
  assert.equal(configType.case, "typedConfig");
  return configType.value;
}
