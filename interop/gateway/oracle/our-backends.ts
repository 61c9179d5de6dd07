import type { IrCluster, IrPieces } from "@nuncio/gateway";
import { INVALID } from "./connections.ts";
import { backendTlsText, HTTP2 } from "./route-features.ts";

/** `<gateway>/service/<namespace>/<name>/<port>`, and how it is spoken to. */
export function backendOf(cluster: string): string {
  const [, , , namespace, name, port] = cluster.split("/");
  return `${namespace}/${name}:${port}`;
}

/** Names for clusters. One without a piece is one that nobody can be connected to. */
export function backendNames(clusters: IrPieces["clusters"]): typeof backendOf {
  return (cluster) => {
    const piece = clusters.peek(cluster);
    return piece === undefined
      ? INVALID
      : backendOf(cluster) + (piece.protocol === "http2" ? HTTP2 : "") + tlsText(piece);
  };
}

function tlsText({ tls }: IrCluster): string {
  if (tls === undefined) return "";
  const { sni, ca = "none", subjectAltNames } = tls;
  const names = subjectAltNames.map(({ kind, value }) => `${kind}:${value}`);
  return backendTlsText({ sni, ca: ca.split("/").slice(-2).join("/"), names });
}
