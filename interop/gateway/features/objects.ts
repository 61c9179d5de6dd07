import { CONTROLLER_NAME } from "@nuncio/gateway";
import { gatewayClass } from "../documents/random-document.ts";
import { CLASS_NAME } from "../documents/scene.ts";

/** The Gateway `web` with a listener of HTTP, and its class. */
export function webGateway(port: number): object[] {
  const gateway = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "web", namespace: "default" },
    spec: { gatewayClassName: CLASS_NAME, listeners: [{ name: "http", protocol: "HTTP", port }] },
  };
  return [gatewayClass(CONTROLLER_NAME), gateway];
}

/** A Service whose endpoints are servers on these ports of 127.0.0.1: a slice for each, as one has one port. */
export function serviceObjects(name: string, ports: readonly number[]): object[] {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { ports: [{ name: "http", port: 80 }] },
  };
  const labels = { "kubernetes.io/service-name": name };
  const slices = ports.map((port, i) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-${i}`, namespace: "default", labels },
    addressType: "IPv4",
    ports: [{ name: "http", port }],
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
  }));
  return [service, ...slices];
}
