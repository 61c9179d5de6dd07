import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../base/hash64.ts";
import { buildHashPolicies } from "../http/hash-policy/hash-policies.ts";
import type { HashPolicyConfig } from "../http/hash-policy/model.ts";
import { parseUnsigned } from "../http/route/matchers/integer.ts";
import type {
  RouteConfig,
  RouteMatchConfig,
  RouteTableConfig,
  WeightedClustersConfig,
} from "../http/route/model.ts";
import type { RouteTable } from "../http/route/table.ts";
import { weightsNow } from "../http/route/table/weighted-choice.ts";
import type { StreamInfo } from "../observe/stream-info.ts";
import type { FractionConfig } from "../runtime/model.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import { Chance } from "./chance.ts";
import type { Check } from "./model.ts";
import { oneHostTable } from "./one-host-table.ts";
import { criteriaOf, type Criterion } from "./route-criteria.ts";

/** One route that was asked. */
export interface WalkedRoute {
  /** In its virtual host. */
  readonly index: number;
  readonly route: RouteConfig;
  readonly checks: readonly Check[];
  /** The random numbers with which it takes the request; null when something else refuses it. */
  readonly taken: Chance | null;
}

/** A way that the choice can go, with a random number that goes it. */
export interface WalkedOutcome {
  /** Null when no route takes the request. */
  readonly index: number | null;
  readonly probability: number;
  readonly example: number;
}

export interface Walk {
  readonly trials: readonly WalkedRoute[];
  readonly outcomes: readonly WalkedOutcome[];
}

/**
 * Asks the routes of a list one after the other, as the configuration says it, until one is certain to take the
 * request. Each question is put to a route table that has this question only, so the answers are the data path's own;
 * that its index finds the same route is what the caller makes sure of.
 */
export class RouteWalker {
  readonly #table: RouteTableConfig;
  readonly #runtime: Runtime;
  readonly #questions = new WeakMap<RouteConfig, readonly Question[]>();
  readonly #denominators = new WeakMap<readonly RouteConfig[], readonly number[]>();

  /** `runtime` does not change. */
  constructor(table: RouteTableConfig, runtime: Runtime) {
    this.#table = table;
    this.#runtime = runtime;
  }

