import type {
  NetworkFilter,
  NetworkFilterCallbacks,
  NetworkFilterFactory,
} from "../../network/filter.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import { HttpConnection, type CurrentManager } from "./http-connection.ts";

/**
 * The connection manager of a filter chain, configuration after configuration. Connections look here for the manager of
 * their next request, so that a new one is theirs at once, however many there are; a request ends under the one that it
 * began under.
 */
export class ConnectionManagerFactory implements NetworkFilterFactory, CurrentManager {
  readonly halfClose = false;
  current: ConnectionManager;

  constructor(manager: ConnectionManager) {
    this.current = manager;
  }

  create(callbacks: NetworkFilterCallbacks): NetworkFilter {
    return new HttpConnection(this, callbacks);
  }

  succeededBy(next: ConnectionManagerFactory): void {
    const before = this.current;
    this.current = next.current;
    before.retire();
  }

  close(): void {
    this.current.retire();
  }
}
