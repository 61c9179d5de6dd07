import { HOST_CHAR, NAME_CLASS, NAME_UNDERSCORE, NAME_UPPER } from "../http1/char-classes.ts";
import { parseContentLength } from "../http1/framing.ts";
import { FieldClassifier } from "./hpack/classifier.ts";

/** What sort of field it is: the lowest bits of the facts of one. */
export const Field = {
  Ordinary: 0,
  Method: 1,
  Scheme: 2,
  Authority: 3,
  Path: 4,
  Status: 5,
  Protocol: 6,
  Host: 7,
  ContentLength: 8,
  Cookie: 9,
  /** Of one connection only (RFC 9113 8.2.2), or `te` with another value than `trailers`. */
  ConnectionSpecific: 10,
  /** `te` with `trailers` in other letters, which not everybody understands; as in Envoy it is not passed on. */
  Dropped: 11,
} as const;
export const FIELD_MASK = 15;
/** Name or value may not stand in a message. */
export const FIELD_INVALID = 16;
/** There is an underscore in the name. */
export const FIELD_UNDERSCORE = 32;
/** There is an octet above 127 in the value. */
export const FIELD_OBS_TEXT = 64;

/** RFC 3986 3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const STATUS = /^[1-9][0-9][0-9]$/;
const HTAB = 9;
const AT = 64;
const DEL = 127;

const FIELDS = new Map<string, number>([
  [":method", Field.Method],
  [":scheme", Field.Scheme],
  [":authority", Field.Authority],
  [":path", Field.Path],
  [":status", Field.Status],
  [":protocol", Field.Protocol],
  ["host", Field.Host],
  ["content-length", Field.ContentLength],
  ["cookie", Field.Cookie],
  ["connection", Field.ConnectionSpecific],
  ["keep-alive", Field.ConnectionSpecific],
  ["proxy-connection", Field.ConnectionSpecific],
  ["transfer-encoding", Field.ConnectionSpecific],
  ["upgrade", Field.ConnectionSpecific],
]);

/**
 * Classifies the fields of header blocks: which one it is, and whether RFC 9113 8.2 and 8.3 let it stand. Ordinary fields
 * that are in order have 0.
 */
export const FIELD_CLASSIFIER: FieldClassifier = new FieldClassifier((name, value) => {
  const field = FIELDS.get(name);
  return field === undefined ? ordinaryFacts(name, value) : field | specialFacts(field, value);
});

function ordinaryFacts(name: string, value: string): number {
  if (name === "te") return teFacts(value);
  let nameClass = name.length === 0 ? NAME_UPPER : 0;
  for (let i = 0; i < name.length; i++) {
    const charClass = NAME_CLASS[name.charCodeAt(i)]!;
    // Names are lower case here (RFC 9113 8.2.1), and so no other pseudo header is a name either.
    nameClass |= charClass === 0 ? NAME_UPPER : charClass;
  }
  let facts = valueFacts(value);
  if ((nameClass & NAME_UPPER) !== 0) facts |= FIELD_INVALID;
  if ((nameClass & NAME_UNDERSCORE) !== 0) facts |= FIELD_UNDERSCORE;
  return facts;
}

function teFacts(value: string): number {
  if (value === "trailers") return Field.Ordinary;
  return value.toLowerCase() === "trailers" ? Field.Dropped : Field.ConnectionSpecific;
}

function specialFacts(field: number, value: string): number {
  switch (field) {
    case Field.Method:
    case Field.Protocol:
      return isToken(value) ? 0 : FIELD_INVALID;
    case Field.Scheme:
      return SCHEME.test(value) ? 0 : FIELD_INVALID;
    case Field.Authority:
    case Field.Host:
      return isAuthority(value) ? 0 : FIELD_INVALID;
    case Field.Path:
      return pathFacts(value);
    case Field.Status:
      return STATUS.test(value) ? 0 : FIELD_INVALID;
    case Field.ContentLength:
      return parseContentLength(value) >= 0 ? 0 : FIELD_INVALID;
    default:
      return valueFacts(value);
  }
}

/**
 * RFC 9113 8.2.1, and no other control characters but HTAB, as in Envoy. Octets above 127 are found in the same walk: all
 * of them joined have a bit above.
 */
function valueFacts(value: string): number {
  const length = value.length;
  let all = 0;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    all |= code;
    if ((code < 32 && code !== HTAB) || code === DEL) return FIELD_INVALID;
  }
  if (length > 0 && (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1))))
    return FIELD_INVALID;
  return all > DEL ? FIELD_OBS_TEXT : 0;
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (NAME_CLASS[text.charCodeAt(i)] === 0) return false;
  }
  return text.length > 0;
}

/** Not empty, and no user information (RFC 9113 8.3.1). */
function isAuthority(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (HOST_CHAR[code] !== 1 || code === AT) return false;
  }
  return text.length > 0;
}

/** No blanks, no control characters (RFC 9113 8.3.1). */
function pathFacts(path: string): number {
  let all = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    all |= code;
    if (code <= 32 || code === DEL) return FIELD_INVALID;
  }
  if (path.length === 0) return FIELD_INVALID;
  return all > DEL ? FIELD_OBS_TEXT : 0;
}

function isBlank(code: number): boolean {
  return code === 32 || code === HTAB;
}
