import type { TlsHandle, TlsRole } from "./tls-handle.ts";

/** A context whose secret has not come: its connections fail. */
export class NotReadyRole implements TlsRole {
  static readonly REASON = "TLS error: Secret is not supplied by SDS";
  readonly renegotiates: boolean = false;
  readonly #count: () => void;

  constructor(count: () => void) {
    this.#count = count;
  }

  onEarlyBytes(handle: TlsHandle): void {
    this.#count();
    handle.refuse(NotReadyRole.REASON);
  }

  onHandshakeDone(): boolean {
    return false;
  }

  onHandshakeError(handle: TlsHandle): void {
    handle.refuse("");
  }

  onSessionError(): void {}

  onOpen(): void {}
}
