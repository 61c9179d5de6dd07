import type { FormatContext } from "../../stream-info.ts";
import { NumberCommand, numberCommand, textCommand } from "../command.ts";
import type { CommandTable, FormatClock, ParsedCommand } from "../command.ts";

/** Monotonic milliseconds, -1 when the point was not reached. */
type TimePoint = (context: FormatContext) => number;

const TIME_POINTS: { readonly [name: string]: TimePoint } = {
  DS_CX_BEG: ({ streamInfo }) => streamInfo.downstream?.connectedMs ?? -1,
  DS_RX_BEG: ({ streamInfo }) => streamInfo.startMs,
  DS_RX_END: ({ streamInfo }) => streamInfo.lastDownstreamRxByteMs,
  US_CX_BEG: ({ streamInfo }) => streamInfo.upstream.connectStartMs,
  US_CX_END: ({ streamInfo }) => streamInfo.upstream.connectEndMs,
  US_TX_BEG: ({ streamInfo }) => streamInfo.firstUpstreamTxByteMs,
  US_TX_END: ({ streamInfo }) => streamInfo.lastUpstreamTxByteMs,
  US_RX_BEG: ({ streamInfo }) => streamInfo.firstUpstreamRxByteMs,
  US_RX_BODY_BEG: ({ streamInfo }) => streamInfo.firstUpstreamRxBodyByteMs,
  US_RX_END: ({ streamInfo }) => streamInfo.lastUpstreamRxByteMs,
  DS_TX_BEG: ({ streamInfo }) => streamInfo.firstDownstreamTxByteMs,
  DS_TX_END: ({ streamInfo }) => streamInfo.lastDownstreamTxByteMs,
};

const UNITS_PER_MS: { readonly [precision: string]: number } = { ms: 1, us: 1_000, ns: 1_000_000 };

/** Spans of time in whole milliseconds, cut off, not rounded. */
export const durationCommands: CommandTable = {
  DURATION: {
    params: "none",
    length: false,
    build: (_args, _maxLength, clock) =>
      new NumberCommand(({ streamInfo }) => streamDurationMs(streamInfo, clock)),
  },
  REQUEST_DURATION: numberCommand(({ streamInfo }) =>
    span(streamInfo.startMs, streamInfo.lastDownstreamRxByteMs),
  ),
  REQUEST_TX_DURATION: numberCommand(({ streamInfo }) =>
    span(streamInfo.startMs, streamInfo.lastUpstreamTxByteMs),
  ),
  RESPONSE_DURATION: numberCommand(({ streamInfo }) =>
    span(streamInfo.startMs, streamInfo.firstUpstreamRxByteMs),
  ),
  RESPONSE_TX_DURATION: numberCommand(({ streamInfo }) =>
    span(streamInfo.firstUpstreamRxByteMs, streamInfo.lastDownstreamTxByteMs),
  ),
  UPSTREAM_CONNECTION_POOL_READY_DURATION: numberCommand(({ streamInfo }) =>
    whole(streamInfo.upstream.poolReadyDurationMs),
  ),
  COMMON_DURATION: {
    params: "required",
    length: false,
    parse: parseCommonDuration,
    build: ([from, to, unitsPerMs]) => {
      const fromPoint = timePoint(from as string);
      const toPoint = timePoint(to as string);
      return new NumberCommand((context) =>
        span(fromPoint(context), toPoint(context), unitsPerMs as number),
      );
    },
  },
  /** Node gives no access to what the kernel knows of a TCP connection: as in Envoy where it is unknown. */
  DOWNSTREAM_CX_RTT: textCommand(() => null),
  /** QUIC only: Envoy prints nothing for HTTP/1, HTTP/2 and TCP. */
  ROUNDTRIP_DURATION: textCommand(() => null),
  /** Of the TLS handshake: nothing on plaintext. */
  DOWNSTREAM_HANDSHAKE_DURATION: textCommand(() => null),
};

/** Milliseconds from the start to the end of the stream, or to now while it lasts. */
export function streamDurationMs(
  streamInfo: { readonly startMs: number; readonly endMs: number },
  clock: FormatClock,
): number {
  return whole((streamInfo.endMs < 0 ? clock.nowMs() : streamInfo.endMs) - streamInfo.startMs);
}

/** `START:END` in milliseconds, or `START:END:PRECISION`. */
function parseCommonDuration(params: string): ParsedCommand {
  const [from, to, precision = "ms", ...rest] = params.split(":");
  if (to === undefined || rest.length > 0)
    return { error: `Invalid common duration configuration: ${params}.` };
  const unitsPerMs = UNITS_PER_MS[precision];
  if (unitsPerMs === undefined)
    return { error: `Invalid common duration precision: ${precision}.` };
  return { args: [from!, to, unitsPerMs] };
}

/** Other names are points that filters set by name (and TLS ones): nothing sets them, so they are never reached. */
function timePoint(name: string): TimePoint {
  return TIME_POINTS[name] ?? (() => -1);
}

function span(fromMs: number, toMs: number, unitsPerMs = 1): number {
  return fromMs < 0 || toMs < fromMs ? -1 : whole((toMs - fromMs) * unitsPerMs);
}

/** Cuts off the fraction, but not a whole number that floating point left a hair short. */
function whole(value: number): number {
  return Math.floor(value + 0.001);
}
