import type { WorkerContext } from "../../base/worker-context.ts";
import type { NativeSecureContext, NativeTls, NativeTlsError } from "../native-tls.ts";
import { wrapTls } from "../native-tls.ts";
import { alpnWireFormat } from "./alpn.ts";
import {
  CertificateChooser,
  type CertificateChoice,
  type StapleAction,
} from "./certificate-choice.ts";
import { CLIENT_HELLO_MAX_BYTES, readClientHello, type ClientHello } from "./client-hello.ts";
import { HandshakeStats } from "./handshake-stats.ts";
import { ServerGroups } from "./key-exchange-group.ts";
import type { KeyLog } from "./key-log.ts";
import type { DownstreamTlsConfig } from "./model.ts";
import type { PeerVerifier } from "./peer-verifier.ts";
import { secureContextOf } from "./secure-context.ts";
import { verifyErrorText } from "./tls-error.ts";
import type { TlsHandle, TlsRole } from "./tls-handle.ts";
import { TrustedRoots } from "./trusted-roots.ts";
import { verifyPeer } from "./verify-peer.ts";

/** One version of a downstream context on a worker: what its connections shake hands with. */
export class ServerContext implements TlsRole {
  readonly renegotiates: boolean = false;
  readonly #config: DownstreamTlsConfig;
  readonly #worker: WorkerContext;
  readonly #verifier: PeerVerifier | null;
  readonly #stats: HandshakeStats;
  readonly #chooser: CertificateChooser;
  /** Two by certificate, made when a client first needs one. */
  readonly #contexts: (NativeSecureContext | undefined)[] = [];
  readonly #alpn: Buffer;
  readonly #groups: ServerGroups;
  readonly #keyLog: KeyLog | null;

  readonly #trustedRoots: TrustedRoots | null;

  constructor(
    config: DownstreamTlsConfig,
    worker: WorkerContext,
    verifier: PeerVerifier | null,
    keyLog: KeyLog | null,
  ) {
    this.#config = config;
    this.#worker = worker;
    this.#verifier = verifier;
    this.#keyLog = keyLog;
    this.#stats = new HandshakeStats(worker.stats, config.scope);
    this.#chooser = new CertificateChooser(config);
    this.#alpn = alpnWireFormat(config.alpnProtocols);
    this.#groups = new ServerGroups(config.curves);
    this.#trustedRoots = config.trustedCa === "" ? null : new TrustedRoots(config.trustedCa);
  }

  onEarlyBytes(handle: TlsHandle, bytes: Buffer): void {
    const all = handle.early === null ? bytes : Buffer.concat([handle.early, bytes]);
    const hello = readClientHello(all);
    if (hello === "incomplete" && all.length < CLIENT_HELLO_MAX_BYTES) {
      handle.early = handle.early === null ? Buffer.from(bytes) : all;
      return;
    }
    handle.early = null;
    this.#begin(handle, all, hello === "incomplete" ? null : hello);
  }

  onHandshakeDone(handle: TlsHandle, native: NativeTls): boolean {
    const { tls } = handle;
    tls.trustedRoots = this.#trustedRoots;
    const failure = this.#verifier === null ? null : verifyPeer(this.#verifier, tls, native, null);
    if (failure !== null) {
      this.#stats.count(failure.stat);
      if (failure.tolerated !== true) {
        handle.refuse(verifyErrorText(failure.text));
        return false;
      }
    }
    this.#stats.countHandshake(tls, tls.peerCertificatePresented);
    return true;
  }

  onHandshakeError(handle: TlsHandle, reason: string, error: NativeTlsError | null): void {
    if (error?.code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
      this.#stats.count("fail_verify_no_cert");
    else if (error !== null) this.#stats.count("connection_error");
    handle.refuse(reason);
  }

  onSessionError(handle: TlsHandle, reason: string): void {
    this.#stats.count("connection_error");
    handle.refuse(reason);
  }

  onOpen(): void {}

  #begin(handle: TlsHandle, bytes: Buffer, hello: ClientHello | null): void {
    const config = this.#config;
    const { tls } = handle;
    if (hello !== null) tls.serverName = hello.serverName;
    const choice = this.#chooser.choose(hello, this.#worker.wallMs());
    if (hello?.statusRequest === true) this.#countStaple(choice.staple);
    tls.localIndex = choice.index;
    if (choice.staple === "fail" || (config.requireSni && hello?.serverName === "")) {
      this.#stats.count("connection_error");
      handle.refuse(NO_CERTIFICATE_FITS);
      return;
    }
    const tls13 = hello !== null && this.#speaks13(hello);
    if (hello !== null) tls.expectedGroup = this.#agreedGroup(hello, tls13);
    const native = wrapTls(handle.socket, this.#contextOf(choice.index, tls13), true);
    this.#prepare(native, choice, hello?.alpnProtocols ?? []);
    this.#keyLog?.attach(native, handle);
    handle.begin(native);
    // Each piece is consumed before the next: a hello that filled the first buffer would make Node allocate a second one, of
    // 16 KiB, for the life of the connection.
    for (let at = 0; at < bytes.length && !handle.closed; at += HELLO_PIECE_BYTES)
      native.receive(bytes.subarray(at, at + HELLO_PIECE_BYTES));
  }

  #prepare(native: NativeTls, choice: CertificateChoice, offered: readonly string[]): void {
    const config = this.#config;
    if (this.#verifier !== null || config.trustedCa !== "" || config.requireClientCertificate)
      native.setVerifyMode(true, config.requireClientCertificate);
    // Without one in common the handshake goes on without a protocol, where OpenSSL would refuse.
    if (offered.some((name) => config.alpnProtocols.includes(name)))
      native.setALPNProtocols(this.#alpn);
    if (choice.staple === "staple")
      native.setOCSPResponse(config.certificates[choice.index]!.ocspStaple!.response);
  }

  #speaks13(hello: ClientHello): boolean {
    return this.#config.maxVersion === "TLSv1.3" && hello.supportedVersions.includes(TLS_1_3);
  }

  #agreedGroup(hello: ClientHello, tls13: boolean): string {
    const groups = this.#groups;
    return tls13
      ? groups.agreed13(hello)
      : groups.agreed12(hello, !this.#config.preferClientCiphers);
  }

  /** As with Envoy's library, the server's order of ciphers counts for TLS 1.2 and the client's for TLS 1.3. */
  #contextOf(index: number, tls13: boolean): NativeSecureContext {
    const config = this.#config;
    return (this.#contexts[2 * index + (tls13 ? 1 : 0)] ??= secureContextOf(
      config,
      config.certificates[index]!,
      {
        allowRenegotiation: false,
        preferServerCiphers: !config.preferClientCiphers && !tls13,
        ticketKeys: config.sessionTicketKeys,
        sessionTimeoutS: config.sessionTimeoutS,
        sessionIdContext: config.sessionIdContext,
      },
    ));
  }

  #countStaple(action: StapleAction): void {
    this.#stats.count("ocsp_staple_requests");
    if (action === "staple") this.#stats.count("ocsp_staple_responses");
    else if (action === "no_staple") this.#stats.count("ocsp_staple_omitted");
    else this.#stats.count("ocsp_staple_failed");
  }
}

const TLS_1_3 = 0x0304;

/** What Envoy says when its choice of a certificate comes to nothing. */
const NO_CERTIFICATE_FITS =
  "TLS_error:|268435589:SSL routines:OPENSSL_internal:CONNECTION_REJECTED:TLS_error_end";

/** Less than the first buffer of Node's memory BIO, which has 1024 bytes. */
const HELLO_PIECE_BYTES = 1000;
