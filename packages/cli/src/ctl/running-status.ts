import { readFileSync } from "node:fs";
import { DEFAULT_GATEWAY_ADMIN, getAdminJson } from "../admin.ts";
import { UsageError } from "../usage-error.ts";
import type { ObjectWithStatus } from "./status-rows.ts";

/** Where the status of a gateway that runs is to be had. */
interface StatusSource {
  /** Of its control plane; the usual one when no file is given either. */
  readonly admin: string | undefined;
  /** Its status file; read when nobody answers at `admin`. */
  readonly file: string | undefined;
}

/**
 * What a gateway says of its resources.
 *
 * @throws UsageError when it says nothing
 */
export async function readRunning({
  admin,
  file,
}: StatusSource): Promise<readonly ObjectWithStatus[]> {
  if (file !== undefined && admin === undefined) return readStatusFile(file);
  const asked = admin ?? DEFAULT_GATEWAY_ADMIN;
  try {
    return itemsOf(await getAdminJson(asked, "/status", []), asked);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (file === undefined)
      throw new UsageError(
        `${error.message}; -f tells of files, --status-file of what was written`,
      );
    process.stderr.write(`${error.message}; this is what ${file} says\n`);
    return readStatusFile(file);
  }
}

function readStatusFile(file: string): readonly ObjectWithStatus[] {
  const text = readFileSync(file, "utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: expected a status file, ${(error as Error).message}`);
  }
  return itemsOf(content, file);
}

function itemsOf(content: unknown, source: string): readonly ObjectWithStatus[] {
  const { items } = (content ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items))
    throw new UsageError(`${source}: expected statuses of a gateway, which has items`);
  return items as ObjectWithStatus[];
}
