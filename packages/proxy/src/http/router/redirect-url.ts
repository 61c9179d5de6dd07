/** The parts of an absolute URL that a redirect may lead to. */
export interface RedirectUrl {
  /** As it is written. */
  readonly scheme: string;
  /** With the port, where there is one. */
  readonly authority: string;
  /** With the query; `/` for none. A fragment is left out. */
  readonly path: string;
}

const CONTROL_OR_SPACE = /[\x00-\x20\x7f]/;
const URL_FORM =
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^@/?#]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::(\d{1,5}))?([/?][^#]*)?(?:#.*)?$/;
const PORT_MAX = 65_535;

/** Reads a `location`; null when it is no absolute URL. User information is dropped. */
export function parseRedirectUrl(location: string): RedirectUrl | null {
  if (CONTROL_OR_SPACE.test(location)) return null;
  const parts = URL_FORM.exec(location);
  if (parts === null) return null;
  const [, scheme, host, port, path = "/"] = parts;
  if (port !== undefined && Number(port) > PORT_MAX) return null;
  return {
    scheme: scheme!,
    authority: port === undefined ? host! : `${host}:${port}`,
    path,
  };
}
