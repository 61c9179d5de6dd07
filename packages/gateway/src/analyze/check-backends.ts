import { didYouMean } from "@nuncio/api";
import type { Service } from "#gen/resources";
import { objectKey, type Resource } from "../resources/object.ts";
import type { BackendRef } from "../translator/routes/objects.ts";
import { isRoute } from "./is-route.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";

/** References to ports that a Service does not have. */
export const checkPorts: Check = ({ store, references }) =>
  references.flatMap(({ from, path, to, port }): Finding[] => {
    if (to.group !== "" || to.kind !== "Service" || port === undefined) return [];
    const key = objectKey(to.namespace, to.name);
    const ports = store.table<Service>("Service").peek(key)?.spec?.ports;
    if (ports === undefined || ports.some((one) => one.port === port)) return [];
    const has = ports.map((one) =>
      one.name === undefined ? `${one.port}` : `${one.port} (${one.name})`,
    );
    const isTarget = ports.find(({ targetPort }) => targetPort === port);
    return [
      {
        rule: "missing-port",
        severity: "error",
        object: from,
        path: [...path, "port"],
        message: `Service ${key} has no port ${port}, it has ${has.join(", ") || "none"}`,
        ...(isTarget !== undefined && {
          suggestion: `${port} is the target of port ${isTarget.port}, which is the one to name`,
        }),
      },
    ];
  });

/** Rules that send requests nowhere, as all weights are 0. */
export const checkWeights: Check = ({ objects }) =>
  objects.filter(isRoute<Rule>).flatMap((route) =>
    (route.spec.rules ?? []).flatMap(({ backendRefs = [] }, index): Finding[] => {
      if (backendRefs.length === 0 || backendRefs.some(({ weight = 1 }) => weight > 0)) return [];
      return [
        {
          rule: "no-weight",
          severity: "warning",
          object: route,
          path: ["spec", "rules", index, "backendRefs"],
          message:
            "all weights are 0: nothing is sent anywhere, and requests are answered with 500",
          suggestion: "give one of them a weight",
        },
      ];
    }),
  );

/** Services that requests are sent to and that have no endpoints. */
export const checkEndpoints: Check = (resources) => {
  const { pipeline, store } = resources;
  const { clusters, endpoints } = pipeline.pieces;
  const empty = new Map<string, Resource>();
  for (const [name, { backend }] of clusters.entries()) {
    if (backend.kind !== "Service" || (endpoints.peek(name)?.endpoints.length ?? 0) > 0) continue;
    const service = store.table("Service").peek(objectKey(backend.namespace, backend.name));
    if (service !== undefined) empty.set(`${backend.namespace}/${backend.name}`, service);
  }
  return Array.from(empty.values(), (service): Finding => {
    const message = "no EndpointSlice has a ready endpoint for it: requests are answered with 503";
    const suggestion = sliceHint(resources, service);
    return {
      rule: "no-endpoints",
      severity: "warning",
      object: service,
      path: [],
      message,
      suggestion,
    };
  });
};

const OWNER = "kubernetes.io/service-name";

function sliceHint({ store }: AnalyzedResources, { metadata }: Resource): string {
  const owners = [...store.table("EndpointSlice").values()]
    .filter((slice) => slice.metadata.namespace === metadata.namespace)
    .map((slice) => slice.metadata.labels?.[OWNER] ?? "");
  if (owners.includes(metadata.name))
    return "its EndpointSlices have no ready endpoint with a port of the same name";
  const near = didYouMean(metadata.name, owners);
  const label = `an EndpointSlice with the label ${OWNER}: ${metadata.name}`;
  return near === "" ? label : `${label}; one has another${near.replace("did you mean", "is it")}`;
}

interface Rule {
  readonly backendRefs?: readonly BackendRef[];
}
