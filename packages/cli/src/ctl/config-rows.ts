/** What can be asked for, and the dump of `envoy.admin.v3` that has it. */
export const CONFIG_DUMPS = {
  bootstrap: "BootstrapConfigDump",
  listener: "ListenersConfigDump",
  route: "RoutesConfigDump",
  cluster: "ClustersConfigDump",
  endpoint: "EndpointsConfigDump",
  secret: "SecretsConfigDump",
} as const;

export type ConfigType = keyof typeof CONFIG_DUMPS;

/** JSON of a message. */
export type Json = Readonly<Record<string, unknown>>;

/** One dump of `/config_dump`, and what it is of. */
export interface ConfigPart {
  readonly type: ConfigType;
  readonly dump: Json;
}

/** A resource in one of the states that it can be in. */
export interface ConfigRow {
  readonly type: ConfigType;
  readonly name: string;
  /** `static`, `active`, `warming`, `draining`, `refused`. */
  readonly state: string;
  readonly version: string;
  readonly updated: string;
  /** What is worth seeing at once. */
  readonly about: string;
}

/** The parts of a dump that are of these types, in the order of the types. */
export function configParts(dump: unknown, types: readonly ConfigType[]): ConfigPart[] {
  const { configs = [] } = dump as { readonly configs?: readonly Json[] };
  return types.flatMap((type) =>
    configs
      .filter((config) => String(config["@type"]).endsWith(`.${CONFIG_DUMPS[type]}`))
      .map((config) => ({ type, dump: config })),
  );
}

/** A row for each resource of a dump. */
export function configRows({ type, dump }: ConfigPart): ConfigRow[] {
  if (type === "bootstrap") return [row({ type, state: "static", ...MAIN[type] }, dump)];
  return Object.entries(dump).flatMap(([field, items]) => {
    if (!Array.isArray(items)) return [];
    return (items as Json[]).flatMap((item) => itemRows(type, field, item));
  });
}

/** What is worth seeing at once of a resource of xDS, as JSON with the names of fields. */
export function aboutResource(type: ConfigType, resource: Json): string {
  return MAIN[type].about(resource);
}

interface Kind {
  /** The field that has the resource. */
  readonly field: string;
  readonly about: (resource: Json) => string;
}

const MAIN: { readonly [T in ConfigType]: Kind } = {
  bootstrap: { field: "bootstrap", about: ({ node }) => text(object(node)["id"]) },
  listener: { field: "listener", about: ({ address }) => addressText(address) },
  route: { field: "route_config", about: routesText },
  cluster: {
    field: "cluster",
    about: ({ type, cluster_type: other }) => text(type ?? object(other)["name"]) || "STATIC",
  },
  endpoint: { field: "endpoint_config", about: endpointsText },
  secret: {
    field: "secret",
    about: (secret) =>
      Object.keys(secret)
        .filter((key) => key !== "name" && key !== "@type")
        .join(", "),
  },
};

const LISTENER_STATES = ["active", "warming", "draining"] as const;

function itemRows(type: ConfigType, field: string, item: Json): ConfigRow[] {
  const rows =
    field === "dynamic_listeners"
      ? LISTENER_STATES.filter((state) => item[`${state}_state`] !== undefined).map((state) =>
          row({ type, state, ...MAIN[type] }, { ...item, ...object(item[`${state}_state`]) }),
        )
      : [row({ type, state: stateOf(field), ...MAIN[type] }, item)];
  return item["error_state"] === undefined ? rows : [...rows, refusedRow(type, item)];
}

function stateOf(field: string): string {
  if (field.startsWith("static_") || field.startsWith("inline_")) return "static";
  return field.includes("_warming_") ? "warming" : "active";
}

function refusedRow(type: ConfigType, { name, error_state: error }: Json): ConfigRow {
  const { details, version_info: version, last_update_attempt: updated } = object(error);
  return {
    type,
    name: text(name) || "-",
    state: "refused",
    version: text(version) || "-",
    updated: text(updated) || "-",
    about: text(details).replaceAll("\n", "; "),
  };
}

function row(
  { type, state, field, about }: Kind & { readonly type: ConfigType; readonly state: string },
  item: Json,
): ConfigRow {
  const resource = object(item[field]);
  const name = resource["name"] ?? resource["cluster_name"] ?? item["name"];
  return {
    type,
    name: text(name) || "-",
    state,
    version: text(item["version_info"]) || "-",
    updated: text(item["last_updated"]) || "-",
    about: about(resource),
  };
}

function routesText({ virtual_hosts: hosts }: Json): string {
  const all = list(hosts);
  const routes = all.reduce((sum, host) => sum + list(host["routes"]).length, 0);
  return `${all.length} virtual hosts, ${routes} routes`;
}

function endpointsText({ endpoints }: Json): string {
  const all = list(endpoints).flatMap(({ lb_endpoints: inner }) => list(inner));
  return all.map((one) => addressText(object(one["endpoint"])["address"])).join(", ");
}

function addressText(address: unknown): string {
  const { socket_address: socket, pipe } = object(address);
  if (pipe !== undefined) return text(object(pipe)["path"]);
  const { address: host, port_value: port } = object(socket);
  const name = text(host);
  return `${name.includes(":") ? `[${name}]` : name}:${text(port)}`;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
