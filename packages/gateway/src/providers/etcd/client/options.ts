/** Where an etcd is, and how it is reached. */
export interface EtcdOptions {
  /** `http://127.0.0.1:2379`, or `https://...`: members of one cluster, tried in turn. */
  readonly endpoints: readonly string[];
  readonly user?: { readonly name: string; readonly password: string };
  /** PEM. Authorities are the system's unless given. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** A call that takes longer has failed; 5,000 unless given. */
  readonly callTimeoutMs?: number;
  /** Larger responses are refused; 1 GiB unless given. */
  readonly responseBytesMax?: number;
  /** A connection is pinged so often while something is asked for; 10,000 unless given. */
  readonly pingIntervalMs?: number;
  /** One that does not answer for so long is given up; 5,000 unless given. */
  readonly pingTimeoutMs?: number;
}

/** @throws when an endpoint is no URL of a host and port */
export function checkEndpoint(text: string): string {
  const url = URL.parse(text);
  const isRight =
    url !== null &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    (url.pathname === "/" || url.pathname === "") &&
    url.search === "" &&
    url.username === "";
  if (!isRight) throw new Error(`expected a URL such as http://127.0.0.1:2379, got "${text}"`);
  return url.origin;
}
