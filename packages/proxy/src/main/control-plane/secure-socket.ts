import type { X509Certificate } from "node:crypto";
import type net from "node:net";
import tls from "node:tls";
import { matcherBuilders } from "../../http/route/matchers/builders.ts";
import { chainErrorText } from "../../transport/tls/chain-error.ts";
import type { UpstreamTlsConfig } from "../../transport/tls/model.ts";
import type { PeerCertificates } from "../../transport/tls/peer-verifier.ts";
import { secureContextOf } from "../../transport/tls/secure-context.ts";
import { buildVerifier } from "../../transport/tls/validation/build-verifier.ts";
import type { HostData } from "../../upstream/model.ts";

/** TLS to a control plane by the context of its cluster, `protocols` by ALPN; the peer is judged as workers judge theirs. */
export function secureSocket(
  socket: net.Socket,
  config: UpstreamTlsConfig,
  host: HostData,
  protocols: string[],
): tls.TLSSocket {
  const serverName = config.autoHostSni && host.hostname !== "" ? host.hostname : config.sni;
  const secure = tls.connect({
    socket,
    secureContext: secureContextOf(config, config.certificates[0] ?? null, {
      allowRenegotiation: config.allowRenegotiation,
      preferServerCiphers: false,
      ticketKeys: null,
      sessionTimeoutS: 0,
      sessionIdContext: "",
    }),
    ALPNProtocols: protocols,
    // The verifier decides.
    rejectUnauthorized: false,
    ...(serverName === "" ? {} : { servername: serverName }),
  });
  const verifier = buildVerifier(config, matcherBuilders.string, Date.now);
  if (verifier === null) return secure;
  // Before whoever writes first.
  secure.prependOnceListener("secureConnect", () => {
    const failure = verifier.verify(peerOf(secure, serverName, config));
    if (failure !== null && failure.tolerated !== true) secure.destroy(new Error(failure.text));
  });
  return secure;
}

function peerOf(
  secure: tls.TLSSocket,
  serverName: string,
  config: UpstreamTlsConfig,
): PeerCertificates {
  // Node gives OpenSSL's code where its types say Error.
  const code = (secure.authorizationError as unknown as string | null) ?? null;
  return {
    leaf: secure.getPeerX509Certificate() ?? null,
    chain: () => chainOf(secure),
    chainError: code,
    chainErrorText: code === null ? "" : chainErrorText(code, code),
    serverName,
    expectedNames: config.autoSniSanValidation && serverName !== "" ? [serverName] : null,
  };
}

function chainOf(secure: tls.TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at = secure.getPeerX509Certificate(); at !== undefined; at = at.issuerCertificate)
    chain.push(at);
  return chain;
}
