import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import type { SessionCookieConfig } from "../../hash-policy/model.ts";
import { setCookieLine } from "../../hash-policy/session-cookie.ts";
import { cookie } from "../../route/matchers/cookie-matcher.ts";
import { decodeBase64 } from "../../strict-base64.ts";
import { encodeCookieValue, readCookieValue } from "./cookie-value.ts";
import type { SessionState, SessionStates } from "./session-state.ts";

type Clock = Pick<WorkerContext, "wallMs">;

/** Sessions of clients that keep the address of their host in a cookie (`envoy.http.stateful_session.cookie`). */
export class CookieSessions implements SessionStates {
  readonly name: string;
  readonly config: SessionCookieConfig;
  readonly #clock: Clock;

  constructor(name: string, config: SessionCookieConfig, clock: Clock) {
    this.name = name;
    this.config = config;
    this.#clock = clock;
  }

  create(request: HeaderMap): SessionState | null {
    if (!isBelow(request.path, this.config.path)) return null;
    const value = decodeBase64(cookie(request, this.name) ?? "");
    const address = value === "" ? null : readCookieValue(value, this.#nowS());
    return new CookieSession(this, address);
  }

  /** A value of `set-cookie` for a client that is with that host from now on. */
  setCookie(hostAddress: string): string {
    const { maxAgeS } = this.config;
    const expiresS = maxAgeS === 0 ? 0 : this.#nowS() + maxAgeS;
    return setCookieLine(this.name, encodeCookieValue(hostAddress, expiresS), this.config);
  }

  #nowS(): number {
    return Math.floor(this.#clock.wallMs() / 1000);
  }
}

class CookieSession implements SessionState {
  readonly upstreamAddress: string | null;
  readonly #sessions: CookieSessions;

  constructor(sessions: CookieSessions, upstreamAddress: string | null) {
    this.#sessions = sessions;
    this.upstreamAddress = upstreamAddress;
  }

  onUpdate(hostAddress: string, response: HeaderMap): boolean {
    if (hostAddress === this.upstreamAddress) return false;
    response.add("set-cookie", this.#sessions.setCookie(hostAddress));
    return true;
  }
}

/** Whether a client would send a cookie of `path` with the request (RFC 6265 5.1.4). */
function isBelow(requestPath: string, path: string): boolean {
  if (!requestPath.startsWith(path)) return false;
  if (path === "" || path.endsWith("/") || requestPath.length === path.length) return true;
  return "/?#".includes(requestPath[path.length]!);
}
