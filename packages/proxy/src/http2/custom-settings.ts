import type { Http2ProtocolOptions } from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import type { CompileContext } from "../config/context.ts";

const ENABLE_PUSH = 2;
const ENABLE_CONNECT_PROTOCOL = 8;
const FIELD = "custom_settings_parameters";

/** Settings that have a field of their own, by identifier (RFC 9113 6.5.2). */
const NAMED: ReadonlyMap<
  number,
  [field: string, isSet: (options: Http2ProtocolOptions) => boolean]
> = new Map([
  [1, ["hpack_table_size", ({ hpackTableSize }) => hpackTableSize !== undefined]],
  [3, ["max_concurrent_streams", (options) => options.maxConcurrentStreams !== undefined]],
  [4, ["initial_stream_window_size", (options) => options.initialStreamWindowSize !== undefined]],
]);

/**
 * `custom_settings_parameters`: what our SETTINGS begin with, each identifier once. Envoy's verdicts: nothing that a field
 * says as well, no two values, no server push.
 */
export function compileCustomSettings(
  options: Http2ProtocolOptions,
  ctx: CompileContext,
): [id: number, value: number][] {
  const values = new Map<number, number>();
  for (const parameter of options.customSettingsParameters) {
    const id = parameter.identifier ?? 0;
    const value = parameter.value ?? 0;
    const error = refusal(options, id, value, values.get(id));
    if (error !== null) ctx.problems.error(options, FIELD, error);
    values.set(id, value);
  }
  return [...values];
}

function refusal(
  options: Http2ProtocolOptions,
  id: number,
  value: number,
  before: number | undefined,
): string | null {
  if (id === ENABLE_CONNECT_PROTOCOL)
    return 'the "allow_connect" SETTINGS parameter must only be configured through the named field';
  if (id === ENABLE_PUSH && value === 1)
    return "server push is not supported and can not be enabled via a SETTINGS parameter";
  const named = NAMED.get(id);
  if (named?.[1](options) === true)
    return `the {${named[0]}} HTTP/2 SETTINGS parameter(s) can not be configured through both named and custom parameters`;
  if (before !== undefined && before !== value)
    return `inconsistent HTTP/2 custom SETTINGS parameter(s) detected; identifiers = {0x${id.toString(16).padStart(2, "0")}}`;
  return null;
}
