import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** YAML of the field `access_log` for a file in this text format, and the lines that are in it; the file ends with the test. */
export function testAccessLog(
  t: TestContext,
  format: string,
): { readonly yaml: string; lines(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "log");
  const type = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
  const text = `{ text_format_source: { inline_string: "${format}\\n" } }`;
  return {
    yaml: `access_log: [{ name: file, typed_config: { "@type": ${type}, path: ${path}, log_format: ${text} } }]`,
    lines: () =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== ""),
  };
}
