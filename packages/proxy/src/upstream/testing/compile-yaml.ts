import type { Problem } from "@nuncio/api";
import { checkImplemented, load, mergeImplemented, validate } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { implemented as configSources } from "../../config/config-source.ts";
import type { NodeIdentity } from "../../config/context.ts";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { compileClusters } from "../compile/cluster.ts";
import type { ClusterDefinition } from "../definition.ts";
import { implemented } from "../implemented.ts";
import { FakeRegistry } from "./fake-registry.ts";

const NODE: NodeIdentity = { id: "node", cluster: "test", region: "", zone: "", subZone: "" };

const TABLE = mergeImplemented([
  implemented,
  configSources,
  {
    "envoy.config.bootstrap.v3.Bootstrap": ["static_resources"],
    "envoy.config.bootstrap.v3.Bootstrap.StaticResources": ["clusters"],
  },
]);

/** Takes clusters, written as a YAML list, the whole way of a configuration. */
export function compileYaml(
  clusters: string,
  node: NodeIdentity = NODE,
): {
  definitions: ClusterDefinition[];
  problems: readonly Problem[];
} {
  const content = `static_resources:\n  clusters:\n${clusters.replaceAll(/^/gm, "  ")}`;
  const loaded = load<Bootstrap>("envoy.config.bootstrap.v3.Bootstrap", [
    { name: "c.yaml", content },
  ]);
  const { message, problems } = loaded;
  validate(loaded);
  checkImplemented(message, TABLE, problems);
  if (problems.hasErrors) return { definitions: [], problems: problems.list };
  const definitions = compileClusters(
    message.staticResources?.clusters ?? [],
    testCompileContext(problems, { stats: new FakeRegistry(), node }),
  );
  return { definitions, problems: problems.list };
}
