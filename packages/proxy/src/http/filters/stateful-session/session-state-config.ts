import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { CookieBasedSessionState } from "@nuncio/api/types/envoy/extensions/http/stateful_session/cookie/v3/cookie_pb";
import type { EnvelopeSessionState } from "@nuncio/api/types/envoy/extensions/http/stateful_session/envelope/v3/envelope_pb";
import type { HeaderBasedSessionState } from "@nuncio/api/types/envoy/extensions/http/stateful_session/header/v3/header_pb";
import { requestHeaderKey } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { SessionStateConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.http.stateful_session";
const COOKIE = `${PACKAGE}.cookie.v3.CookieBasedSessionState`;
const HEADER = `${PACKAGE}.header.v3.HeaderBasedSessionState`;
const ENVELOPE = `${PACKAGE}.envelope.v3.EnvelopeSessionState`;

/** Fields of session states that are implemented. */
export const implemented = {
  [COOKIE]: "all",
  [HEADER]: "all",
  [ENVELOPE]: "all",
  [`${ENVELOPE}.Header`]: "all",
  "envoy.type.http.v3.Cookie": "all",
  "envoy.type.http.v3.CookieAttribute": "all",
} as const;

interface SessionStateSide {
  readonly type: string;
  compile(message: Message, ctx: CompileContext): SessionStateConfig;
}

/** By the extension's name, which decides, as in Envoy. */
const SIDES: ReadonlyMap<string, SessionStateSide> = new Map([
  [
    "envoy.http.stateful_session.cookie",
    {
      type: COOKIE,
      compile: (message, ctx) => compileCookie(message as CookieBasedSessionState, ctx),
    },
  ],
  [
    "envoy.http.stateful_session.header",
    {
      type: HEADER,
      compile: (message) => {
        const { name } = message as HeaderBasedSessionState;
        return { kind: "header", name: requestHeaderKey(name) };
      },
    },
  ],
  [
    "envoy.http.stateful_session.envelope",
    {
      type: ENVELOPE,
      compile: (message) => {
        const name = (message as EnvelopeSessionState).header?.name ?? "";
        return { kind: "envelope", name: requestHeaderKey(name) };
      },
    },
  ],
]);

/** `session_state`; null with the problems that say why. */
export function compileSessionState(
  message: TypedExtensionConfig,
  ctx: CompileContext,
): SessionStateConfig | null {
  const { name, typedConfig } = message;
  const side = SIDES.get(name);
  if (side === undefined) {
    const text = `Didn't find a registered implementation for name: '${name}'`;
    ctx.problems.error(message, "name", text);
    return null;
  }
  const type = typedConfig === undefined ? "" : typeNameOfAny(typedConfig);
  const content = typedConfig === undefined ? undefined : unpack(typedConfig);
  if (type === side.type && content !== undefined) return side.compile(content, ctx);
  const text = `expected ${side.type}, got ${type === "" ? "nothing" : type}`;
  ctx.problems.error(message, "typed_config", text);
  return null;
}

function compileCookie(
  { cookie }: CookieBasedSessionState,
  ctx: CompileContext,
): SessionStateConfig {
  const { name = "", path = "", attributes = [] } = cookie ?? {};
  return {
    kind: "cookie",
    name: toByteString(name),
    cookie: {
      maxAgeS:
        cookie?.ttl === undefined
          ? 0
          : Math.floor(compileDuration(cookie, "ttl", cookie.ttl, 0, ctx) / 1000),
      path: toByteString(path),
      attributes: attributes.map((attribute) => ({
        name: toByteString(attribute.name),
        value: toByteString(attribute.value),
      })),
    },
  };
}
