import { GRPC_FRAME_HEAD_BYTES, type HeaderMap, writeGrpcFrameHead } from "@nuncio/codec";

/** The flag of a frame that holds trailers (gRPC-Web protocol, "Message framing"). */
const TRAILERS = 0x80;

/** Trailers as the last frame of a body. */
export function trailersFrame(trailers: HeaderMap): Buffer {
  const { entries } = trailers;
  let text = "";
  for (let i = 0; i < entries.length; i += 2) text += `${entries[i]}:${entries[i + 1]}\r\n`;
  const frame = Buffer.allocUnsafe(GRPC_FRAME_HEAD_BYTES + text.length);
  writeGrpcFrameHead(frame, TRAILERS, text.length);
  frame.write(text, GRPC_FRAME_HEAD_BYTES, "latin1");
  return frame;
}
