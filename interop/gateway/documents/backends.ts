import { chance, object, type DocumentObject, type Scene } from "./scene.ts";

interface ServicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: number;
  readonly appProtocol?: string;
}

/** The ports that each Service has. */
const PORTS: readonly ServicePort[] = [
  { name: "http", protocol: "TCP", port: 8080, targetPort: 8080 },
  { name: "raw", protocol: "TCP", port: 9090, targetPort: 9090 },
  { name: "datagrams", protocol: "UDP", port: 5353, targetPort: 5353 },
];

/** How HTTP is spoken to a Service; WebSocket is HTTP/1.1. */
const APP_PROTOCOLS = ["kubernetes.io/h2c", "kubernetes.io/ws"];

/** Services that routes refer to, with an endpoint each. */
export function randomBackends(scene: Scene): DocumentObject[] {
  const { app, other, infra } = scene;
  const services = [
    [app, "s1"],
    [app, "s2"],
    [app, "s3"],
    [other, "s1"],
    [infra, "s1"],
  ] as const;
  return services.flatMap(([namespace, name], index) => {
    const appProtocol = chance(scene, 20) && { appProtocol: scene.random.pick(APP_PROTOCOLS) };
    return service(namespace, name, { number: index + 1, ports: portsWith(appProtocol || {}) });
  });
}

/** The first one speaks HTTP. */
function portsWith(appProtocol: Pick<ServicePort, "appProtocol">): ServicePort[] {
  return PORTS.map((port, i) => (i === 0 ? { ...port, ...appProtocol } : port));
}

function service(
  namespace: string,
  name: string,
  { number, ports }: { readonly number: number; readonly ports: readonly ServicePort[] },
): DocumentObject[] {
  const labels = { "kubernetes.io/service-name": name };
  return [
    object("v1", "Service", { name, namespace }, { clusterIP: `10.96.0.${number}`, ports }),
    {
      ...object("discovery.k8s.io/v1", "EndpointSlice", { name, namespace, labels }),
      addressType: "IPv4",
      ports: PORTS.map(({ targetPort, ...port }) => ({ ...port, port: targetPort })),
      endpoints: [{ addresses: [`10.244.0.${number}`], conditions: { ready: true } }],
    } as DocumentObject,
  ];
}
