import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { connect, type ConnectionOptions, type SecureVersion, type TLSSocket } from "node:tls";

/** How a client speaks TLS. */
export interface ClientTls {
  /** The SNI; none without. */
  sni?: string;
  /** Offered protocols. */
  alpn?: string[];
  /** Name of its certificate; null for none. */
  certificate?: string | null;
  min?: SecureVersion;
  max?: SecureVersion;
  ciphers?: string;
  curves?: string;
  sigalgs?: string;
  /** Asks for a stapled OCSP response. */
  ocsp?: true;
  /** Resumes the session of this earlier connection. */
  resume?: number;
}

/** What a client saw of TLS. */
export interface TlsFacts {
  version: string;
  cipher: string;
  group: string;
  alpn: string;
  /** Subject's common name of the proxy's certificate. */
  certificate: string;
  resumed: boolean;
  /** `none` when none was stapled. */
  staple: string;
  /** What ended the handshake, or the connection, by an alert of the proxy; empty for none. */
  alert: string;
}

/** A client's end of TLS over a socket; nothing is verified. */
export class ClientTlsConnection {
  readonly facts: TlsFacts = newTlsFacts();
  readonly socket: TLSSocket;
  established = false;
  /** The newest, for a connection that resumes it. */
  session: Buffer | undefined;

  constructor(raw: Socket, tls: ClientTls, folder: string, earlier: ClientTlsConnection | null) {
    const session = earlier?.session;
    this.socket = connect({
      ...optionsOf(tls, folder),
      socket: raw,
      ...(session !== undefined && { session }),
    });
    this.socket.on("session", (newest: Buffer) => (this.session = newest));
    this.socket.on("OCSPResponse", (response: Buffer | null) => {
      this.facts.staple = response === null ? "none" : `${response.length} bytes`;
    });
    this.socket.on("secureConnect", () => this.#note());
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.facts.alert = alertOf(error);
    });
  }

  #note(): void {
    const { facts, socket } = this;
    this.established = true;
    facts.version = socket.getProtocol() ?? "";
    facts.cipher = socket.getCipher().standardName;
    const key = socket.getEphemeralKeyInfo() as { name?: string; type?: string } | null;
    facts.group = key?.name ?? key?.type ?? "";
    facts.alpn = nameOf(socket.alpnProtocol);
    facts.resumed = socket.isSessionReused();
    facts.certificate = commonNameOf(socket);
  }
}

function optionsOf(tls: ClientTls, folder: string): ConnectionOptions {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return {
    rejectUnauthorized: false,
    servername: tls.sni ?? "",
    minVersion: tls.min ?? "TLSv1.2",
    requestOCSP: tls.ocsp === true,
    ...(tls.max !== undefined && { maxVersion: tls.max }),
    ...(tls.alpn !== undefined && { ALPNProtocols: tls.alpn }),
    ...(tls.ciphers !== undefined && { ciphers: tls.ciphers }),
    ...(tls.curves !== undefined && { ecdhCurve: tls.curves }),
    ...(tls.sigalgs !== undefined && { sigalgs: tls.sigalgs }),
    ...(typeof tls.certificate === "string" && {
      cert: read(`${tls.certificate}.pem`),
      key: read(`${tls.certificate.replace(".leaf", "")}.key`),
    }),
  };
}

/** Of the certificate that the other side showed; empty for none. */
export function commonNameOf(socket: TLSSocket): string {
  return /^CN=(.*)$/m.exec(socket.getPeerX509Certificate()?.subject ?? "")?.[1] ?? "";
}

/** Node says false for a name that was not agreed on. */
export function nameOf(value: string | false | null | undefined): string {
  return typeof value === "string" ? value : "";
}

function newTlsFacts(): TlsFacts {
  return {
    version: "",
    cipher: "",
    group: "",
    alpn: "",
    certificate: "",
    resumed: false,
    staple: "none",
    alert: "",
  };
}

/** `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA` as `unknown_ca`; other errors are none of TLS. */
function alertOf({ code }: NodeJS.ErrnoException): string {
  const match = /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3|SSL\/TLS)?_?(?:ALERT_)?(.*)$/.exec(code ?? "");
  return match === null ? "" : match[1]!.toLowerCase();
}
