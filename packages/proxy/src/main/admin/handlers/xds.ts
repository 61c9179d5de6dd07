import type { SourceStatus, WatchedResource, XdsClientStatus } from "@nuncio/xds";
import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

/** What control planes gave: of each resource what is in use, what was refused and why, and what it waits for. */
export const xds: AdminHandler = {
  path: "/xds",
  help: "print what control planes gave: versions, refusals with their reasons, what is waited for",
  mutates: false,
  params: [{ id: "filter", help: "Only resources whose name holds this text" }],
  handle: ({ params }, providers) =>
    json(xdsReport(providers.xds(), Date.now(), params.get("filter") ?? "")),
};

/** The answer of `/xds`. Times are ISO 8601, or null. */
export interface XdsReport {
  readonly sources: readonly SourceReport[];
}

interface SourceReport {
  readonly name: string;
  readonly stream: SourceStatus["stream"]["state"];
  readonly connected_since: string | null;
  readonly last_disconnect: { readonly reason: string; readonly at: string } | null;
  readonly next_attempt: string | null;
  readonly control_plane: string;
  readonly types: readonly TypeReport[];
}

interface TypeReport {
  readonly type_url: string;
  readonly version: string;
  readonly resources: readonly ResourceReport[];
}

interface ResourceReport {
  readonly name: string;
  readonly state: WatchedResource["state"];
  readonly version: string | null;
  readonly last_accepted: string | null;
  readonly since: string;
  readonly expires: string | null;
  readonly error: {
    readonly message: string;
    readonly version: string;
    readonly at: string;
  } | null;
  readonly waits_for: string | null;
}

/** `wallMs`: milliseconds since the epoch at the moment of the status, whose clock is another one. */
function xdsReport({ nowMs, sources }: XdsClientStatus, wallMs: number, filter: string): XdsReport {
  const at = (ms: number): string => new Date(wallMs + ms - nowMs).toISOString();
  const maybeAt = (ms: number | null): string | null => (ms === null ? null : at(ms));
  const resourceReport = (resource: WatchedResource): ResourceReport => {
    const { error } = resource;
    return {
      name: resource.name,
      state: resource.state,
      version: resource.version,
      last_accepted: maybeAt(resource.acceptedAtMs),
      since: at(resource.sinceMs),
      expires: maybeAt(resource.expiresAtMs),
      error:
        error === null
          ? null
          : { message: error.message, version: error.version, at: at(error.atMs) },
      waits_for: resource.waitsFor,
    };
  };
  return {
    sources: sources.map(({ name, stream, types }) => ({
      name,
      stream: stream.state,
      connected_since: maybeAt(stream.connectedSinceMs),
      last_disconnect:
        stream.lastDisconnect === null
          ? null
          : { reason: stream.lastDisconnect.reason, at: at(stream.lastDisconnect.atMs) },
      next_attempt: maybeAt(stream.nextAttemptAtMs),
      control_plane: stream.identifier,
      types: types.map(({ typeUrl, version, resources }) => ({
        type_url: typeUrl,
        version,
        resources: resources.filter((one) => one.name.includes(filter)).map(resourceReport),
      })),
    })),
  };
}
