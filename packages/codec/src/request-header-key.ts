/**
 * Under which name `HeaderMap.get` finds what a configuration calls `name`: names are lower case, and to Envoy the `host`
 * of a request is another name of `:authority`.
 */
export function requestHeaderKey(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}
