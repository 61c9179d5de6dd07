/** A gRPC method as the path of its request names it. */
export interface GrpcMethod {
  /** With its package: `pkg.Service`. */
  readonly service: string;
  readonly method: string;
}

/** The method of a path without its query; null when that is not `/service/method`. Slashes may be doubled, as in Envoy. */
export function grpcMethodOf(path: string): GrpcMethod | null {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.length === 2 ? { service: parts[0]!, method: parts[1]! } : null;
}

/** A path without its query. */
export function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
