/** Filters of requests that are sent on. A redirect sends none, so they could only be left out. */
const OF_FORWARDING = ["URLRewrite", "RequestMirror", "ExternalAuth"] as const;

/**
 * Calls `refuse` for each type of filter that does not go with a RequestRedirect.
 *
 * @param redirecting types of the list that may have the redirect
 * @param others types that apply to the same requests: that list's own, or those of the rule around it
 */
export function refuseBesideRedirect(
  redirecting: ReadonlySet<string>,
  others: ReadonlySet<string>,
  refuse: (type: string) => void,
): void {
  if (!redirecting.has("RequestRedirect")) return;
  for (const type of OF_FORWARDING) if (others.has(type)) refuse(type);
}
