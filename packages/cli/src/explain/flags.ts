import { HELP_FLAG } from "../command-line/command.ts";
import { ALLOW_UNIMPLEMENTED_FLAG, NODE_FLAGS, SOURCE_FLAGS } from "../config-flags.ts";
import type { Flag } from "../flags.ts";

/** The flags of `nuncio explain`; those of the configuration are those of `nuncio proxy`. */
export const EXPLAIN_FLAGS: readonly Flag[] = [
  ...SOURCE_FLAGS,
  { name: "admin", value: "URL", help: "ask a running proxy by its admin interface instead" },
  { name: "request", short: "X", value: "METHOD", help: "default: GET" },
  {
    name: "header",
    short: "H",
    value: "'NAME: VALUE'",
    repeatable: true,
    help: "a header of the request; may be repeated",
  },
  {
    name: "source",
    value: "ADDRESS",
    help: "the client, with or without a port; default: 127.0.0.1",
  },
  { name: "listener", value: "NAME", help: "default: the one that the URL's port leads to" },
  {
    name: "against",
    value: "FILE",
    help: "another configuration: tell what changes; exit code 3 when something does",
  },
  {
    name: "requests",
    value: "FILE",
    help: "requests to explain, a table of them: HAR, or a JSON object a line",
  },
  { name: "all", help: "every route that was asked, also long runs of those for other paths" },
  { name: "json", help: "print JSON; docs/explain.md has its shape" },
  ALLOW_UNIMPLEMENTED_FLAG,
  ...NODE_FLAGS,
  HELP_FLAG,
];
