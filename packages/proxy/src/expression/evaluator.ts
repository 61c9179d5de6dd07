import { celError, isCelError, plan } from "@bufbuild/cel";
import type { CelInput, CelResult, CelValue } from "@bufbuild/cel";
import type { Expr } from "@nuncio/api/types/cel/expr/syntax_pb";
import { isFilterStateObject } from "../observe/filter-state-object.ts";
import { toByteString } from "../observe/format/byte-string.ts";
import type { FormatContext } from "../observe/stream-info.ts";
import {
  connectionAttributes,
  destinationAttributes,
  sourceAttributes,
  upstreamAttributes,
} from "./attributes/connection.ts";
import { requestAttributes, responseAttributes } from "./attributes/http.ts";
import { metadataMessage, xdsAttributes } from "./attributes/xds.ts";
import type { Expression } from "./expression.ts";
import { attributeMap, lookupMap } from "./lazy-map.ts";
import type { CurrentStream } from "./lazy-map.ts";
import { environment, keepPattern } from "./library.ts";
import type { ExpressionNode, ExpressionPlan } from "./model.ts";
import { jsonOf, printValue } from "./print.ts";
import { constantPattern, subexpressions } from "./walk.ts";

type Bindings = { [name: string]: CelInput | ReturnType<typeof celError> };

/** Names that stand for types. */
const TYPES = new Set([
  "bool",
  "bytes",
  "double",
  "google",
  "int",
  "list",
  "map",
  "null_type",
  "string",
  "type",
  "uint",
]);

/** An expression over Envoy's attributes. Its variables are made once; an attribute is looked up when it is read. */
export class CelExpression implements Expression {
  readonly #run: (bindings: never) => CelResult;
  readonly #bindings: Bindings;
  readonly #current: CurrentStream = { context: null };

  constructor({ root, options, node }: ExpressionPlan) {
    this.#run = plan(environment(options), root as Parameters<typeof plan>[1]);
    this.#bindings = bindings(this.#current, node);
    for (const expr of subexpressions(root)) this.#prepare(expr);
  }

  matches(context: FormatContext): boolean {
    return this.#evaluate(context, (value) => value) === true;
  }

  text(context: FormatContext): string | null {
    return this.#evaluate(context, printValue);
  }

  json(context: FormatContext): string {
    return this.#evaluate(context, jsonOf) ?? "null";
  }

  string(context: FormatContext): string | null {
    return this.#evaluate(context, (value) =>
      typeof value === "string" ? toByteString(value) : null,
    );
  }

  /** `read` runs while the attributes are still those of the stream; null for an error. */
  #evaluate<T>(context: FormatContext, read: (value: CelValue) => T): T | null {
    this.#current.context = context;
    try {
      const value = this.#run(this.#bindings as never);
      return isCelError(value) ? null : read(value);
    } catch {
      // What a request brings (a pattern, a time that does not exist) must not throw past its expression.
      return null;
    } finally {
      this.#current.context = null;
    }
  }

  #prepare(expr: Expr | undefined): void {
    const pattern = constantPattern(expr);
    if (pattern !== null) keepPattern(pattern);
    if (expr?.exprKind.case !== "identExpr") return;
    const { name } = expr.exprKind.value;
    // `has(nobody.x)` is an error, too, not false.
    if (!TYPES.has(name)) this.#bindings[name] ??= celError(`No value found for ${name}`);
  }
}

function bindings(current: CurrentStream, node: ExpressionNode | null): Bindings {
  const bound = Object.create(null) as Bindings;
  bound["request"] = attributeMap(requestAttributes, current);
  bound["response"] = attributeMap(responseAttributes, current);
  bound["connection"] = attributeMap(connectionAttributes, current);
  bound["source"] = attributeMap(sourceAttributes, current);
  bound["destination"] = attributeMap(destinationAttributes, current);
  bound["upstream"] = attributeMap(upstreamAttributes, current);
  bound["xds"] = attributeMap(xdsAttributes(node), current);
  bound["filter_state"] = lookupMap(filterState, current);
  const upstreamState = lookupMap(() => undefined, current);
  Object.defineProperty(bound, "upstream_filter_state", {
    // There is one as soon as a host was chosen.
    get: () =>
      current.context?.streamInfo.upstream.hostAddress === null ? undefined : upstreamState,
  });
  Object.defineProperty(bound, "metadata", {
    get: () => metadataMessage(current.context?.streamInfo.dynamicMetadata ?? null),
  });
  return bound;
}

/** Objects of filters are bytes in expressions: their serialization. */
function filterState({ streamInfo }: FormatContext, name: string): CelInput | undefined {
  const value = streamInfo.filterState?.get(name);
  if (value === undefined || value === null) return undefined;
  if (isFilterStateObject(value)) return Buffer.from(value.filterStateText ?? "");
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}
