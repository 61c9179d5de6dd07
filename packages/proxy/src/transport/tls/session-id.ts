/**
 * The session id in a session's DER (OpenSSL's `SSL_SESSION_ASN1`: version, protocol, cipher, session id, …), in
 * hexadecimal. Empty for none.
 */
export function sessionIdOf(session: Buffer | undefined): string {
  if (session === undefined || session.length === 0) return "";
  let at = contentOf(session, 0).start;
  for (let field = 0; field < 3; field++) at = contentOf(session, at).end;
  const { start, end } = contentOf(session, at);
  return session.toString("hex", start, end);
}

/** Where the content of the DER value at `at` begins and ends. */
function contentOf(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1]!;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  const start = at + 2 + size;
  return { start, end: start + der.readUIntBE(at + 2, size) };
}
