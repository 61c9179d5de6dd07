import type { WorkerContext } from "../../base/worker-context.ts";
import type { NativeSecureContext, NativeTls, NativeTlsError } from "../native-tls.ts";
import { wrapTls } from "../native-tls.ts";
import { newWriteRequest } from "../native.ts";
import { alpnWireFormat } from "./alpn.ts";
import {
  CertificateChooser,
  type CertificateChoice,
  type StapleAction,
} from "./certificate-choice.ts";
import {
  ClientHelloReader,
  HELLO_FAILURES,
  Inspection,
  type HelloFailure,
} from "./client-hello-reader.ts";
import type { ClientHello } from "./client-hello.ts";
import { HandshakeStats } from "./handshake-stats.ts";
import { ServerGroups } from "./key-exchange-group.ts";
import type { KeyLog } from "./key-log.ts";
import type { DownstreamTlsConfig } from "./model.ts";
import type { PeerVerifier } from "./peer-verifier.ts";
import { secureContextOf } from "./secure-context.ts";
import { libraryErrorText, verifyErrorText } from "./tls-error.ts";
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
  readonly #reader: ClientHelloReader = new ClientHelloReader();
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
    const reader = this.#reader;
    const inspection = reader.read(all, 0, all.length);
    if (inspection === Inspection.More && all.length < EARLY_MAX_BYTES) {
      handle.early = handle.early === null ? Buffer.from(bytes) : all;
      return;
    }
    handle.early = null;
    if (inspection === Inspection.Found) this.#begin(handle, all, reader.hello);
    else if (inspection === Inspection.NotFound) this.#refuseHello(handle, reader.failure);
    else if (inspection === Inspection.More) this.#refuseHello(handle, "EXCESSIVE_MESSAGE_SIZE");
    else this.onHandshakeError(handle, "", null);
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

  /** As Envoy's library does. The bytes never reach OpenSSL, which reads some of them in other ways. */
  #refuseHello(handle: TlsHandle, failure: HelloFailure): void {
    const { number, alert } = HELLO_FAILURES[failure];
    this.#stats.count("connection_error");
    if (alert !== 0)
      handle.socket.writeBuffer(newWriteRequest(), Buffer.of(21, 3, 1, 0, 2, FATAL, alert));
    handle.refuse(libraryErrorText(failure, number));
  }

  #begin(handle: TlsHandle, bytes: Buffer, hello: ClientHello): void {
    const config = this.#config;
    const { tls } = handle;
    tls.serverName = hello.serverName;
    const choice = this.#chooser.choose(hello, this.#worker.wallMs());
    if (hello.statusRequest) this.#countStaple(choice.staple);
    tls.localIndex = choice.index;
    if (choice.staple === "fail" || (config.requireSni && hello.serverName === "")) {
      this.#stats.count("connection_error");
      handle.refuse(NO_CERTIFICATE_FITS);
      return;
    }
    const tls13 = config.maxVersion === "TLSv1.3" && hello.supportedVersions.includes(TLS_1_3);
    tls.expectedGroup = tls13
      ? this.#groups.agreed13(hello)
      : this.#groups.agreed12(hello, !config.preferClientCiphers);
    const native = wrapTls(handle.socket, this.#contextOf(choice.index, tls13), true);
    this.#prepare(native, choice, hello.applicationProtocols() ?? []);
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
const NO_CERTIFICATE_FITS = libraryErrorText("CONNECTION_REJECTED", 133);

/** A hello of the largest size, 16 KiB, in records that are no smaller than they need to be. */
const EARLY_MAX_BYTES = 17 * 1024;

const FATAL = 2;

/** Less than the first buffer of Node's memory BIO, which has 1024 bytes. */
const HELLO_PIECE_BYTES = 1000;
