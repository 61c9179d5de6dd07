import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { flag, maybe, message, one } from "./fields.ts";
import { fitRewrite } from "./fit-rewrite.ts";
import { headerEdits } from "./header-edits.ts";
import { perFilterConfig } from "./http-filters.ts";
import { matcherTree } from "./matcher-tree.ts";
import { headerMatcher } from "./matchers.ts";
import { routeAction } from "./route-action.ts";
import { routeMatch } from "./route-match.ts";
import { DOMAINS } from "./vocabulary.ts";

const ROUTES_MAX = 5;
const VIRTUAL_HOSTS_MAX = 4;
const DOMAINS_MAX = 3;

const metadata = one("v1", "v2").map((k) => ({ filter_metadata: { m: { k, n: 1 } } }));

/** `envoy.config.route.v3.Route`. Of a hundred, two may have a rewrite that does not go with their match. */
const route: Arbitrary<Config> = fc
  .tuple(
    fc
      .tuple(routeMatch, routeAction, maybe(2, fc.constant(true)))
      .map(([match, action, misfit]) => ({
        match,
        ...(misfit === true ? action : fitRewrite(match, action)),
      })),
    headerEdits(15),
    message({
      name: maybe(60, one("r1", "r2", "r3")),
      stat_prefix: maybe(5, one("sp")),
      metadata: maybe(8, metadata),
      typed_per_filter_config: maybe(8, perFilterConfig),
    }),
  )
  .map(([body, edits, rest]) => ({ ...body, ...edits, ...rest }));

const routes = fc.array(route, { minLength: 1, maxLength: ROUTES_MAX });

const virtualHost: Arbitrary<Config> = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: message({ routes }) },
      { weight: 1, arbitrary: message({ matcher: matcherTree(route) }) },
    ),
    headerEdits(15),
    message({
      virtual_clusters: maybe(
        8,
        fc.array(
          message({
            name: one("vc1", "vc2"),
            headers: fc.array(headerMatcher, { minLength: 1, maxLength: 2 }),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      metadata: maybe(8, metadata),
      typed_per_filter_config: maybe(6, perFilterConfig),
      require_tls: maybe(4, one("NONE", "EXTERNAL_ONLY", "ALL")),
      include_request_attempt_count: maybe(8, flag),
      include_attempt_count_in_response: maybe(8, flag),
    }),
  )
  .map(([body, edits, rest]) => ({ ...body, ...edits, ...rest }));

/** Virtual hosts with names of their own. Their domains overlap; a few of many repeat one, which is refused. */
export const virtualHosts: Arbitrary<Config[]> = fc
  .tuple(
    fc.array(virtualHost, { minLength: 1, maxLength: VIRTUAL_HOSTS_MAX }),
    fc.uniqueArray(one(...DOMAINS), {
      minLength: VIRTUAL_HOSTS_MAX,
      maxLength: VIRTUAL_HOSTS_MAX * DOMAINS_MAX,
      selector: (domain) => domain.toLowerCase(),
    }),
    maybe(2, one(...DOMAINS)),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([hosts, domains, again, anyAt]) =>
    hosts.map((host, index) => {
      const own = domains.filter((_, number) => number % hosts.length === index);
      if (anyAt === index && !domains.includes("*")) own.push("*");
      if (again !== undefined && index === 0) own.push(again);
      return { name: `v${index + 1}`, domains: own.slice(-DOMAINS_MAX), ...host };
    }),
  );

/** What a table says besides its virtual hosts. */
export const tableOptions: Arbitrary<Config> = fc
  .tuple(
    headerEdits(15),
    message({
      internal_only_headers: maybe(8, fc.constant(["x-a"])),
      most_specific_header_mutations_wins: maybe(15, flag),
      ignore_port_in_host_matching: maybe(15, flag),
      ignore_path_parameters_in_path_matching: maybe(10, flag),
      vhost_header: maybe(4, one("x-a", "x-b")),
      typed_per_filter_config: maybe(4, perFilterConfig),
    }),
  )
  .map(([edits, rest]) => ({ ...edits, ...rest }));
