/** What of `Admin` is implemented. `profile_path` is for profilers that are not there, `socket_options` for the kernel. */
export const implemented = {
  "envoy.config.bootstrap.v3.Admin": [
    "access_log",
    "access_log_path",
    "address",
    "ignore_global_conn_limit",
    "allow_paths",
  ],
} as const;
