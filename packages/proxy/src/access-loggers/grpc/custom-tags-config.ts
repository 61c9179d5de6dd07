import type {
  CustomTag,
  CustomTag_Metadata,
} from "@nuncio/api/types/envoy/type/tracing/v3/custom_tag_pb";
import type { CompileContext } from "../../config/context.ts";
import { builtInCommands } from "../../observe/format/built-in-commands.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { compileText } from "../../observe/format/compile.ts";
import type { CustomTagConfig } from "./model.ts";

/** Compiles custom tags. The environment is read here, once. */
export function compileCustomTags(
  messages: readonly CustomTag[],
  ctx: CompileContext,
): CustomTagConfig[] {
  return messages.flatMap((message) => compileTag(message, ctx) ?? []);
}

/** Null for one without a type, which validate.rules refuse. */
function compileTag(message: CustomTag, ctx: CompileContext): CustomTagConfig | null {
  const { type } = message;
  const tag = toByteString(message.tag);
  switch (type.case) {
    case "literal":
      return { tag, kind: "text", text: toByteString(type.value.value) };
    case "environment": {
      const { name, defaultValue } = type.value;
      return { tag, kind: "text", text: toByteString(process.env[name] ?? defaultValue) };
    }
    case "requestHeader": {
      const { name, defaultValue } = type.value;
      const fallback = toByteString(defaultValue);
      return { tag, kind: "header", name: name.toLowerCase(), fallback };
    }
    case "metadata":
      return compileMetadata(tag, type.value);
    case "value": {
      const value = compileText(type.value, "", builtInCommands(ctx), ctx, message, "value");
      return { tag, kind: "format", value };
    }
    default:
      return null;
  }
}

function compileMetadata(tag: string, message: CustomTag_Metadata): CustomTagConfig | null {
  const { kind, metadataKey, defaultValue } = message;
  const of = kind?.kind.case;
  // Without a kind there is no source, and no value.
  if (of === undefined || metadataKey === undefined) return null;
  const keys = metadataKey.path.map(({ segment }) => String(segment.value ?? ""));
  const path = [metadataKey.key, ...keys];
  return { tag, kind: "metadata", of, path, fallback: toByteString(defaultValue) };
}
