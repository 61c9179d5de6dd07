/** Something that gateways do for clients, tried from end to end. */
export interface Feature {
  readonly name: string;
  /** Services of the namespace `default`, and how many servers each has. */
  readonly services: Readonly<Record<string, number>>;
  /** What stands beside them and the Gateway `web`, which has a listener of HTTP. */
  readonly objects: readonly object[];
  /** What clients see at the port of the Gateway. */
  readonly ask: (port: number) => Promise<unknown>;
  /** The same through each proxy. */
  readonly expected: unknown;
}

/** A route of the Gateway with these rules. */
export function route(kind: "HTTPRoute" | "GRPCRoute", rules: readonly object[]): object {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind,
    metadata: { name: kind.toLowerCase(), namespace: "default" },
    spec: { parentRefs: [{ name: "web" }], rules },
  };
}

/** A rule for what begins with a path, with one backend. */
export function rule(path: string, service: string, more: object = {}): object {
  return {
    matches: [{ path: { type: "PathPrefix", value: path } }],
    backendRefs: [{ name: service, port: 80 }],
    ...more,
  };
}
