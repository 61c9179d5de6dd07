import { isIP } from "node:net";
import type { Address } from "../observe/stream-info.ts";
import { ipAddress } from "../transport/address.ts";
import { ExplainError } from "./explain-error.ts";
import type { HeaderLine } from "./model.ts";

/** A request as a user writes it down. */
export interface RequestText {
  /** `http://host:port/path?query`. */
  readonly url: string;
  /** GET when empty. */
  readonly method?: string;
  readonly headers?: readonly HeaderLine[];
  /** `10.0.0.1` or `10.0.0.1:4711`; the loopback when empty. */
  readonly source?: string;
  /** The listener's name; the URL decides when empty. */
  readonly listener?: string;
}

/** The same, read. */
export interface ExplainRequest {
  readonly method: string;
  readonly scheme: "http" | "https";
  /** The URL's host, without port and brackets. */
  readonly hostname: string;
  readonly port: number;
  /** What a client would send: origin-form, or the authority for CONNECT. */
  readonly target: string;
  /** The Host header. */
  readonly host: string;
  /** Names in lower case, without Host. */
  readonly headers: readonly HeaderLine[];
  readonly source: Address;
  readonly listener: string;
}

const DEFAULT_SOURCE_PORT = 50_000;
const URL_PARTS = /^(https?):\/\/(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads a request. The path stays as it is written: what the proxy makes of `..`, `//` or `%2F` is to be seen.
 * @throws ExplainError
 */
export function readRequest(text: RequestText): ExplainRequest {
  const { url, method = "", source = "", listener = "" } = text;
  const { path, authority, ...parts } = readUrl(url);
  if (method !== "" && !TOKEN.test(method))
    throw new ExplainError(`expected a method, got "${method}"`);
  const headers = (text.headers ?? []).map(([name, value]) => readHeader(name, value));
  return {
    ...parts,
    method: method || "GET",
    target: method === "CONNECT" ? authority : path,
    host: headers.find(([name]) => name === "host")?.[1] ?? authority,
    headers: headers.filter(([name]) => name !== "host"),
    source: readSource(source),
    listener,
  };
}

interface UrlParts extends Pick<ExplainRequest, "scheme" | "hostname" | "port"> {
  readonly authority: string;
  readonly path: string;
}

function readUrl(url: string): UrlParts {
  const [, protocol = "", hostname = "", port, path = ""] = URL_PARTS.exec(url) ?? [];
  if (hostname === "")
    throw new ExplainError(`expected a URL such as http://host:port/path, got "${url}"`);
  const scheme = protocol.toLowerCase() === "https" ? "https" : "http";
  return {
    scheme,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === undefined ? DEFAULT_PORTS[scheme] : readPort(port, url),
    authority: hostname + (port === undefined ? "" : `:${port}`),
    path: path.startsWith("/") ? path : `/${path}`,
  };
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** The bytes that a client would send; a request without a body. */
export function requestBytes(request: ExplainRequest): Buffer {
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `${request.method} ${request.target} HTTP/1.1\r\nhost: ${request.host}\r\n${lines.join("")}\r\n`,
    "utf8",
  );
}

function readHeader(name: string, value: string): HeaderLine {
  if (!TOKEN.test(name)) throw new ExplainError(`expected the name of a header, got "${name}"`);
  if (/[\r\n\0]/.test(value))
    throw new ExplainError(`header ${name}: expected a value without line breaks`);
  return [name.toLowerCase(), value.trim()];
}

function readPort(text: string, where: string): number {
  const port = Number(text);
  if (port > 65_535) throw new ExplainError(`expected a port up to 65535, got "${where}"`);
  return port;
}

function readSource(text: string): Address {
  if (text === "") return ipAddress("127.0.0.1", DEFAULT_SOURCE_PORT);
  if (isIP(text) !== 0) return ipAddress(text, DEFAULT_SOURCE_PORT);
  const parts = /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(text)!;
  const ip = parts[1] ?? parts[2]!;
  if (isIP(ip) === 0)
    throw new ExplainError(`source: expected an IP address, with or without a port, got "${text}"`);
  return ipAddress(ip, parts[3] === undefined ? DEFAULT_SOURCE_PORT : readPort(parts[3], text));
}
