/** What can stand in one list, with its links in itself: no memory is taken per membership. */
export interface Linked<T> {
  next: T | null;
  previous: T | null;
}

/** A list of things that come and go often. Who stands in it is in no other of its kind. */
export class IntrusiveList<T extends Linked<T>> {
  /** The one added last; null when there is none. */
  first: T | null = null;

  add(item: T): void {
    item.next = this.first;
    item.previous = null;
    if (this.first !== null) this.first.previous = item;
    this.first = item;
  }

  /** Only what is in the list. */
  remove(item: T): void {
    if (item.previous === null) this.first = item.next;
    else item.previous.next = item.next;
    if (item.next !== null) item.next.previous = item.previous;
    item.next = null;
    item.previous = null;
  }

  /** Calls `visit` with each; that one may leave the list meanwhile, the others stay. */
  each(visit: (item: T) => void): void {
    for (let item = this.first; item !== null;) {
      const { next } = item;
      visit(item);
      item = next;
    }
  }
}
