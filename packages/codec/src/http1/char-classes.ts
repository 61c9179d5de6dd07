/** Bits of `NAME_CLASS`. */
const NAME_CHAR = 1;
export const NAME_UPPER = 2;
export const NAME_UNDERSCORE = 4;

/** By byte: 0 when it is not a token character (RFC 9110 5.6.2), else `NAME_CHAR` with what needs attention. */
export const NAME_CLASS: Uint8Array = table((code) =>
  isTokenChar(code)
    ? NAME_CHAR | (isUpper(code) ? NAME_UPPER : 0) | (code === 95 ? NAME_UNDERSCORE : 0)
    : 0,
);

/** By byte: 1 when Envoy lets it stand in a `Host`: what RFC 3986 3.2 has in an authority. */
export const HOST_CHAR: Uint8Array = table((code) =>
  isAlphaNumeric(code) || "-._~!$&'()*+,;=%:@[]".includes(String.fromCharCode(code)) ? 1 : 0,
);

/** By byte: 1 when Envoy lets it stand in the name of a host in a request target. */
export const URL_HOST_CHAR: Uint8Array = table((code) =>
  isAlphaNumeric(code) || code === 45 || code === 46 ? 1 : 0,
);

/** By byte: the value of a hexadecimal digit, 255 for others. */
export const HEX_VALUE: Uint8Array = table((code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 || code > 127 ? 255 : digit;
});

function isTokenChar(code: number): boolean {
  return (
    isAlphaNumeric(code) || (code < 128 && "!#$%&'*+-.^_`|~".includes(String.fromCharCode(code)))
  );
}

function isAlphaNumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || isUpper(code) || (code >= 97 && code <= 122);
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function table(value: (code: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => value(code));
}
