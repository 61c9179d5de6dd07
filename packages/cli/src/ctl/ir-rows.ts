import { addressText, type IrGatewayTree, type IrRoute } from "@nuncio/gateway";
import type { TranslationRow } from "./translation-row.ts";

/** A row for each piece of the gateways, and for each route. */
export function irRows(tree: Readonly<Record<string, IrGatewayTree>>): TranslationRow[] {
  return Object.entries(tree).flatMap(([gateway, pieces]) =>
    rowsOf(gateway, pieces).map(([type, name, about]) => ({ gateway, type, name, about })),
  );
}

type Cells = readonly [type: string, name: string, about: string];

function rowsOf(gateway: string, pieces: IrGatewayTree): Cells[] {
  const { infrastructure, listeners, routeConfigs, clusters, endpoints, secrets } = pieces;
  const hosts = routeConfigs.flatMap(({ virtualHosts }) => virtualHosts);
  const ports = infrastructure.ports.map(({ protocol, port }) => `${protocol} ${port}`).join(", ");
  return [
    ["infrastructure", gateway, ports],
    ...listeners.map(({ name, addresses, protocol, port, filterChains }): Cells => {
      const chains = filterChains.length === 0 ? "" : `, filter chains: ${filterChains.length}`;
      return ["listener", name, `${protocol} ${addresses.join(", ")} port ${port}${chains}`];
    }),
    ...hosts.flatMap(({ domain, otherDomains = [], routes }) =>
      routes.map((route): Cells => {
        const domains = [domain, ...otherDomains].join(", ");
        return ["route", route.name, `${domains}: ${matchText(route)} → ${actionText(route)}`];
      }),
    ),
    ...clusters.map(({ name, protocol, discovery, tls }): Cells => [
      "cluster",
      name,
      [protocol, discovery, ...(tls === undefined ? [] : ["TLS"])].join(", "),
    ]),
    ...endpoints.map((one): Cells => [
      "endpoint",
      one.name,
      one.endpoints.map(({ address, port }) => addressText({ host: address, port })).join(", "),
    ]),
    ...secrets.map(({ name, kind }): Cells => ["secret", name, kind]),
  ];
}

function matchText({ match: { path, method, headers, queryParams } }: IrRoute): string {
  const sign = { exact: "=", regex: "~" } as const;
  return [
    ...(method === undefined ? [] : [method]),
    `${path.kind} ${path.value}`,
    ...headers.map(({ name, kind, value }) => `header ${name}${sign[kind]}${value}`),
    ...queryParams.map(({ name, kind, value }) => `query ${name}${sign[kind]}${value}`),
  ].join(" ");
}

function actionText({ action }: IrRoute): string {
  if (action.kind === "redirect") return `redirect ${action.statusCode}`;
  if (action.kind === "directResponse") return `answer ${action.statusCode}`;
  return action.clusters
    .map(({ cluster, weight }) => `${cluster ?? "nothing"}${weight === 1 ? "" : ` (${weight})`}`)
    .join(", ");
}
