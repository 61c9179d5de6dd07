/** TLS towards a backend. */
export interface BackendTlsParts {
  readonly sni: string;
  /** The policy that brings authorities, `<namespace>/<name>`, or `system`. */
  readonly ca: string;
  /** `dns:<name>` or `uri:<uri>` */
  readonly names: readonly string[];
}

/** What a route says of CORS. */
export interface CorsParts {
  /** Regular expressions where there are wildcards. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds: number;
  readonly credentials: boolean;
}

/** How often a request is sent again. */
export interface RetryParts {
  readonly attempts: number;
  readonly codes: readonly number[];
  readonly backoffMs: number | undefined;
  /** Of one attempt. */
  readonly timeoutMs: number | undefined;
}

/** How clients stay with a backend. */
export interface SessionParts {
  readonly kind: "cookie" | "header";
  readonly name: string;
  readonly ttlMs: number | undefined;
}

/** Stands behind a backend's name where HTTP/2 is spoken to it. */
export const HTTP2 = "~h2";

/** Stands behind a backend's name, and how it is spoken to. */
export function backendTlsText({ sni, ca, names }: BackendTlsParts): string {
  return `~tls,${sni},${ca},${names.join(",")}`;
}

export function corsText(cors: CorsParts): string {
  const { origins, methods, headers, exposed, maxAgeSeconds, credentials } = cors;
  const lists = [origins, methods, headers, exposed].map((list) => list.join(","));
  return `${lists.join(" ")} ${maxAgeSeconds} ${credentials}`;
}

export function retryText({ attempts, codes, backoffMs, timeoutMs }: RetryParts): string {
  return `${attempts} ${codes.join(",")} ${backoffMs ?? "-"} ${timeoutMs ?? "-"}`;
}

export function sessionText({ kind, name, ttlMs }: SessionParts): string {
  return `${kind} ${name} ${ttlMs ?? "-"}`;
}