  walk(routes: readonly RouteConfig[], headers: HeaderMap, info: StreamInfo): Walk {
    let left = Chance.all(this.#denominatorsOf(routes));
    const trials: WalkedRoute[] = [];
    const outcomes: WalkedOutcome[] = [];
    for (const [index, route] of routes.entries()) {
      if (left.example === null) break;
      const checks = this.#check(route, headers, info);
      if (checks.some(({ held }) => !held)) {
        trials.push({ index, route, checks, taken: null });
        continue;
      }
      const dead = this.#deadEnd(route);
      if (dead !== null) {
        trials.push({ index, route, checks: [...checks, dead], taken: null });
        continue;
      }
      const { numerator, denominator } = this.#fractionOf(route) ?? ALWAYS;
      const { held, others } = left.split(numerator, denominator);
      trials.push({ index, route, checks, taken: held });
      outcomes.push(...this.#outcomesOf(index, route, held, headers, info));
      left = others;
    }
    if (left.example !== null) {
      outcomes.push({ index: null, probability: left.probability, example: left.example });
    }
    return { trials, outcomes };
  }

  /** Whether chance decides between the routes. */
  drawsAmong(routes: readonly RouteConfig[]): boolean {
    return this.#denominatorsOf(routes).length > 0;
  }

  /** What can become of a request that the route of that number is certain to take. */
  outcomesOf(
    routes: readonly RouteConfig[],
    index: number | null,
    headers: HeaderMap,
    info: StreamInfo,
  ): Walk {
    const all = Chance.all([]);
    const outcomes =
      index === null
        ? [{ index, probability: 1, example: 0 }]
        : this.#outcomesOf(index, routes[index]!, all, headers, info);
    return { trials: [], outcomes };
  }

  /** Why a route that matches has no cluster for any request, and leaves them to those behind; null when it has. */
  #deadEnd({ action }: RouteConfig): Check | null {
    const cluster = action.kind === "route" ? action.cluster : null;
    if (cluster?.kind === "nowhere") return NO_PLUGIN;
    if (cluster?.kind !== "weighted") return null;
    const weights = weightsNow(cluster, this.#runtime);
    return weights.some((weight) => weight > 0) ? null : NO_WEIGHT;
  }

  #fractionOf({ match }: RouteConfig): Pick<FractionConfig, "numerator" | "denominator"> | null {
    const { runtimeFraction: fraction } = match;
    return fraction === undefined ? null : this.#runtime.fraction(fraction.key ?? "", fraction);
  }

  #denominatorsOf(routes: readonly RouteConfig[]): readonly number[] {
    let found = this.#denominators.get(routes);
    if (found === undefined) {
      const all = routes.flatMap((route) => this.#fractionOf(route)?.denominator ?? []);
      this.#denominators.set(routes, (found = [...new Set(all)]));
    }
    return found;
  }

  /** Up to the first that does not hold. */
  #check(route: RouteConfig, headers: HeaderMap, info: StreamInfo): Check[] {
    let questions = this.#questions.get(route);
    if (questions === undefined) {
      const ask = (criterion: Criterion): Question =>
        new Question(criterion, this.#table, this.#runtime);
      questions = criteriaOf(route.match).map(ask);
      this.#questions.set(route, questions);
    }
    const checks: Check[] = [];
    for (const question of questions) {
      const check = question.ask(headers, info);
      checks.push(check);
      if (!check.held) break;
    }
    return checks;
  }

  /** With weighted clusters, one for each that can be drawn. */
  #outcomesOf(
    index: number,
    route: RouteConfig,
    chance: Chance,
    headers: HeaderMap,
    info: StreamInfo,
  ): WalkedOutcome[] {
    const { example, probability } = chance;
    if (example === null) return [];
    const { action } = route;
    if (
      action.kind !== "route" ||
      action.cluster.kind !== "weighted" ||
      isChosenByHeader(action.cluster, headers) ||
      isChosenByHash(action.cluster, action.hashPolicies, headers, info)
    )
      return [{ index, probability, example }];
    const choices = chance.choices(weightsNow(action.cluster, this.#runtime));
    return choices.flatMap((choice) =>
      choice.example === null
        ? []
        : [{ index, probability: choice.probability, example: choice.example }],
    );
  }
}

const NO_PLUGIN: Check = {
  criterion: "cluster_specifier_plugin",
  wanted: "a plugin that is there",
  seen: "an optional one that is not",
  held: false,
};
const NO_WEIGHT: Check = {
  criterion: "weighted_clusters",
  wanted: "a weight above 0",
  seen: "none in the runtime",
  held: false,
};
const ALWAYS = { numerator: 1, denominator: 1 };
const ANY_PATH: RouteMatchConfig["path"] = { kind: "prefix", value: "" };
/** Of a request without a path. */
const ANY_CONNECT: RouteMatchConfig["path"] = { kind: "connect", value: "" };

/** One criterion, and a route table that asks nothing else. */
class Question {
  readonly #criterion: Criterion;
  readonly #table: RouteTableConfig;
  readonly #runtime: Runtime;
  #withPath: RouteTable | null = null;
  #connect: RouteTable | null = null;

  constructor(criterion: Criterion, table: RouteTableConfig, runtime: Runtime) {
    this.#criterion = criterion;
    this.#table = table;
    this.#runtime = runtime;
  }

  ask(headers: HeaderMap, info: StreamInfo): Check {
    const { field, wanted, seen } = this.#criterion;
    const table =
      headers.path === ""
        ? (this.#connect ??= this.#build(ANY_CONNECT))
        : (this.#withPath ??= this.#build(ANY_PATH));
    const held = table.match(headers, info, 0) !== null;
    return { criterion: field, wanted, seen: seen(headers, info), held };
  }

  #build(path: RouteMatchConfig["path"]): RouteTable {
    const route: RouteConfig = {
      match: { path, ...this.#criterion.alone },
      action: { kind: "direct_response", status: 200, body: "" },
    };
    return oneHostTable(this.#table, [route], this.#runtime);
  }
}

/** `use_hash_policy`: likewise, where its policies find anything. */
function isChosenByHash(
  { byHash }: WeightedClustersConfig,
  policies: readonly HashPolicyConfig[] | undefined,
  headers: HeaderMap,
  info: StreamInfo,
): boolean {
  if (byHash !== true) return false;
  return buildHashPolicies(policies)?.hash(headers, info, null, new Hash64()) === true;
}

/** `random_value_specifier`: the request itself decides. */
function isChosenByHeader(
  { randomValueHeader }: WeightedClustersConfig,
  headers: HeaderMap,
): boolean {
  if (randomValueHeader === "") return false;
  const values = headers.getAll(randomValueHeader);
  return values.length === 1 && parseUnsigned(values[0]!) !== null;
}
