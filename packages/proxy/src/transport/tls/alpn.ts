/** Protocol names in the form of the ALPN extension (RFC 7301 3.1): a length byte before each. */
export function alpnWireFormat(protocols: readonly string[]): Buffer {
  return Buffer.concat(
    protocols.map((name) => Buffer.concat([Buffer.of(name.length), Buffer.from(name, "latin1")])),
  );
}
