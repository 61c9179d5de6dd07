import type { Problems } from "@nuncio/api";
import type {
  HistogramBucketSettings,
  StatsConfig,
  StatsMatcher,
  TagSpecifier,
} from "@nuncio/api/types/envoy/config/metrics/v3/stats_pb";
import { DEFAULT_TAG_RULES } from "./default-tags.ts";
import { compileStringMatcher } from "./string-matcher.ts";
import { TagExtractor } from "./tags.ts";
import type { RegexTagRule, Tag, TagRule } from "./tags.ts";

/** `stats_config` of the bootstrap, ready for use on main. Workers know nothing of it. */
export interface StatsSettings {
  readonly tags: TagExtractor;
  /** Whether the stat of this full name exists (`stats_matcher`). */
  accepts(fullName: string): boolean;
  /** The upper bounds of the buckets that the histogram of this full name is printed with, rising. */
  bucketsFor(fullName: string): readonly number[];
}

export const implemented = {
  "envoy.config.metrics.v3.StatsConfig": [
    "stats_tags",
    "use_all_default_tags",
    "stats_matcher",
    "histogram_bucket_settings",
    "allow_default_tag_overrides",
  ],
  "envoy.config.metrics.v3.StatsMatcher": "all",
  "envoy.config.metrics.v3.TagSpecifier": "all",
  "envoy.config.metrics.v3.HistogramBucketSettings": ["match", "buckets"],
  "envoy.type.matcher.v3.ListStringMatcher": "all",
  "envoy.type.matcher.v3.StringMatcher": [
    "exact",
    "prefix",
    "suffix",
    "safe_regex",
    "contains",
    "ignore_case",
  ],
  "envoy.type.matcher.v3.RegexMatcher": ["regex", "google_re2"],
  "envoy.type.matcher.v3.RegexMatcher.GoogleRE2": [],
} as const;

/** Envoy's buckets for milliseconds. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
];

/** Without `stats_config`: default tags and buckets, every stat exists. */
export function defaultStatsSettings(): StatsSettings {
  return {
    tags: new TagExtractor(DEFAULT_TAG_RULES),
    accepts: () => true,
    bucketsFor: () => DEFAULT_BUCKETS,
  };
}

/**
 * Compiles `stats_config`; what is wrong with it goes into `problems`. `commandLineTags` are those of
 * `--stats-tag`; they stand before all others.
 */
export function compileStatsConfig(
  config: StatsConfig | undefined,
  problems: Problems,
  commandLineTags: readonly Tag[] = [],
): StatsSettings {
  const fixed = commandLineTags.map(({ name, value }) => ({ tag: name, fixed: value }));
  if (config === undefined) {
    return { ...defaultStatsSettings(), tags: new TagExtractor([...fixed, ...DEFAULT_TAG_RULES]) };
  }
  return {
    tags: compileTags(config, problems, fixed),
    accepts: compileMatcher(config.statsMatcher, problems),
    bucketsFor: compileBuckets(config.histogramBucketSettings, problems),
  };
}

function compileTags(
  config: StatsConfig,
  problems: Problems,
  fixed: readonly TagRule[],
): TagExtractor {
  const overrides = config.allowDefaultTagOverrides === true;
  const useDefaults = config.useAllDefaultTags !== false;
  const configured: TagRule[] = [...fixed];
  for (const specifier of config.statsTags) {
    const { tagName: tag, tagValue } = specifier;
    const defaults = DEFAULT_TAG_RULES.filter((rule) => rule.tag === tag);
    if (tagValue.case === "fixedValue") {
      configured.push({ tag, fixed: tagValue.value });
    } else if (tagValue.case === "regex" && tagValue.value !== "") {
      // Where default tags are in use they win over an expression of the same name.
      const rule = compileTagRegex(specifier, tagValue.value, problems);
      if (rule !== null && (overrides || !useDefaults || defaults.length === 0))
        configured.push(rule);
    } else if (defaults.length > 0) {
      if (!useDefaults) configured.push(...defaults);
    } else {
      problems.error(
        specifier,
        "tag_name",
        `expected a regex, a fixed_value or the name of a default tag, seen "${tag}" alone ` +
          "(No regex specified for tag specifier and no default regex for name)",
      );
    }
  }
  if (!useDefaults) return new TagExtractor(configured);
  const names = new Set(configured.map((rule) => rule.tag));
  const defaults = DEFAULT_TAG_RULES.filter((rule) => !names.has(rule.tag));
  return new TagExtractor([...configured, ...defaults]);
}

/** Tags are the one place where Envoy takes ECMAScript expressions instead of RE2's. */
function compileTagRegex(
  specifier: TagSpecifier,
  text: string,
  problems: Problems,
): RegexTagRule | null {
  try {
    return { tag: specifier.tagName, regex: new RegExp(text), firstToken: null };
  } catch (error) {
    problems.error(
      specifier,
      "regex",
      `expected an ECMAScript expression: ${(error as Error).message}`,
    );
    return null;
  }
}

function compileMatcher(
  message: StatsMatcher | undefined,
  problems: Problems,
): (name: string) => boolean {
  const choice = message?.statsMatcher;
  switch (choice?.case) {
    case "rejectAll":
      return () => !choice.value;
    case "inclusionList": {
      const patterns = choice.value.patterns.map((pattern) =>
        compileStringMatcher(pattern, problems),
      );
      return (name) => patterns.some((matches) => matches(name));
    }
    case "exclusionList": {
      const patterns = choice.value.patterns.map((pattern) =>
        compileStringMatcher(pattern, problems),
      );
      return (name) => !patterns.some((matches) => matches(name));
    }
    default:
      return () => true;
  }
}

function compileBuckets(
  settings: readonly HistogramBucketSettings[],
  problems: Problems,
): (name: string) => readonly number[] {
  const compiled = settings.map((setting) => ({
    matches:
      setting.match === undefined ? () => false : compileStringMatcher(setting.match, problems),
    buckets: [...setting.buckets].sort((a, b) => a - b),
  }));
  return (name) => compiled.find(({ matches }) => matches(name))?.buckets ?? DEFAULT_BUCKETS;
}
