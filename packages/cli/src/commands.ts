import type { CommandGroup } from "./command-line/command.ts";
import { HELP_COMMAND } from "./command-line/help-command.ts";

/** All commands of `nuncio`. */
export const COMMANDS: CommandGroup = {
  help: "an L4/L7 proxy that runs Envoy's configuration, and a control plane for Gateway API",
  placeholder: "COMMAND",
  commands: {
    proxy: {
      help: "run an Envoy v3 configuration; nuncio proxy --help lists the flags",
      load: async () => (await import("./proxy/command.ts")).PROXY_COMMAND,
    },
    gateway: {
      help: "serve resources of Gateway API to data planes; nuncio gateway --help lists what there is",
      placeholder: "WHAT",
      commands: {
        run: {
          help: "serve resources of Gateway API; nuncio gateway run --help lists the flags",
          load: async () => (await import("./gateway/command.ts")).GATEWAY_RUN_COMMAND,
        },
      },
    },
    explain: {
      help: "tell what a configuration does with a request, and why",
      load: async () => (await import("./explain/command.ts")).EXPLAIN_COMMAND,
    },
    restart: {
      help: "hot restart: a new process takes over from the running proxy",
      load: async () => (await import("./restart/command.ts")).RESTART_COMMAND,
    },
    ctl: {
      help: "look into what runs, or would run; nuncio ctl --help lists what there is",
      placeholder: "WHAT",
      commands: {
        translate: {
          help: "what becomes of resources of Gateway API",
          load: async () => (await import("./ctl/translate.ts")).CTL_TRANSLATE_COMMAND,
        },
        status: {
          help: "what became of resources of Gateway API",
          load: async () => (await import("./ctl/status.ts")).CTL_STATUS_COMMAND,
        },
        analyze: {
          help: "mistakes in resources of Gateway API, and what would help",
          load: async () => (await import("./ctl/analyze.ts")).CTL_ANALYZE_COMMAND,
        },
        diff: {
          help: "what a change of resources of Gateway API would do",
          load: async () => (await import("./ctl/diff.ts")).CTL_DIFF_COMMAND,
        },
        apply: {
          help: "put resources of Gateway API into an etcd",
          load: async () => (await import("./ctl/apply.ts")).CTL_APPLY_COMMAND,
        },
        get: {
          help: "the resources that an etcd has",
          load: async () => (await import("./ctl/get.ts")).CTL_GET_COMMAND,
        },
        delete: {
          help: "take resources out of an etcd",
          load: async () => (await import("./ctl/delete.ts")).CTL_DELETE_COMMAND,
        },
        config: {
          help: "the configuration that a running proxy has",
          load: async () => (await import("./ctl/config.ts")).CTL_CONFIG_COMMAND,
        },
        stats: {
          help: "counters, gauges and histograms of a running proxy or control plane",
          load: async () => (await import("./ctl/stats.ts")).CTL_STATS_COMMAND,
        },
        collect: {
          help: "all that running proxies and their control plane tell, in one folder",
          load: async () => (await import("./ctl/collect.ts")).CTL_COLLECT_COMMAND,
        },
        xds: {
          help: "what control planes gave a running proxy; nuncio ctl xds --help lists the flags",
          load: async () => (await import("./ctl/xds.ts")).CTL_XDS_COMMAND,
        },
      },
    },
    quickstart: {
      help: "run the example configuration in front of two demo services",
      load: async () => (await import("./quickstart/command.ts")).QUICKSTART_COMMAND,
    },
    completion: {
      help: "print what has a shell complete commands: bash, zsh or fish",
      load: async () => (await import("./completion/command.ts")).COMPLETION_COMMAND,
    },
    man: {
      help: "print the manual page of a command",
      load: async () => (await import("./man/command.ts")).MAN_COMMAND,
    },
    version: {
      help: "print the version",
      load: async () => (await import("./version/command.ts")).VERSION_COMMAND,
    },
    help: { help: "print this", load: async () => HELP_COMMAND },
  },
};
