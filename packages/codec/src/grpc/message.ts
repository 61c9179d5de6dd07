/** `grpc-message` of a text: whatever is not printable ASCII is percent-encoded (gRPC over HTTP/2, "Responses"). */
export function encodeGrpcMessage(text: Buffer): string {
  let out = "";
  for (const byte of text) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    out += plain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
