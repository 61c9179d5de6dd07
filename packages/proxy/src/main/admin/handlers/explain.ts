import type { RequestText } from "../../../explain/explain-request.ts";
import { explanationText } from "../../../explain/explanation-text.ts";
import type { HeaderLine } from "../../../explain/model.ts";
import { noPaint } from "../../../explain/text-tree.ts";
import { json, text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import { parameterValues } from "../query.ts";

/** What the running configuration does with a request, as `nuncio explain` tells it; not a path of Envoy's. */
export const explain: AdminHandler = {
  path: "/explain",
  help: "tell what becomes of a request, and why",
  mutates: false,
  params: [
    { id: "url", help: "URL of the request; its port chooses the listener" },
    { id: "method", help: "Method of the request, GET by default" },
    { id: "header", help: "A header of the request as name:value; may be repeated" },
    { id: "source", help: "Address of the client, with or without a port" },
    { id: "listener", help: "Name of the listener, instead of the port" },
    { id: "format", help: "Format to use", values: ["text", "json"] },
  ],
  handle: async ({ params, query }, providers) => {
    const format = params.get("format") || "text";
    if (format !== "text" && format !== "json")
      return text("usage: /explain?format=(json|text)\n\n", 400);
    const headers = parameterValues(query, "header").map(readHeader);
    const wrong = headers.find((header) => typeof header === "string");
    if (wrong !== undefined) return text(`header: expected name:value, got "${wrong}"\n`, 400);
    const request: RequestText = {
      url: params.get("url") ?? "",
      method: params.get("method") ?? "",
      headers: headers as HeaderLine[],
      source: params.get("source") ?? "",
      listener: params.get("listener") ?? "",
    };
    try {
      const explanation = await providers.explain(request);
      if (format === "json") return json(explanation);
      return text(explanationText(explanation, { paint: noPaint, allRoutes: false }));
    } catch (error) {
      if ((error as Error).name !== "ExplainError") throw error;
      return text(`${(error as Error).message}\n`, 400);
    }
  },
};

/** The text itself when it is no header. */
function readHeader(line: string): HeaderLine | string {
  const colon = line.indexOf(":");
  return colon < 1 ? line : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
