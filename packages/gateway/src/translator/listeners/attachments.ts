import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import type { IrHttpFilter, IrL4Route } from "../../ir/listener.ts";
import { bySeniority } from "../routes/seniority.ts";
import type { TranslatedParent, TranslatedRoute } from "../translated-route.ts";

const FILTERS: readonly IrHttpFilter[] = ["cors", "stateful_session", "ext_authz", "grpc_web"];

/** A route of connections or datagrams at a listener. */
export interface L4Attachment {
  readonly domains: readonly string[];
  readonly route: IrL4Route;
}

/** What routes are to listeners. Many routes are only counted: none of them is read for it. */
export class Attachments {
  /** Keys of routes, by the id of a listener. */
  readonly byListener: Index<TranslatedRoute>;
  readonly #byFilter: Index<TranslatedRoute>;
  readonly #routes: Cells<TranslatedRoute>;

  constructor(routes: Cells<TranslatedRoute>) {
    this.#routes = routes;
    this.byListener = new Index("routes by listener", routes, (route) =>
      accepted(route).flatMap(({ attachments }) => attachments.map(({ listener }) => listener)),
    );
    this.#byFilter = new Index("routes by listener and filter", routes, (route) =>
      accepted(route).flatMap(({ attachments, filters = [] }) =>
        attachments.flatMap(({ listener }) => filters.map((filter) => `${listener} ${filter}`)),
      ),
    );
  }

  /** How many routes are attached to a listener. */
  count(read: Read, listener: string): number {
    return read.one(this.byListener, listener)?.size ?? 0;
  }

  /** The HTTP filters that a route of these listeners uses. */
  filters(read: Read, listeners: readonly string[]): IrHttpFilter[] {
    return FILTERS.filter((filter) =>
      listeners.some((listener) => read.one(this.#byFilter, `${listener} ${filter}`) !== undefined),
    );
  }

  /** The routes of a listener of TLS, TCP or UDP, the older first. They are all read: all become one resource. */
  l4(read: Read, listener: string): L4Attachment[] {
    return [...(read.one(this.byListener, listener) ?? [])]
      .map((key) => read.one(this.#routes, key))
      .filter((route) => route !== undefined)
      .toSorted(bySeniority)
      .flatMap((route) => l4Attachments(route, listener));
  }
}

function l4Attachments(route: TranslatedRoute, listener: string): L4Attachment[] {
  return accepted(route).flatMap((parent) =>
    parent.attachments
      .filter((attachment) => attachment.listener === listener)
      .flatMap(({ domains, l4 }) => (l4 === undefined ? [] : [{ domains, route: l4 }])),
  );
}

function accepted({ parents }: TranslatedRoute): TranslatedParent[] {
  return parents.filter(({ conditions }) =>
    conditions.some(({ type, status }) => type === "Accepted" && status === "True"),
  );
}
