/** Bytes in front of each message: flags, and its length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const GRPC_FRAME_HEAD_BYTES = 5;

const NOTHING = new Uint8Array();

/** A message in a frame of its own. */
export function grpcFrameOf(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(GRPC_FRAME_HEAD_BYTES + message.length);
  message.copy(frame, GRPC_FRAME_HEAD_BYTES);
  writeGrpcFrameHead(frame, 0, message.length);
  return frame;
}

/** A message that is there in pieces, in a frame of its own. Its first piece is copied. */
export function grpcFrameAround(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const [first = NOTHING, ...others] = pieces;
  const head = Buffer.allocUnsafe(GRPC_FRAME_HEAD_BYTES + first.length);
  head.set(first, GRPC_FRAME_HEAD_BYTES);
  const bytes = others.reduce((sum, { length }) => sum + length, first.length);
  writeGrpcFrameHead(head, 0, bytes);
  return [head, ...others];
}

/** Writes the head of a frame to the first bytes of `frame`. */
export function writeGrpcFrameHead(frame: Buffer, flags: number, messageBytes: number): void {
  frame[0] = flags;
  frame.writeUInt32BE(messageBytes, 1);
}
