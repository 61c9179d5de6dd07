import type { FuzzTarget } from "./target.ts";
import { capsules } from "./targets/capsules.ts";
import { clientHello } from "./targets/client-hello.ts";
import { hpackDecoder } from "./targets/hpack.ts";
import { http1Client, http1Server } from "./targets/http1.ts";
import { http2Client, http2Server } from "./targets/http2.ts";
import { sessionCookie } from "./targets/session-cookie.ts";

/** All readers of bytes from the network that are fuzzed. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  http1Server,
  http1Client,
  http2Server,
  http2Client,
  hpackDecoder,
  clientHello,
  capsules,
  sessionCookie,
];
