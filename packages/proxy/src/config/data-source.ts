import { readFileSync } from "node:fs";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompileContext } from "./context.ts";

/** Reads a `DataSource`, once, on main. A file or variable that cannot be read is a problem, and gives nothing. */
export function readDataSource(source: DataSource, ctx: CompileContext): Buffer {
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
