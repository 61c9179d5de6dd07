/** A route that serves a path and what is below it. */
export function routeYaml(path: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: web }]
  rules:
    - matches: [{ path: { value: ${path} } }]
      backendRefs: [{ name: shop, port: 80 }]
`;
}

/** What the route leads to. */
export function backendYaml(port: number): { readonly service: string; readonly slice: string } {
  return {
    service: `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { ports: [{ port: 80 }] }
`,
    slice: `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: shop-1, labels: { kubernetes.io/service-name: shop } }
addressType: IPv4
ports: [{ port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]
`,
  };
}
