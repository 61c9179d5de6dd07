/** What an admin interface answers. */
export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A path of an admin interface. */
export interface AdminPage {
  /** For the list of all pages. */
  readonly help: string;
  readonly answer: (query: URLSearchParams) => AdminAnswer;
}

/** An answer for people. */
export function text(body: string, status = 200): AdminAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body };
}

/** An answer for programs: plain data. */
export function json(value: unknown): AdminAnswer {
  return jsonText(`${JSON.stringify(value, null, 1)}\n`);
}

/** The same, written already. */
export function jsonText(body: string): AdminAnswer {
  return { status: 200, contentType: "application/json", body };
}
