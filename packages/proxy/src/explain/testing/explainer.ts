import { formatProblem, type Locator } from "@nuncio/api";
import { compileBootstrap } from "../../main/compile-bootstrap.ts";
import type { ProxyOptions } from "../../main/options.ts";
import { FakeRegistry } from "../../upstream/testing/fake-registry.ts";
import { Explainer } from "../explainer.ts";
import { Places } from "../places.ts";

const OPTIONS = {
  concurrency: 1,
  serviceCluster: "",
  serviceNode: "",
  serviceZone: "",
} as ProxyOptions;

/** For tests: what explains requests by a bootstrap, given as YAML (`e.yaml`). Throws with its problems. */
export function explainerOf(yaml: string): Explainer {
  let locator!: Locator;
  const sources = [{ name: "e.yaml", content: yaml }];
  const compiled = compileBootstrap(sources, OPTIONS, new FakeRegistry(), (given) => {
    locator = given;
  });
  const errors = compiled.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(formatProblem).join("\n"));
  return new Explainer({
    listeners: compiled.listeners,
    clusters: compiled.clusters,
    places: new Places(compiled.bootstrap, locator),
    hostIp: "10.0.0.7",
    wallMs: 0,
    runtime: compiled.runtime.runtime,
  });
}

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

/** What a test's bootstrap differs in; texts are lines of YAML that begin at the first column. */
export interface BootstrapParts {
  readonly port?: number;
  /** Fields of the HTTP connection manager. */
  readonly hcm?: string;
  /** HTTP filters before the router. */
  readonly filters?: string;
  /** Fields of the route configuration. */
  readonly routes: string;
  /** Ports of the clusters of those names. */
  readonly clusters?: { readonly [name: string]: number };
}

/** For tests: a bootstrap with one listener, `main`. */
export function bootstrapOf(parts: BootstrapParts): string {
  const { port = 8080, hcm = "", filters = "", routes, clusters = {} } = parts;
  return `static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": ${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
${indented(hcm, 10)}
          route_config:
${indented(routes, 12)}
          http_filters:
${indented(filters, 10)}
          - name: router
            typed_config: { "@type": ${EXTENSIONS}.http.router.v3.Router }
  clusters:
${Object.entries(clusters)
  .map(
    ([name, target]) => `  - name: ${name}
    load_assignment:
      cluster_name: ${name}
      endpoints:
      - lb_endpoints:
        - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${target} } } }`,
  )
  .join("\n")}
`;
}

function indented(text: string, columns: number): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => " ".repeat(columns) + line)
    .join("\n");
}
