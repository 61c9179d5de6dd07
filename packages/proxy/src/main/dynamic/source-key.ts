import { toBinary } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type {
  ConfigSource,
  ExtensionConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";

/** Equal for equal sources. */
export function sourceKey(source: ConfigSource | ExtensionConfigSource): string {
  const desc = envoyTypes().getMessage(source.$typeName)!;
  return Buffer.from(toBinary(desc, source)).toString("base64");
}
