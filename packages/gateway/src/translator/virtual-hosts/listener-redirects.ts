import type { IrRedirect, IrRoute } from "../../ir/route.ts";
import { redirectsOfListener, type ListenerPort } from "../routes/http/redirect.ts";

/**
 * Routes with a redirect as listeners give them. The same objects for the same route each time, so that whoever is behind
 * sees which have changed.
 */
export class ListenerRedirects {
  readonly #told = new Map<string, WeakMap<IrRoute, readonly IrRoute[]>>();

  told(route: IrRoute, action: IrRedirect, listener: ListenerPort): readonly IrRoute[] {
    const ofListener = this.#of(`${listener.protocol} ${listener.port}`);
    let told = ofListener.get(route);
    if (told === undefined)
      ofListener.set(route, (told = redirectsOfListener(route, action, listener)));
    return told;
  }

  #of(listener: string): WeakMap<IrRoute, readonly IrRoute[]> {
    let told = this.#told.get(listener);
    if (told === undefined) this.#told.set(listener, (told = new WeakMap()));
    return told;
  }
}
