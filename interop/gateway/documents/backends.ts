import { object, type DocumentObject, type Scene } from "./scene.ts";

/** The ports that each Service has. */
const PORTS = [
  { name: "http", protocol: "TCP", port: 8080, targetPort: 8080 },
  { name: "raw", protocol: "TCP", port: 9090, targetPort: 9090 },
  { name: "datagrams", protocol: "UDP", port: 5353, targetPort: 5353 },
];

/** Services that routes refer to, with an endpoint each. */
export function randomBackends({ app, other, infra }: Scene): DocumentObject[] {
  const services = [
    [app, "s1"],
    [app, "s2"],
    [app, "s3"],
    [other, "s1"],
    [infra, "s1"],
  ] as const;
  return services.flatMap(([namespace, name], index) => service(namespace, name, index + 1));
}

function service(namespace: string, name: string, number: number): DocumentObject[] {
  const labels = { "kubernetes.io/service-name": name };
  return [
    object("v1", "Service", { name, namespace }, { clusterIP: `10.96.0.${number}`, ports: PORTS }),
    {
      ...object("discovery.k8s.io/v1", "EndpointSlice", { name, namespace, labels }),
      addressType: "IPv4",
      ports: PORTS.map(({ targetPort, ...port }) => ({ ...port, port: targetPort })),
      endpoints: [{ addresses: [`10.244.0.${number}`], conditions: { ready: true } }],
    } as DocumentObject,
  ];
}
