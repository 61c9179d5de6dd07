import type { HeaderMap } from "@nuncio/codec";
import { overwriteHeader } from "../../header-mutations/header-lines.ts";
import { decodeBase64, encodeBase64 } from "../../strict-base64.ts";
import type { SessionState, SessionStates } from "./session-state.ts";

/** Marks the upstream's own value behind the address. */
const UPSTREAM_VALUE = "UV:";

/**
 * Sessions of upstreams that give out ids in a header: on the way to the client the host's address is put before the id, on
 * the way back it is taken off (`envoy.http.stateful_session.envelope`).
 */
export class EnvelopeSessions implements SessionStates {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  create(request: HeaderMap): SessionState {
    return new EnvelopeSession(this.#name, this.#open(request));
  }

  /** The address, with the upstream's own value in its place again; null for a value that is no envelope. */
  #open(request: HeaderMap): string | null {
    const parts = (request.get(this.#name) ?? "").split(";").filter((part) => part !== "");
    const [address, ...others] = parts;
    if (address === undefined) return null;
    const value = others.find((part) => part.startsWith(UPSTREAM_VALUE)) ?? "";
    const original = decodeBase64(value.slice(UPSTREAM_VALUE.length));
    if (original === "") return null;
    overwriteHeader(request, this.#name, original);
    return decodeBase64(address) || null;
  }
}

class EnvelopeSession implements SessionState {
  readonly upstreamAddress: string | null;
  readonly #name: string;

  constructor(name: string, upstreamAddress: string | null) {
    this.#name = name;
    this.upstreamAddress = upstreamAddress;
  }

  onUpdate(hostAddress: string, response: HeaderMap): boolean {
    const [value, ...others] = response.getAll(this.#name);
    if (value === undefined || others.length > 0) return false;
    const envelope = `${encodeBase64(hostAddress)};${UPSTREAM_VALUE}${encodeBase64(value)}`;
    overwriteHeader(response, this.#name, envelope);
    return hostAddress !== this.upstreamAddress;
  }
}
