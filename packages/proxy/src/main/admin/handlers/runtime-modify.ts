import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const runtimeModify: AdminHandler = {
  path: "/runtime_modify",
  help:
    "Adds or modifies runtime values as passed in query parameters. To delete a previously added key, use an " +
    "empty string as the value. Note that deletion only applies to overrides added via this endpoint; values " +
    "loaded from disk can be modified via override but not deleted. E.g. ?key1=value1&key2=value2...",
  mutates: true,
  params: [],
  handle: ({ params }, providers) => {
    if (params.size === 0) {
      return text(
        "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\n" +
          "       or send the parameters as form values\n" +
          "use an empty value to remove a previously added override",
        400,
      );
    }
    const error = providers.modifyRuntime(params);
    return error === null ? text("OK\n") : text(error, 503);
  },
};
