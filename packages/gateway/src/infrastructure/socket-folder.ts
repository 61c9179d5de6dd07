import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** So long a path of a Unix socket may be everywhere (`sun_path` of macOS, with its end). */
const PATH_BYTES_MAX = 103;
const SHORT_FOLDER = "/tmp";

/** Envoy takes them in the path of its sockets for places where something is to be put. */
const BRACES = /[{}]/;

/**
 * A new folder that nobody but this user may enter. Where files are usually temporary, unless sockets in it had a path there that is too long
 * or that Envoy cannot have. `longestName`: of those sockets.
 */
export function makeSocketFolder(prefix: string, longestName: string): string {
  const usual = tmpdir();
  const bytes = Buffer.byteLength(join(usual, `${prefix}123456`, longestName));
  const fits = bytes <= PATH_BYTES_MAX && !BRACES.test(usual);
  return mkdtempSync(join(fits ? usual : SHORT_FOLDER, prefix));
}
