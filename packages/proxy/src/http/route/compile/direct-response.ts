import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { DirectResponseAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { DirectResponseConfig } from "../model.ts";
import type { RouteContext } from "./route-context.ts";

/** The body is read here, once. It must be text and within `max_direct_response_body_size_bytes`. */
export function compileDirectResponse(
  message: DirectResponseAction,
  context: RouteContext,
): DirectResponseConfig {
  const { body: source } = message;
  const body = source === undefined ? "" : textOf(source, context);
  return { kind: "direct_response", status: message.status, body };
}

function textOf(source: DataSource, { ctx, maxDirectResponseBodyBytes }: RouteContext): string {
  const bytes = read(source, ctx);
  if (bytes.length > maxDirectResponseBodyBytes) {
    const text = `response body size is ${bytes.length} bytes; maximum is ${maxDirectResponseBodyBytes}`;
    ctx.problems.error(source, undefined, text);
  }
  if (!isUtf8(bytes))
    ctx.problems.error(source, undefined, "not implemented yet: a body that is not UTF-8 text");
  return bytes.toString("utf8");
}

function read(source: DataSource, ctx: CompileContext): Buffer {
  const { specifier } = source;
  switch (specifier.case) {
    case "inlineString":
      return Buffer.from(specifier.value, "utf8");
    case "inlineBytes":
      return Buffer.from(specifier.value);
    case "environmentVariable":
      return Buffer.from(readEnvironment(source, specifier.value, ctx), "utf8");
    case "filename":
      return readFile(source, specifier.value, ctx);
    default:
      return Buffer.alloc(0);
  }
}

function readEnvironment(source: DataSource, name: string, ctx: CompileContext): string {
  const value = process.env[name];
  if (value === undefined) {
    ctx.problems.error(
      source,
      "environment_variable",
      `Environment variable doesn't exist: ${name}`,
    );
  }
  return value ?? "";
}

function readFile(source: DataSource, filename: string, ctx: CompileContext): Buffer {
  try {
    return readFileSync(filename);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const text =
      code === "ENOENT" ? `file ${filename} does not exist` : `Invalid path: ${filename} (${code})`;
    ctx.problems.error(source, "filename", text);
    return Buffer.alloc(0);
  }
}
