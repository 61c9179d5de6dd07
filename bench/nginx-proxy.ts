import { SMALL_BODY } from "./backend.ts";
import type { Shape } from "./envoy-config.ts";
import type { Places } from "./places.ts";

/** The content of nginx's `http` that does the same job; null where it has no equivalent. */
export function nginxProxy(shape: Shape, places: Places): string | null {
  if ((shape.protocol ?? "http") !== "http" || shape.features === true) return null;
  if (shape.routes !== undefined || shape.clusters !== undefined) return null;
  return `
  client_max_body_size 16m;
  upstream backend { server 127.0.0.1:${backendPort(shape, places)}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${places.proxyPort} ${listenFlags(shape)} backlog=4096;
    ${certificate(shape, places)}
    location / {
      ${location(shape)}
    }
  }`;
}

function backendPort({ upstream }: Shape, places: Places): number {
  if (upstream === "grpc") return places.grpcPort;
  return upstream === "websocket" ? places.webSocketPort : places.backendPort;
}

function listenFlags({ tls, http2 }: Shape): string {
  return [tls === undefined ? "" : "ssl", http2 === true || tls !== undefined ? "http2" : ""].join(
    " ",
  );
}

function certificate({ tls }: Shape, { certificates }: Places): string {
  if (tls === undefined) return "";
  const { certFile, keyFile } = certificates[tls];
  return `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ssl_protocols TLSv1.2 TLSv1.3;`;
}

function location({ upstream, direct }: Shape): string {
  if (direct === true) return `return 200 "${SMALL_BODY.replace("\n", "\\n")}";`;
  if (upstream === "grpc") return "grpc_pass grpc://backend;";
  const connection =
    upstream === "websocket"
      ? 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
      : 'proxy_set_header Connection "";';
  return `proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Host $host; ${connection}`;
}
