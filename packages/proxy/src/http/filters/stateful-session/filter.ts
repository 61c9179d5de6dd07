import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import { STATEFUL_SESSION_STATS } from "../../../observe/stats/tables/stateful-session.ts";
import { ResponseFlag } from "../../../observe/stream-info.ts";
import { HeadersStatus, type DecoderFilterCallbacks, type HttpFilter } from "../../filter.ts";
import type { HttpFilterWorkerSide } from "../extension.ts";
import type { StatefulSessionConfig, StatefulSessionRouteConfig } from "./model.ts";
import { buildSessionStates, type SessionState, type SessionStates } from "./session-state.ts";

const CONFIG_TYPE = "envoy.extensions.filters.http.stateful_session.v3.StatefulSession";

/** Worker side of the filter that keeps clients with their hosts. */
export const statefulSessionWorkerSide: HttpFilterWorkerSide<
  StatefulSessionConfig,
  StatefulSessionRouteConfig
> = {
  configType: CONFIG_TYPE,
  perRouteType: "envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute",
  build(config, worker) {
    const sessions = new Sessions(config, worker);
    return { create: () => new StatefulSessionFilter(sessions) };
  },
  buildPerRoute: (config, worker) => (config === null ? DISABLED : new Sessions(config, worker)),
};

const DISABLED = "disabled";

/** `StatefulSession` on a worker. */
class Sessions {
  readonly config: StatefulSessionConfig;
  /** Null: there are none. */
  readonly states: SessionStates | null;
  readonly #slots: Float64Array;

  constructor(config: StatefulSessionConfig, worker: WorkerContext) {
    this.config = config;
    this.states =
      config.sessionState === null ? null : buildSessionStates(config.sessionState, worker);
    this.#slots = worker.stats.slots;
  }

  count(stat: keyof typeof STATEFUL_SESSION_STATS.at): void {
    const { scope } = this.config;
    if (scope !== null) this.#slots[scope.base + STATEFUL_SESSION_STATS.at[stat]]! += 1;
  }
}

/** One request: it asks for the host that its client was with, and the client is told which one it got. */
class StatefulSessionFilter implements HttpFilter {
  /** Those of the filter. */
  readonly #own: Sessions;
  #callbacks!: DecoderFilterCallbacks;
  /** Null where the route switches them off, and before the request came. */
  #sessions: Sessions | null = null;
  #state: SessionState | null = null;

  constructor(own: Sessions) {
    this.#own = own;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    const ofRoute = this.#callbacks.perRouteConfig(CONFIG_TYPE) as Sessions | "disabled" | null;
    if (ofRoute === DISABLED) return HeadersStatus.Continue;
    const sessions = ofRoute ?? this.#own;
    this.#sessions = sessions;
    this.#state = sessions.states?.create(headers) ?? null;
    const address = this.#state?.upstreamAddress ?? null;
    if (address === null) return HeadersStatus.Continue;
    const { strict, statusWhenMissing } = sessions.config;
    this.#callbacks.setUpstreamOverrideHost({ address, strict, statusWhenMissing });
    return HeadersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap): HeadersStatus {
    const sessions = this.#sessions;
    if (sessions === null) return HeadersStatus.Continue;
    const { strict } = sessions.config;
    const { upstream, responseFlags } = this.#callbacks.streamInfo;
    const host = upstream.hostAddress;
    if (host === null) {
      const unhealthy = (responseFlags & ResponseFlag.NoHealthyUpstream) !== 0;
      if (this.#state !== null && strict && unhealthy) sessions.count("failed_closed");
    } else if (this.#state === null) {
      sessions.count("no_session");
    } else if (!this.#state.onUpdate(host.text, headers)) {
      sessions.count("routed");
    } else if (!strict) {
      sessions.count("failed_open");
    }
    return HeadersStatus.Continue;
  }
}
