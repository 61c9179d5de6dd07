const GATEWAY_PARTS = 2;

/**
 * The name of a listener among those of its Gateway, as names of its route configurations have it: those of ListenerSets are
 * `<namespace>_<set>_<listener>`.
 *
 * @param id `<namespace>/<gateway>/<listener>`, or `<namespace>/<gateway>/<namespace>/<set>/<listener>`
 */
export function listenerLabel(id: string): string {
  return id.split("/").slice(GATEWAY_PARTS).join("_");
}
