import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import { CookieSessions } from "./cookie-session.ts";
import { EnvelopeSessions } from "./envelope-session.ts";
import { HeaderSessions } from "./header-session.ts";
import type { SessionStateConfig } from "./model.ts";

/** What a request says of its session, and what its client is told. */
export interface SessionState {
  /** The host that the client was with (`10.0.0.1:80`); null: it was with none. */
  readonly upstreamAddress: string | null;
  /** The host that served the request: the client is told. True when it is not the one that it was with. */
  onUpdate(hostAddress: string, response: HeaderMap): boolean;
}

/** Where the sessions of one configuration are kept. */
export interface SessionStates {
  /** Null for a request that has none; may change what goes on of it. */
  create(request: HeaderMap): SessionState | null;
}

/** Builds what `compileSessionState` gave. */
export function buildSessionStates(
  config: SessionStateConfig,
  worker: Pick<WorkerContext, "wallMs">,
): SessionStates {
  switch (config.kind) {
    case "cookie":
      return new CookieSessions(config.name, config.cookie, worker);
    case "header":
      return new HeaderSessions(config.name);
    case "envelope":
      return new EnvelopeSessions(config.name);
  }
}
