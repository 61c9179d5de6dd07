import type { Source } from "@nuncio/api";
import { listenAddressText } from "../config/address.ts";
import { errnoText } from "../transport/errno.ts";
import { adminProviders } from "./admin-providers.ts";
import { AdminServer } from "./admin/admin-server.ts";
import { StartError } from "./errors.ts";
import type { RestartableAdmin } from "./hot-restart/serving-process.ts";
import { RunningExplainer } from "./running-explainer.ts";
import type { Server } from "./server.ts";

/** The admin listener of a server: opened, closed and handed over. */
export class AdminLife implements RestartableAdmin {
  readonly #admin: AdminServer;
  readonly #configured: string;

  private constructor(server: Server, admin: AdminServer, configured: string) {
    this.#admin = admin;
    this.#configured = configured;
    server.onReopenLogs = (): void => admin.reopenLogs();
  }

  /** Not listening yet; null when the configuration has none. */
  static of(server: Server, sources: readonly Source[], quit: () => void): AdminLife | null {
    const { compiled, options } = server;
    if (compiled.admin === null) return null;
    const providers = adminProviders(server, new RunningExplainer(server, sources), quit);
    const addressPath = options.adminAddressPath;
    const admin = new AdminServer({
      config: compiled.admin,
      runtime: compiled.runtime.runtime,
      providers,
      addressPath,
    });
    return new AdminLife(server, admin, listenAddressText(compiled.admin.address));
  }

  get address(): string {
    return this.#admin.address || this.#configured;
  }

  get listening(): boolean {
    return this.#admin.listening;
  }

  get descriptor(): number | undefined {
    return this.#configured.startsWith("/") ? undefined : this.#admin.descriptor;
  }

  /** @throws StartError when it cannot bind */
  async listen(descriptor?: number): Promise<void> {
    try {
      await this.#admin.listen(descriptor);
    } catch (error) {
      const { errno, message } = error as NodeJS.ErrnoException;
      const reason = errno === undefined ? message : errnoText(errno);
      throw new StartError(`cannot bind admin '${this.#configured}': ${reason}`, { cause: error });
    }
  }

  stop(): Promise<void> {
    return this.#admin.stop();
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
