import type { Endpoint, EndpointSlice } from "#gen/resources";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import type { IrEndpoint } from "../../ir/cluster.ts";
import { namespaceOf, objectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { BackendDemand } from "../translated-route.ts";
import type { ServiceObject, ServicePort } from "./objects.ts";

/** What a slice says it belongs to. */
const OWNER_LABELS = {
  Service: "kubernetes.io/service-name",
  ServiceImport: "multicluster.kubernetes.io/service-name",
} as const;

type OwnerKind = keyof typeof OWNER_LABELS;

/** EndpointSlices by `Service/<namespace>/<name>`, and by ServiceImport in the same way. */
export function slicesByOwner(store: ResourceStore): Index<EndpointSlice> {
  return new Index("endpoint slices by owner", store.table<EndpointSlice>("EndpointSlice"), owners);
}

/** Those whose endpoints are names, by the same key: no data plane is told of them. */
export function nameSlicesByOwner(store: ResourceStore): Index<EndpointSlice> {
  return new Index(
    "endpoint slices of names by owner",
    store.table<EndpointSlice>("EndpointSlice"),
    (slice) => (slice.addressType === "FQDN" ? owners(slice) : []),
  );
}

function owners(slice: EndpointSlice): string[] {
  const { labels = {} } = slice.metadata;
  return (Object.keys(OWNER_LABELS) as OwnerKind[]).flatMap((kind) => {
    const name = labels[OWNER_LABELS[kind]];
    return name === undefined ? [] : [`${kind}/${objectKey(namespaceOf(slice), name)}`];
  });
}

/** The endpoints of a port of a Service, each once, sorted. */
export function serviceEndpoints(
  read: Read,
  { store, slices }: { store: ResourceStore; slices: Index<EndpointSlice> },
  { kind, namespace, name }: BackendDemand,
  { service, port }: { service: ServiceObject; port: ServicePort },
): IrEndpoint[] {
  const table = store.table<EndpointSlice>("EndpointSlice");
  const all = [...(read.one(slices, `${kind}/${namespace}/${name}`) ?? [])].map((key) =>
    read.one(table, key),
  );
  const byPlace = new Map<string, IrEndpoint>();
  for (const slice of ofOneFamily(all, service))
    for (const endpoint of sliceEndpoints(slice, port))
      byPlace.set(`${endpoint.address} ${endpoint.port}`, endpoint);
  const places = [...byPlace.keys()].toSorted();
  return places.map((place) => byPlace.get(place)!);
}

/** A Service of both families has each Pod twice: the family that it names first is used, as long as it has slices. */
function ofOneFamily(
  all: readonly (EndpointSlice | undefined)[],
  { spec }: ServiceObject,
): EndpointSlice[] {
  const addressed = all.filter((slice) => slice !== undefined && slice.addressType !== "FQDN");
  const slices = addressed as EndpointSlice[];
  const primary = slices.filter(({ addressType }) => addressType === spec?.ipFamilies?.[0]);
  return primary.length > 0 ? primary : slices;
}

function sliceEndpoints(slice: EndpointSlice, servicePort: ServicePort): IrEndpoint[] {
  const name = servicePort.name ?? "";
  const port = slice.ports?.find((candidate) => (candidate.name ?? "") === name)?.port;
  if (port === undefined) return [];
  return slice.endpoints.flatMap((endpoint) => {
    const state = stateOf(endpoint);
    if (state === "gone") return [];
    const rest = {
      port,
      ...(endpoint.zone !== undefined && { zone: endpoint.zone }),
      ...(state === "draining" && { draining: true as const }),
    };
    return endpoint.addresses.map((address) => ({ address, ...rest }));
  });
}

/** A condition that is not told is as if all were well (`EndpointConditions`). */
function stateOf({ conditions = {} }: Endpoint): "ready" | "draining" | "gone" {
  const { ready = true, serving = ready, terminating = false } = conditions;
  if (terminating) return serving ? "draining" : "gone";
  return ready ? "ready" : "gone";
}
