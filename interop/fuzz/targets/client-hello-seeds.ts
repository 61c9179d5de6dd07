/** ClientHellos (RFC 8446 4.1.2): with everything, with nothing, in two records; and what is none. */
export const CLIENT_HELLO_SEEDS: readonly Buffer[] = seeds();

function seeds(): Buffer[] {
  const extensions = [
    extension(0x0a0a, Buffer.alloc(0)),
    extension(0, sized(2, Buffer.concat([Buffer.of(0), sized(2, Buffer.from("Www.a.test"))]))),
    extension(10, sized(2, numbers(0x001d, 0x0017))),
    extension(11, sized(1, Buffer.of(0))),
    extension(13, sized(2, numbers(0x0403, 0x0804))),
    extension(16, sized(2, Buffer.from("\x02h2\x08http/1.1"))),
    extension(43, sized(1, numbers(0x0304, 0x0303))),
  ];
  const full = message(Buffer.concat(extensions));
  return [
    record(full),
    record(message(null)),
    Buffer.concat([record(full.subarray(0, 50)), record(full.subarray(50))]),
    Buffer.from("15030100020100", "hex"),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  ];
}

function message(extensions: Buffer | null): Buffer {
  const body = Buffer.concat([
    numbers(0x0303),
    Buffer.alloc(32, 0x11),
    sized(1, Buffer.alloc(32, 0x22)),
    sized(2, numbers(0x1301, 0x0a0a, 0xc02f)),
    sized(1, Buffer.of(0)),
    extensions === null ? Buffer.alloc(0) : sized(2, extensions),
  ]);
  return Buffer.concat([Buffer.of(1), sized(3, body)]);
}

function record(fragment: Buffer): Buffer {
  return Buffer.concat([Buffer.of(22, 3, 1), sized(2, fragment)]);
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([numbers(type), sized(2, data)]);
}

/** Bytes behind their length, which has `lengthBytes`. */
function sized(lengthBytes: number, data: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(data.length, 0, lengthBytes);
  return Buffer.concat([length, data]);
}

function numbers(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 0xff)));
}
