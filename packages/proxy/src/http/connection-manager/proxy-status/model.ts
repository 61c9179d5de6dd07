/** `proxy_status_config` as plain data. */
export interface ProxyStatusConfig {
  /** What this proxy calls itself. */
  readonly name: string;
  readonly removeDetails: boolean;
  readonly removeConnectionTerminationDetails: boolean;
  readonly removeResponseFlags: boolean;
  /** Replace the status by the one that RFC 9209 recommends. */
  readonly setRecommendedResponseCode: boolean;
}
