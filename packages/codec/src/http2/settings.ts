import type { Http2ConnectionError } from "./callbacks.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import {
  DEFAULT_WINDOW_BYTES,
  frameHead,
  FrameType,
  MAX_WINDOW_BYTES,
  MIN_MAX_FRAME_BYTES,
  uint32Text,
} from "./frames.ts";
import type { Http2Options } from "./options.ts";

/** Identifiers of settings (RFC 9113 6.5.2, RFC 8441 3). */
const SettingId = {
  HeaderTableSize: 1,
  EnablePush: 2,
  MaxConcurrentStreams: 3,
  InitialWindowSize: 4,
  MaxFrameSize: 5,
  EnableConnectProtocol: 8,
} as const;

const SETTING_BYTES = 6;
const MAX_MAX_FRAME_BYTES = 2 ** 24 - 1;

/** What the peer said of itself, from the defaults of RFC 9113 6.5.2 on. */
export class PeerSettings {
  headerTableSizeBytes = 4096;
  /** The smallest one since the SETTINGS frame before the last: one frame may say several, and each of them counts. */
  smallestHeaderTableSizeBytes = 4096;
  /** Infinity as long as the peer names no limit. */
  maxConcurrentStreams = Number.POSITIVE_INFINITY;
  initialWindowBytes: number = DEFAULT_WINDOW_BYTES;
  maxFrameSizeBytes: number = MIN_MAX_FRAME_BYTES;
  /** The peer takes extended CONNECT, and may not take that back (RFC 8441 3). */
  #enableConnectProtocol = false;

  /** Reads the payload of a SETTINGS frame. `fromServer`: what only a client may say is an error. */
  read(
    buffer: Buffer,
    start: number,
    end: number,
    fromServer: boolean,
  ): Http2ConnectionError | null {
    if ((end - start) % SETTING_BYTES !== 0) return ConnectionErrors.FrameSize;
    this.smallestHeaderTableSizeBytes = this.headerTableSizeBytes;
    for (let at = start; at < end; at += SETTING_BYTES) {
      const error = this.#set(buffer.readUInt16BE(at), buffer.readUInt32BE(at + 2), fromServer);
      if (error !== null) return error;
    }
    return null;
  }

  #set(id: number, value: number, fromServer: boolean): Http2ConnectionError | null {
    switch (id) {
      case SettingId.HeaderTableSize:
        this.headerTableSizeBytes = value;
        if (value < this.smallestHeaderTableSizeBytes) this.smallestHeaderTableSizeBytes = value;
        break;
      case SettingId.EnablePush:
        if (value > 1 || (fromServer && value !== 0)) return ConnectionErrors.Protocol;
        break;
      case SettingId.MaxConcurrentStreams:
        this.maxConcurrentStreams = value;
        break;
      case SettingId.InitialWindowSize:
        if (value > MAX_WINDOW_BYTES) return ConnectionErrors.FlowControl;
        this.initialWindowBytes = value;
        break;
      case SettingId.MaxFrameSize:
        if (value < MIN_MAX_FRAME_BYTES || value > MAX_MAX_FRAME_BYTES)
          return ConnectionErrors.Protocol;
        this.maxFrameSizeBytes = value;
        break;
      case SettingId.EnableConnectProtocol:
        if (value > 1 || (this.#enableConnectProtocol && value === 0))
          return ConnectionErrors.Protocol;
        this.#enableConnectProtocol = value === 1;
        break;
    }
    return null;
  }
}

/** The SETTINGS frame that a connection begins with, as Latin-1 text: what Envoy says, in its order. */
export function settingsFrame(options: Http2Options, server: boolean): string {
  const { customSettings, maxFrameSizeBytes } = options;
  let payload = server ? "" : setting(SettingId.EnablePush, 0);
  for (const [id, value] of customSettings) payload += setting(id, value);
  payload += setting(SettingId.HeaderTableSize, options.hpackTableSizeBytes);
  payload += setting(SettingId.EnableConnectProtocol, options.allowConnect ? 1 : 0);
  payload += setting(SettingId.MaxConcurrentStreams, options.maxConcurrentStreams);
  payload += setting(SettingId.InitialWindowSize, options.initialStreamWindowBytes);
  const frameSizeSaid = customSettings.some(([id]) => id === SettingId.MaxFrameSize);
  if (maxFrameSizeBytes !== MIN_MAX_FRAME_BYTES && !frameSizeSaid)
    payload += setting(SettingId.MaxFrameSize, maxFrameSizeBytes);
  return frameHead(payload.length, FrameType.Settings, 0, 0) + payload;
}

function setting(id: number, value: number): string {
  return String.fromCharCode(id >> 8, id & 0xff) + uint32Text(value);
}
