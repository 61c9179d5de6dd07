import { EtcdObjects, etcdErrorText, isEtcdError } from "@nuncio/gateway";
import type { GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";
import { etcdOptions } from "./flags.ts";

/**
 * Runs `use` with the objects of the etcd that was asked for.
 *
 * @throws UsageError also for what etcd refuses
 */
export async function withObjects<T>(
  given: GivenFlags,
  use: (objects: EtcdObjects) => Promise<T>,
): Promise<T> {
  const options = etcdOptions(given);
  if (options === undefined) throw new UsageError("expected --etcd");
  const objects = opened(() => new EtcdObjects(options));
  try {
    return await use(objects);
  } catch (error) {
    if (!isEtcdError(error)) throw error;
    throw new UsageError(`--etcd: ${etcdErrorText(error)}`);
  } finally {
    objects.close();
  }
}

/** @throws UsageError where an endpoint or a certificate cannot be used */
export function opened<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new UsageError(`--etcd: ${(error as Error).message}`);
  }
}
