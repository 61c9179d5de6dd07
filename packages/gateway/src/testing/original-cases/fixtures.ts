import { CONTROLLER_NAME } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";

const SERVICES = ["service-1", "service-2", "service-3", "service-4"];
const PORTS = [
  { name: "http", port: 8080, protocol: "TCP" },
  { name: "https", port: 8443, protocol: "TCP" },
  { name: "tcp", port: 8163, protocol: "TCP" },
  { name: "udp", port: 8162, protocol: "UDP" },
];

/** What the runner of the original's cases adds to each of them; the GatewayClass is one of ours. */
export function fixtures(): Resource[] {
  return [
    object("gateway.networking.k8s.io/v1", "GatewayClass", undefined, "envoy-gateway-class", {
      spec: { controllerName: CONTROLLER_NAME },
    }),
    ...["envoy-gateway", "default"].map((name) => object("v1", "Namespace", undefined, name, {})),
    ...SERVICES.flatMap((name) => service("default", name, PORTS, "7.7.7.7")),
    ...service("default", "mirror-service", PORTS.slice(0, 1), "7.6.5.4"),
  ];
}

function service(
  namespace: string,
  name: string,
  ports: typeof PORTS,
  address: string,
): Resource[] {
  return [
    object("v1", "Service", namespace, name, {
      spec: {
        type: "ClusterIP",
        clusterIP: "1.1.1.1",
        ports: ports.map((port) => ({ ...port, targetPort: port.port })),
      },
    }),
    object(
      "discovery.k8s.io/v1",
      "EndpointSlice",
      namespace,
      name,
      {
        addressType: "IPv4",
        ports,
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
      },
      { "kubernetes.io/service-name": name },
    ),
  ];
}

function object(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
  fields: object,
  labels?: Readonly<Record<string, string>>,
): Resource {
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
  };
  return { apiVersion, kind, metadata, ...fields };
}
