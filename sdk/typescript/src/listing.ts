/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** Whether another page follows. */
  has_more: boolean;
}

/**
 * A list: await it for one page, or go through all of it with `for await`,
 * which fetches pages as it goes. Nothing is asked before one of the two.
 */
export class Listing<P extends { has_more: boolean }, T> implements Promise<P>, AsyncIterable<T> {
  readonly [Symbol.toStringTag] = "Listing";
  private first: Promise<P> | undefined;

  /**
   * @param fetch gets the page after an object, the first one without.
   * @param items are the objects of a page.
   */
  constructor(
    private readonly fetch: (after?: T) => Promise<P>,
    private readonly items: (page: P) => T[],
  ) {}

  private page(): Promise<P> {
    return (this.first ??= this.fetch());
  }

  then<A = P, B = never>(
    onfulfilled?: ((value: P) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.page().then(onfulfilled, onrejected);
  }

  catch<B = never>(onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<P | B> {
    return this.page().catch(onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<P> {
    return this.page().finally(onfinally);
  }

  /** Each page. */
  async *pages(): AsyncGenerator<P, void, undefined> {
    let page = await this.page();
    for (;;) {
      yield page;
      const last = this.items(page).at(-1);
      if (!page.has_more || last === undefined) return;
      page = await this.fetch(last);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* this.items(page);
  }
}

/** A list whose next page begins after the id of the last object. */
export function byId<T extends { id: string }>(fetch: (startingAfter: { starting_after?: string }) => Promise<Page<T>>): Listing<Page<T>, T> {
  return new Listing(
    (after) => fetch(after ? { starting_after: after.id } : {}),
    (page) => page.data,
  );
}
