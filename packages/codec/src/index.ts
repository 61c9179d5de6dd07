export type { ByteSink, CodecError, MessageCallbacks } from "./callbacks.ts";
export { HeaderMap } from "./header-map.ts";
