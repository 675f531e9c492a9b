/** What one of them has started by the time the other fails must not start more while everything is being stopped. */
export async function allOrNone<A, B>(parts: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}
