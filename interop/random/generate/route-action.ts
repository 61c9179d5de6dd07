import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { extension, flag, maybe, message, one } from "./fields.ts";
import { headerEdits } from "./header-edits.ts";

/** Clusters that every case has; `gone` is one that no case has. */
const CLUSTERS: readonly string[] = ["${up}", "${two}"];
const TEMPLATE_REWRITE = "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig";

const regexRewrite = fc
  .constantFrom(
    ["^/(.*)$", "/new/\\1"],
    ["/a", "/b"],
    ["^/([^/]+)/([^/]+)", "/\\2/\\1"],
    ["b+", ""],
    [".*", "/x"],
    ["^/", ""],
    ["(?i)A", "\\0\\0"],
    ["/$", "?added=1"],
  )
  .map(([regex, substitution]) => ({ pattern: { regex }, substitution }));

/** At most one of the ways in which a path is rewritten. */
const pathRewrite: Arbitrary<Config> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: message({ prefix_rewrite: one("/", "/new", "/new/", "/x?y=z", "/A/b") }),
  },
  { weight: 3, arbitrary: message({ regex_rewrite: regexRewrite }) },
  {
    weight: 1,
    arbitrary: message({
      path_rewrite_policy: extension(
        TEMPLATE_REWRITE,
        message({
          path_template_rewrite: one("/{x}", "/{x}/new", "/{y}/{x}", "/new", "/{x}-{y}", "/{z}"),
        }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: message({
      path_rewrite: one("/f%REQ(X-A)%", "%PATH(NQ)%/f", "/f?%QUERY_PARAM(q)%"),
    }),
  },
);

const hostRewrite: Arbitrary<Config> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: message({ host_rewrite_literal: one("new.test", "New.test:81") }) },
  { weight: 1, arbitrary: message({ host_rewrite_header: one("x-a", "x-b", "host") }) },
  {
    weight: 1,
    arbitrary: message({
      host_rewrite_path_regex: fc.constantFrom(
        { pattern: { regex: "^/([^/]+).*$" }, substitution: "\\1.test" },
        { pattern: { regex: "/b" }, substitution: "b" },
      ),
    }),
  },
  { weight: 1, arbitrary: message({ auto_host_rewrite: flag }) },
  { weight: 1, arbitrary: message({ host_rewrite: one("%REQ(X-A)%.test", "f.test") }) },
);

const weight = one(0, 100);

const weightedClusters: Arbitrary<Config> = fc
  .tuple(weight, headerEdits(30), headerEdits(30), maybe(20, one("up.test")))
  .map(([first, edits, others, host]) => ({
    clusters: [
      {
        name: CLUSTERS[0],
        weight: first,
        ...edits,
        ...(host === undefined ? {} : { host_rewrite_literal: host }),
      },
      { name: CLUSTERS[1], weight: 100 - first, ...others },
    ],
  }));

const target: Arbitrary<Config> = fc.oneof(
  { weight: 12, arbitrary: message({ cluster: one(...CLUSTERS) }) },
  { weight: 2, arbitrary: message({ cluster_header: one("x-cluster", "x-a") }) },
  { weight: 3, arbitrary: message({ weighted_clusters: weightedClusters }) },
);

/** `envoy.config.route.v3.RouteAction`. */
const forward: Arbitrary<Config> = fc
  .tuple(
    target,
    pathRewrite,
    hostRewrite,
    message({
      append_x_forwarded_host: maybe(20, flag),
      cluster_not_found_response_code: maybe(10, one("NOT_FOUND", "INTERNAL_SERVER_ERROR")),
      timeout: maybe(15, one("0s", "9s", "20.5s")),
      idle_timeout: maybe(5, one("0s", "30s")),
      priority: maybe(10, one("HIGH", "DEFAULT")),
      max_stream_duration: maybe(
        8,
        message({
          max_stream_duration: maybe(50, one("0s", "30s")),
          grpc_timeout_header_max: maybe(50, one("0s", "7s")),
          grpc_timeout_header_offset: maybe(30, one("1s")),
        }),
      ),
      internal_redirect_policy: maybe(
        5,
        message({
          max_internal_redirects: maybe(50, one(1, 2)),
          redirect_response_codes: maybe(30, fc.constant([301, 302])),
          allow_cross_scheme_redirect: maybe(50, flag),
        }),
      ),
    }),
  )
  .map(([cluster, path, host, rest]) => ({
    route: { ...cluster, ...path, ...host, ...rest },
  }));

const redirectPath: Arbitrary<Config> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: message({ path_redirect: one("/new", "/new?x=y", "new") }) },
  { weight: 2, arbitrary: message({ prefix_rewrite: one("/", "/new", "/new/") }) },
  { weight: 2, arbitrary: message({ regex_rewrite: regexRewrite }) },
  { weight: 1, arbitrary: message({ path_rewrite: one("/f%REQ(X-A)%", "%PATH(NQ)%/f") }) },
);

/** `envoy.config.route.v3.RedirectAction`. */
const redirect: Arbitrary<Config> = fc
  .tuple(
    redirectPath,
    fc.oneof(
      fc.constant({}),
      message({ https_redirect: flag }),
      message({ scheme_redirect: one("http", "https", "ws") }),
    ),
    message({
      host_redirect: maybe(30, one("r.test", "r.test:80", "[::1]")),
      port_redirect: maybe(20, one(80, 443, 8443)),
      response_code: maybe(
        30,
        one("FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"),
      ),
      strip_query: maybe(25, flag),
    }),
  )
  .map(([path, scheme, rest]) => ({ redirect: { ...path, ...scheme, ...rest } }));

/** `envoy.config.route.v3.DirectResponseAction`. */
const directResponse: Arbitrary<Config> = message({
  direct_response: message({
    status: one(200, 201, 301, 403, 404, 418, 503, 599),
    body: maybe(60, message({ inline_string: one("direct", "", "%RESPONSE_CODE%", "a\nb") })),
    body_format: maybe(
      10,
      message({
        text_format_source: message({ inline_string: one("f %RESPONSE_CODE%", "%REQ(X-A)%") }),
        content_type: maybe(30, one("text/x")),
      }),
    ),
  }),
});

/** What a route does. */
export const routeAction: Arbitrary<Config> = fc.oneof(
  { weight: 7, arbitrary: forward },
  { weight: 2, arbitrary: redirect },
  { weight: 2, arbitrary: directResponse },
);
