import type { TestContext } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "./bootstrap.ts";
import { RawClient, startOrigin, type Origin, type OriginConnection } from "./origin.ts";
import { startProxy, type TestProxy } from "./proxy.ts";

/** An HTTP proxy with its client and its origin; all of it ends with the test. */
export interface HttpRig {
  readonly proxy: TestProxy;
  readonly origin: Origin;
  /** A new client connection. */
  client(): RawClient;
}

/** What a rig differs in; the texts are lines of YAML put in. */
export interface HttpRigOptions {
  /** What the origin does with what it got; by default it says hello. */
  readonly answer?: (connection: OriginConnection) => void;
  /** Fields of the HTTP connection manager. */
  readonly hcm?: string;
  /** HTTP filters before the router, in flow style. */
  readonly filters?: string;
  /** What the route to the origin takes; everything by default. */
  readonly match?: string;
  /** The name of the route to the origin. */
  readonly name?: string;
  /** More fields of the route to the origin, beginning with a comma. */
  readonly route?: string;
  /** `typed_per_filter_config` of that route, in flow style. */
  readonly perFilter?: string;
  /** Fields of the cluster, in flow style. */
  readonly cluster?: string;
  /** The body of the direct response at `/none`. */
  readonly directBody?: string;
}

/** Starts a proxy with one listener (`main`, stats below `http.in.`) and a route to one cluster, `origin`. */
export async function startHttpRig(t: TestContext, options: HttpRigOptions = {}): Promise<HttpRig> {
  const {
    answer,
    hcm = "",
    filters,
    match = "prefix: /",
    name = "",
    route = "",
    perFilter = "{}",
    cluster = "",
    directBody = "nothing",
  } = options;
  const origin = await startOrigin(answer);
  // Now, as a configuration that is refused ends this function.
  t.after(() => origin.close());
  const proxy = await startProxy(
    httpBootstrap(
      `${hcm}
          http_filters: [${filters === undefined ? ROUTER_FILTER : `${filters}, ${ROUTER_FILTER}`}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: /none }
                direct_response: { status: 404, body: { inline_string: ${directBody} } }
              - name: "${name}"
                match: { ${match} }
                route: { cluster: origin ${route} }
                typed_per_filter_config: ${perFilter}`,
      [clusterYaml("origin", origin.port, cluster)],
    ),
  );
  const clients: RawClient[] = [];
  t.after(() => {
    for (const client of clients) client.close();
    proxy.close();
  });
  return {
    proxy,
    origin,
    client() {
      const client = new RawClient(proxy.port("main"));
      clients.push(client);
      return client;
    },
  };
}
