import {
  corsText,
  retryText,
  sessionText,
  type CorsParts,
  type RetryParts,
  type SessionParts,
} from "./route-features.ts";

/** A rewrite or redirect of the path. */
export interface PathParts {
  readonly full?: string | undefined;
  readonly prefix?: string | undefined;
}

/** Header changes as both translators have them. */
export interface HeaderParts {
  readonly set: readonly (readonly [string, string])[];
  readonly add: readonly (readonly [string, string])[];
  readonly remove: readonly string[];
}

/** The ports that a redirect means when it says none. */
export const KNOWN_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** What is done with requests of a route; texts of it are compared. */
export interface ActionParts {
  readonly status?: number | undefined;
  readonly redirect?: {
    readonly statusCode: number;
    readonly scheme?: string | undefined;
    readonly hostname?: string | undefined;
    /** The one that the client comes to. */
    readonly port: number | undefined;
    readonly path?: PathParts | undefined;
  };
  /** `namespace/name:port`, or `invalid`, with its weight. */
  readonly backends?: readonly {
    readonly to: string;
    readonly weight: number;
    readonly headers: string;
  }[];
  readonly mirrors?: readonly { readonly to: string; readonly percent: number }[];
  readonly rewrite?: {
    readonly hostname?: string | undefined;
    readonly path?: PathParts | undefined;
  };
  readonly requestHeaders: string;
  readonly responseHeaders: string;
  readonly timeoutMs?: number | undefined;
  readonly cors?: CorsParts | undefined;
  readonly retry?: RetryParts | undefined;
  readonly session?: SessionParts | undefined;
}

/** The action as one text: equal texts do the same. */
export function actionText(parts: ActionParts): string {
  const { status, redirect, rewrite, requestHeaders, responseHeaders, timeoutMs } = parts;
  const { cors, retry, session } = parts;
  const answer = [
    `response headers ${responseHeaders}`,
    ...(cors === undefined ? [] : [`cors ${corsText(cors)}`]),
  ];
  if (redirect !== undefined) return [redirectText(redirect), ...answer].join("; ");
  const backends = sumOf(parts.backends ?? []);
  const isUnserved = [...backends].every(([to, weight]) => to === "invalid" || weight === 0);
  if (status !== undefined || isUnserved) return `answer ${status ?? 500}`;
  return [
    `to ${[...backends]
      .map(([to, weight]) => `${to}*${weight}`)
      .toSorted()
      .join(" ")}`,
    `mirrors ${mirrorsText(parts.mirrors ?? [])}`,
    `rewrite ${rewriteText(rewrite)}`,
    `request headers ${requestHeaders}`,
    ...answer,
    `timeout ${timeoutMs ?? "-"}`,
    ...(retry === undefined ? [] : [`retry ${retryText(retry)}`]),
    ...(session === undefined ? [] : [`session ${sessionText(session)}`]),
  ].join("; ");
}

/** Copies as one text; those that are never made are left out. */
export function mirrorsText(mirrors: NonNullable<ActionParts["mirrors"]>): string {
  return mirrors
    .filter(({ percent }) => percent > 0)
    .map(({ to, percent }) => `${to}*${Number(percent.toFixed(3))}%`)
    .toSorted()
    .join(" ");
}

export function rewriteText(rewrite: ActionParts["rewrite"]): string {
  return `${rewrite?.hostname ?? "-"} ${pathText(rewrite?.path)}`;
}

/** Header changes as one text. */
export function headersText({ set, add, remove }: HeaderParts): string {
  return [
    ...set.map(([name, value]) => `${name.toLowerCase()}=${value}`),
    ...add.map(([name, value]) => `${name.toLowerCase()}+=${value}`),
    ...remove.map((name) => `-${name.toLowerCase()}`),
  ]
    .toSorted()
    .join(",");
}

function redirectText({
  statusCode,
  scheme,
  hostname,
  port,
  path,
}: NonNullable<ActionParts["redirect"]>): string {
  const target = `${scheme ?? "-"}://${hostname ?? "-"}:${port ?? "-"} ${pathText(path)}`;
  return `redirect ${statusCode} ${target}`;
}

/** `/new/` and `/new` are the same prefix. */
function pathText({ full, prefix }: PathParts = {}): string {
  if (full !== undefined) return `whole ${full}`;
  return prefix === undefined ? "-" : `prefix ${prefix.replace(/\/+$/, "") || "/"}`;
}

/** One backend may be named twice. */
function sumOf(backends: NonNullable<ActionParts["backends"]>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { to, weight, headers } of backends) {
    if (weight === 0) continue;
    const name = headers === "" || to === "invalid" ? to : `${to}(${headers})`;
    sums.set(name, (sums.get(name) ?? 0) + weight);
  }
  return sums;
}
