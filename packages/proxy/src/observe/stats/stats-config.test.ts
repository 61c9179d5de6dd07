import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problems } from "@nuncio/api";
import type { StatsConfig } from "@nuncio/api/types/envoy/config/metrics/v3/stats_pb";
import { compileStatsConfig, DEFAULT_BUCKETS } from "./stats-config.ts";
import type { StatsSettings } from "./stats-config.ts";

const CLUSTER = "cluster.svc.upstream_cx_total";

/** Compiles a message given without its defaults; the compile function reads these fields only. */
function compile(config: object): { settings: StatsSettings; problems: string[] } {
  const problems = new Problems({ locate: (_, field) => ({ place: null, path: field ?? "" }) });
  const message = {
    statsTags: [],
    histogramBucketSettings: [],
    ...config,
  } as unknown as StatsConfig;
  const settings = compileStatsConfig(message, problems);
  return { settings, problems: problems.list.map(({ path, message: text }) => `${path}: ${text}`) };
}

function tagText(config: object): string {
  const { name, tags } = compile(config).settings.tags.extract(CLUSTER);
  return `${name} ${tags.map((one) => `${one.name}=${one.value}`).join(",")}`;
}

function tag(tagName: string, kind?: "regex" | "fixedValue", value = ""): object {
  return { tagName, tagValue: kind === undefined ? { case: undefined } : { case: kind, value } };
}

// Each of these was seen on Envoy 1.40.
describe("stats_tags", () => {
  it("stand before the default tags, in order", () => {
    const statsTags = [tag("dc", "fixedValue", "x"), tag("my.tag", "regex", "_((cx)_)")];
    assert.equal(
      tagText({ statsTags }),
      "cluster.upstream_total dc=x,my.tag=cx,envoy.cluster_name=svc",
    );
  });

  it("do not override a default tag by an expression, unless that is allowed", () => {
    const statsTags = [tag("envoy.cluster_name", "regex", String.raw`^cluster\.((s)vc\.)`)];
    assert.equal(tagText({ statsTags }), "cluster.upstream_cx_total envoy.cluster_name=svc");
    assert.equal(
      tagText({ statsTags, allowDefaultTagOverrides: true }),
      "cluster.upstream_cx_total envoy.cluster_name=s",
    );
  });

  it("override a default tag by a fixed value, and then the name stays whole", () => {
    const statsTags = [tag("envoy.cluster_name", "fixedValue", "z")];
    assert.equal(tagText({ statsTags }), "cluster.svc.upstream_cx_total envoy.cluster_name=z");
  });

  it("are all there is without the default tags, which can be named one by one", () => {
    assert.equal(tagText({ useAllDefaultTags: false }), "cluster.svc.upstream_cx_total ");
    assert.equal(
      tagText({ useAllDefaultTags: false, statsTags: [tag("envoy.cluster_name")] }),
      "cluster.upstream_cx_total envoy.cluster_name=svc",
    );
  });

  it("stand behind those of the command line", () => {
    const problems = new Problems({ locate: () => ({ place: null, path: "" }) });
    const commandLine = [{ name: "cli", value: "1" }];
    const message = { statsTags: [tag("dc", "fixedValue", "x")], histogramBucketSettings: [] };
    for (const [config, expected] of [
      [undefined, "cli=1,envoy.cluster_name=svc"],
      [message, "cli=1,dc=x,envoy.cluster_name=svc"],
    ] as const) {
      const { tags } = compileStatsConfig(
        config as unknown as StatsConfig,
        problems,
        commandLine,
      ).tags.extract(CLUSTER);
      assert.equal(tags.map(({ name, value }) => `${name}=${value}`).join(","), expected);
    }
  });

  it("are refused with an unknown name alone and with a broken expression", () => {
    const { problems } = compile({ statsTags: [tag("nope"), tag("x", "regex", "(")] });
    assert.equal(problems.length, 2);
    assert.match(problems[0]!, /^tag_name: .*"nope"/);
    assert.match(problems[1]!, /^regex: expected an ECMAScript expression/);
  });
});

describe("stats_matcher", () => {
  const prefix = { matchPattern: { case: "prefix", value: "cluster." }, ignoreCase: false };
  const accepts = (statsMatcher: object): boolean[] => {
    const { settings } = compile({ statsMatcher: { statsMatcher } });
    return [settings.accepts(CLUSTER), settings.accepts("http.a.b")];
  };

  it("includes, excludes and rejects all", () => {
    const patterns = { patterns: [prefix] };
    assert.deepEqual(accepts({ case: "inclusionList", value: patterns }), [true, false]);
    assert.deepEqual(accepts({ case: "exclusionList", value: patterns }), [false, true]);
    assert.deepEqual(accepts({ case: "rejectAll", value: true }), [false, false]);
    assert.deepEqual(accepts({ case: "rejectAll", value: false }), [true, true]);
  });

  it("takes every kind of string match", () => {
    const include = (matchPattern: object, ignoreCase = false): boolean =>
      accepts({ case: "inclusionList", value: { patterns: [{ matchPattern, ignoreCase }] } })[0]!;
    assert.equal(include({ case: "exact", value: CLUSTER }), true);
    assert.equal(include({ case: "exact", value: CLUSTER.toUpperCase() }), false);
    assert.equal(include({ case: "exact", value: CLUSTER.toUpperCase() }, true), true);
    assert.equal(include({ case: "suffix", value: "_total" }), true);
    assert.equal(include({ case: "contains", value: ".SVC." }, true), true);
    assert.equal(include({ case: "safeRegex", value: { regex: "cluster" } }), false);
    assert.equal(include({ case: "safeRegex", value: { regex: "cluster.*" } }), true);
  });

  it("reports a broken expression", () => {
    const matchPattern = { case: "safeRegex", value: { regex: "(" } };
    const value = { patterns: [{ matchPattern, ignoreCase: false }] };
    const { problems } = compile({
      statsMatcher: { statsMatcher: { case: "inclusionList", value } },
    });
    assert.match(problems.join("\n"), /^regex: expected an RE2 expression/);
  });
});

describe("histogram_bucket_settings", () => {
  it("apply to the histograms they match, the first that does", () => {
    const setting = (value: string, buckets: number[]): object => ({
      match: { matchPattern: { case: "prefix", value }, ignoreCase: false },
      buckets,
    });
    const { settings } = compile({
      histogramBucketSettings: [setting("cluster.a", [5, 1]), setting("cluster", [7])],
    });
    assert.deepEqual(settings.bucketsFor("cluster.a.x"), [1, 5]);
    assert.deepEqual(settings.bucketsFor("cluster.b.x"), [7]);
    assert.equal(settings.bucketsFor("http.x"), DEFAULT_BUCKETS);
  });
});
