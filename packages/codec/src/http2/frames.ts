/** Frame types (RFC 9113 6). */
export const FrameType = {
  Data: 0,
  Headers: 1,
  Priority: 2,
  RstStream: 3,
  Settings: 4,
  PushPromise: 5,
  Ping: 6,
  GoAway: 7,
  WindowUpdate: 8,
  Continuation: 9,
} as const;

/** Frame flags (RFC 9113 6); ACK and END_STREAM are the same bit of different frames. */
export const FrameFlag = {
  EndStream: 1,
  Ack: 1,
  EndHeaders: 4,
  Padded: 8,
  Priority: 32,
} as const;

/** Bytes of a frame's head (RFC 9113 4.1). */
export const FRAME_HEAD_BYTES = 9;
/** What a client sends first (RFC 9113 3.4). */
export const CLIENT_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** The window of a connection, and of a stream as long as no setting says otherwise (RFC 9113 6.9.2). */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES = 2 ** 31 - 1;
/** What everybody takes, and the least that SETTINGS_MAX_FRAME_SIZE may say (RFC 9113 6.5.2). */
export const MIN_MAX_FRAME_BYTES = 16_384;
export const MAX_STREAM_ID = 2 ** 31 - 1;

/** The head of a frame, as Latin-1 text. `length` is that of the payload. */
export function frameHead(length: number, type: number, flags: number, streamId: number): string {
  return String.fromCharCode(
    length >>> 16,
    (length >>> 8) & 0xff,
    length & 0xff,
    type,
    flags,
    streamId >>> 24,
    (streamId >>> 16) & 0xff,
    (streamId >>> 8) & 0xff,
    streamId & 0xff,
  );
}

/** A number of 32 bits as four octets of Latin-1 text. */
export function uint32Text(value: number): string {
  return String.fromCharCode(
    value >>> 24,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  );
}
