import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";

const INJECTED = "type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3";

/** What the injected resource is called in triggers. */
const RESOURCE = "pressure";

/** A trigger that fires at this pressure of the injected resource, in flow style. */
export function threshold(value: number): string {
  return `{ name: ${RESOURCE}, threshold: { value: ${value} } }`;
}

/** One that begins at one pressure and is saturated at another. */
export function scaled(from: number, to: number): string {
  return `{ name: ${RESOURCE}, scaled: { scaling_threshold: ${from}, saturation_threshold: ${to} } }`;
}

/** `overload_manager` with an action of Envoy's, by the end of its name; `more`: fields of it, in flow style. */
export function action(name: string, trigger: string, more = ""): string {
  return `actions: [{ name: envoy.overload_actions.${name}, triggers: [${trigger}]${more} }]`;
}

/** The same with a load shed point. */
export function loadShedPoint(name: string, trigger: string): string {
  return `loadshed_points: [{ name: envoy.load_shed_points.${name}, triggers: [${trigger}] }]`;
}

/** A proxy under a pressure that the test sets. */
export interface OverloadRig {
  readonly proxy: TestProxy;
  /** Sets the pressure, and has it measured. */
  press(pressure: number): void;
  /** A new client connection to the listener `main`. */
  client(): RawClient;
  /** Asks on a connection, and returns what comes up to the end of a body that ends with one of these. */
  ask(client: RawClient, path: string, ...ends: string[]): Promise<string>;
}

/** What a rig differs in. */
export interface OverloadRigOptions {
  /** Fields of `overload_manager`, in flow style, beside the injected resource. */
  readonly overload: string;
  /** More resource monitors, in flow style, with a comma in front. */
  readonly monitors?: string;
  /** Fields of the listener, lines of YAML at four spaces. */
  readonly listener?: string;
  /** Fields of the HTTP connection manager, lines of YAML at ten spaces. */
  readonly hcm?: string;
  /** The port of the cluster `origin`, which is asked for paths below `/up`. */
  readonly originPort?: number;
  /** Instead of the HTTP listener: the whole bootstrap but for `overload_manager`. */
  readonly bootstrap?: string;
}

/** Starts it: everything but `/up` is answered with `hi`; stats below `http.in.`. It ends with the test. */
export async function startOverloadRig(
  t: TestContext,
  options: OverloadRigOptions,
): Promise<OverloadRig> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-overload-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "pressure");
  writeFileSync(file, "0");
  const injected = `{ name: ${RESOURCE}, typed_config: { "@type": ${INJECTED}.InjectedResourceConfig, filename: ${file} } }`;
  const proxy = await startProxy(
    `${options.bootstrap ?? httpListener(options)}
overload_manager: { resource_monitors: [${injected}${options.monitors ?? ""}], ${options.overload} }
`,
  );
  const clients: RawClient[] = [];
  t.after(() => {
    for (const client of clients) client.close();
    proxy.close();
  });
  return {
    proxy,
    press(pressure) {
      writeFileSync(file, String(pressure));
      proxy.refreshOverload();
    },
    client() {
      const client = new RawClient(proxy.port("main"));
      clients.push(client);
      return client;
    },
    async ask(client, path, ...ends) {
      client.received = "";
      client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
      return client.until((text) => ends.some((end) => text.endsWith(end)));
    },
  };
}

function httpListener({ listener = "", hcm = "", originPort = 1 }: OverloadRigOptions): string {
  return httpBootstrap(
    `${hcm}
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: /up }
                route: { cluster: origin }
              - match: { prefix: / }
                direct_response: { status: 200, body: { inline_string: hi } }`,
    [clusterYaml("origin", originPort)],
  ).replace("  - name: main\n", `  - name: main\n${listener}\n`);
}
