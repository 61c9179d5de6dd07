/** Envoy's `isSameIpOrLoopback`: the peer is this machine. The peer of a pipe always is; it has no IP. */
export function isLocalConnection(peerIp: string, localIp: string): boolean {
  return peerIp === localIp || peerIp.startsWith("127.") || peerIp === "::1" || peerIp === "";
}
