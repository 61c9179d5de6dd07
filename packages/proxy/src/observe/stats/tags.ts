/** A dimension of a stat: `envoy.cluster_name`, `service_a`. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** A stat's name without what became tags, and the tags in order of extraction. */
export interface TaggedName {
  readonly name: string;
  readonly tags: readonly Tag[];
}

/**
 * How one tag is found: by an expression, of which group 1 is cut out of the name, and group 2 is the value, or
 * group 1 where there is no second group. An expression without groups finds nothing.
 */
export interface RegexTagRule {
  readonly tag: string;
  readonly regex: RegExp;
  /** The first token of the names that can match, to try fewer rules; null when any can. */
  readonly firstToken: string | null;
}

/** A tag that every stat has. */
export interface FixedTagRule {
  readonly tag: string;
  readonly fixed: string;
}

export type TagRule = RegexTagRule | FixedTagRule;

/**
 * Splits full stat names into name and tags. All rules see the original name, so their order only decides the
 * order of the tags. Of several rules for one tag the first that matches counts.
 */
export class TagExtractor {
  readonly #rules: readonly TagRule[];
  /** The rules that can match a name, by its first token, in order. Filled as tokens appear. */
  readonly #byToken = new Map<string, TagRule[]>();

  constructor(rules: readonly TagRule[]) {
    this.#rules = rules;
  }

  extract(fullName: string): TaggedName {
    const dot = fullName.indexOf(".");
    const tags: Tag[] = [];
    const cuts: [start: number, end: number][] = [];
    for (const rule of this.#rulesFor(dot === -1 ? fullName : fullName.slice(0, dot))) {
      if ("regex" in rule && !rule.regex.test(fullName)) continue;
      if (tags.some((tag) => tag.name === rule.tag)) continue;
      if ("fixed" in rule) {
        tags.push({ name: rule.tag, value: rule.fixed });
        continue;
      }
      const match = withPositions(rule.regex).exec(fullName);
      const cut = match?.indices?.[1];
      if (match === null || cut === undefined) continue;
      tags.push({ name: rule.tag, value: match[2] ?? match[1]! });
      cuts.push(cut);
    }
    return { name: cuts.length === 0 ? fullName : without(fullName, cuts), tags };
  }

  #rulesFor(token: string): TagRule[] {
    let rules = this.#byToken.get(token);
    if (rules === undefined) {
      rules = this.#rules.filter(
        (rule) => "fixed" in rule || rule.firstToken === null || rule.firstToken === token,
      );
      // Custom names may begin with anything; the memory for them is bounded.
      if (this.#byToken.size < TOKENS_MAX) this.#byToken.set(token, rules);
    }
    return rules;
  }
}

const positioned = new WeakMap<RegExp, RegExp>();

/** The same expression with positions of groups, which is slower, so used on a match only. */
function withPositions(regex: RegExp): RegExp {
  let result = positioned.get(regex);
  if (result === undefined)
    positioned.set(regex, (result = new RegExp(regex.source, `${regex.flags}d`)));
  return result;
}

const TOKENS_MAX = 1000;

function without(text: string, cuts: [start: number, end: number][]): string {
  let result = "";
  let at = 0;
  for (const [start, end] of cuts.sort((a, b) => a[0] - b[0])) {
    if (start > at) result += text.slice(at, start);
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
