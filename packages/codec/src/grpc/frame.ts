/** Bytes in front of each message: flags, and its length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const GRPC_FRAME_HEAD_BYTES = 5;

/** A message in a frame of its own. */
export function grpcFrameOf(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(GRPC_FRAME_HEAD_BYTES + message.length);
  message.copy(frame, GRPC_FRAME_HEAD_BYTES);
  writeGrpcFrameHead(frame, 0, message.length);
  return frame;
}

/** Writes the head of a frame to the first bytes of `frame`. */
export function writeGrpcFrameHead(frame: Buffer, flags: number, messageBytes: number): void {
  frame[0] = flags;
  frame.writeUInt32BE(messageBytes, 1);
}
