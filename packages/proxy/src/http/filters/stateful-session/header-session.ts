import type { HeaderMap } from "@nuncio/codec";
import { overwriteHeader } from "../../header-mutations/header-lines.ts";
import { decodeBase64, encodeBase64 } from "../../strict-base64.ts";
import type { SessionState, SessionStates } from "./session-state.ts";

/** Sessions of clients that send the address of their host in a header (`envoy.http.stateful_session.header`). */
export class HeaderSessions implements SessionStates {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  create(request: HeaderMap): SessionState {
    const address = decodeBase64(request.get(this.#name) ?? "") || null;
    return new HeaderSession(this.#name, address);
  }
}

class HeaderSession implements SessionState {
  readonly upstreamAddress: string | null;
  readonly #name: string;

  constructor(name: string, upstreamAddress: string | null) {
    this.#name = name;
    this.upstreamAddress = upstreamAddress;
  }

  onUpdate(hostAddress: string, response: HeaderMap): boolean {
    if (hostAddress === this.upstreamAddress) return false;
    overwriteHeader(response, this.#name, encodeBase64(hostAddress));
    return true;
  }
}
