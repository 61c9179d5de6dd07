import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import type { IrHttpFilter, IrL4Route } from "../../ir/listener.ts";
import { bySeniority } from "../routes/seniority.ts";
import type { TranslatedParent, TranslatedRoute } from "../translated-route.ts";

/** A route of connections or datagrams at a listener. */
export interface L4Attachment {
  readonly domains: readonly string[];
  readonly route: IrL4Route;
}

/** What routes are to listeners. Many routes are only counted: none of them is read for it. */
export class Attachments {
  /** Keys of routes, by the id of a listener. */
  readonly byListener: Index<TranslatedRoute>;
  /** `<listener> <filter>` for each filter that a route of a listener uses, by the id of the listener. */
  readonly #filters: Index<ReadonlySet<string>>;
  readonly #routes: Cells<TranslatedRoute>;

  constructor(routes: Cells<TranslatedRoute>) {
    this.#routes = routes;
    this.byListener = new Index("routes by listener", routes, (route) =>
      accepted(route).flatMap(({ attachments }) => attachments.map(({ listener }) => listener)),
    );
    const byFilter = new Index("routes by listener and filter", routes, (route) =>
      accepted(route).flatMap(({ attachments, filters = [] }) =>
        attachments.flatMap(({ listener }) =>
          filters.map((filter) => `${listener} ${JSON.stringify(filter)}`),
        ),
      ),
    );
    // Changes when the first route of a filter comes or the last one goes, and not with those between.
    this.#filters = new Index("filters by listener", byFilter, (_, key) => [
      key.slice(0, key.indexOf(" ")),
    ]);
  }

  /** How many routes are attached to a listener. */
  count(read: Read, listener: string): number {
    return read.one(this.byListener, listener)?.size ?? 0;
  }

  /** The HTTP filters that a route of these listeners uses, each once; sorted. */
  filters(read: Read, listeners: readonly string[]): IrHttpFilter[] {
    const used = listeners.flatMap((listener) =>
      [...(read.one(this.#filters, listener) ?? [])].map((key) => key.slice(listener.length + 1)),
    );
    return [...new Set(used)].toSorted().map((filter) => JSON.parse(filter) as IrHttpFilter);
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
