import { ResponseFlag } from "../../observe/stream-info.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";

/** What a failed upstream request looks like downstream and in the log. */
export interface ResetReply {
  readonly status: number;
  readonly body: string;
  readonly flag: number;
  /** Inside the braces of %RESPONSE_CODE_DETAILS%. */
  readonly details: string;
}

const INTRO = "upstream connect error or disconnect/reset before headers. ";

/**
 * Envoy's texts (router_filter.rst, "upstream connect error"; the failure text stands in the details only). `retried`: there
 * were attempts before.
 */
export function resetReply(reason: ResetReason, details: string, retried: boolean): ResetReply {
  const name = NAMES[reason] ?? reason;
  const text = name.replaceAll("_", " ");
  const detail = details === "" ? name : `${name}|${details.replaceAll(" ", "_")}`;
  return {
    status: reason === "protocol_error" ? 502 : 503,
    body: `${INTRO}${retried ? "retried and the latest " : ""}reset reason: ${text}`,
    flag: flagOfReset(reason),
    details: detail,
  };
}

/** What Envoy calls them, where it has another name. */
const NAMES: { readonly [Reason in ResetReason]?: string } = {
  connect_error: "remote_error_with_CONNECT_request",
};

/** The response flag of a failed attempt. */
export function flagOfReset(reason: ResetReason): number {
  switch (reason) {
    case "local_connection_failure":
    case "remote_connection_failure":
    case "connection_timeout":
      return ResponseFlag.UpstreamConnectionFailure;
    case "connection_termination":
      return ResponseFlag.UpstreamConnectionTermination;
    case "remote_reset":
    case "remote_refused_stream_reset":
    case "connect_error":
      return ResponseFlag.UpstreamRemoteReset;
    case "protocol_error":
      return ResponseFlag.UpstreamProtocolError;
    case "overflow":
      return ResponseFlag.UpstreamOverflow;
  }
}
